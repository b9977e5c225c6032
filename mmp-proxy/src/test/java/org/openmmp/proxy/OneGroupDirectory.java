package org.openmmp.proxy;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.openmmp.directory.Directory;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;

/** Everybody's mail is in the group {@code one}; the user {@code bug} makes it throw. */
final class OneGroupDirectory implements Directory {
  @Override
  public CompletionStage<LookupResult> lookUp(LookupRequest request) {
    if (request.loginName().equals("bug")) {
      throw new IllegalStateException("a mistake of ours");
    }
    return CompletableFuture.completedStage(
        new LookupResult(
            LookupResult.Kind.FOUND,
            request.loginName(),
            "one",
            request.loginName(),
            "uid=any",
            Map.of(),
            LookupResult.Freshness.CACHED,
            "found"));
  }

  @Override
  public CompletionStage<BindResult> bind(LookupResult user, byte[] password) {
    return CompletableFuture.completedStage(BindResult.DIRECTORY_DOWN);
  }

  @Override
  public String identityOf(String typed, String defaultDomain) {
    return typed;
  }

  @Override
  public boolean preAuthenticates(String login) {
    return false;
  }

  @Override
  public void forget(String login) {}

  @Override
  public void forgetAll() {}

  @Override
  public void close() {}
}
