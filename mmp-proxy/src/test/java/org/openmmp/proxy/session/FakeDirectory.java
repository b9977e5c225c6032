package org.openmmp.proxy.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.openmmp.directory.Directory;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;

/**
 * A directory that remembers what it was told to forget; its answers are handed out by the test.
 */
final class FakeDirectory implements Directory {
  final List<String> forgotten = new ArrayList<>();
  boolean preAuthenticates;
  String preAuthenticatedDomain = "none.example";

  /** A user whose mail is at that host; the store knows the name in capitals. */
  static LookupResult userAt(String mailHost) {
    return new LookupResult(
        LookupResult.Kind.FOUND,
        "bob@example.org",
        mailHost,
        "BOB",
        "uid=bob",
        Map.of(),
        LookupResult.Freshness.LOOKED_UP,
        "found");
  }

  @Override
  public CompletionStage<LookupResult> lookUp(LookupRequest request) {
    return new CompletableFuture<>();
  }

  @Override
  public CompletionStage<BindResult> bind(LookupResult user, byte[] password) {
    return new CompletableFuture<>();
  }

  @Override
  public String identityOf(String typed, String defaultDomain) {
    return typed.contains("@") ? typed : typed + "@example.org";
  }

  @Override
  public boolean preAuthenticates(String login) {
    return preAuthenticates || login.endsWith('@' + preAuthenticatedDomain);
  }

  @Override
  public void forget(String login) {
    forgotten.add(login);
  }

  @Override
  public void forgetAll() {
    forgotten.add("*");
  }

  @Override
  public void close() {}
}
