package org.openmmp.directory.ldap;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.openmmp.config.DirectoryConfig;
import org.openmmp.directory.Directory;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupRequest.Purpose;
import org.openmmp.directory.LookupResult;

/** A directory under test, with its clock, what it announced, and short ways to ask it. */
final class Client implements AutoCloseable, DirectoryListener {
  final FakeTicker ticker = new FakeTicker();
  final AtomicInteger turnedAway = new AtomicInteger();
  final Map<LookupResult.Freshness, Integer> lookups = new ConcurrentHashMap<>();
  final LdapDirectory directory;
  private final Map<String, CountDownLatch> changes = new ConcurrentHashMap<>();

  Client(Settings settings) {
    this(settings, address -> "");
  }

  Client(Settings settings, UnaryOperator<String> clientNames) {
    DirectoryConfig config = settings.build();
    directory = new LdapDirectory(config, this, ticker, clientNames);
  }

  CompletableFuture<LookupResult> begin(String login) {
    return begin(login, "imap", "192.0.2.7");
  }

  CompletableFuture<LookupResult> begin(String login, String service, String clientIp) {
    LookupRequest request = new LookupRequest(login, "", service, false, clientIp, "192.0.2.254");
    return directory.lookUp(request).toCompletableFuture();
  }

  LookupResult lookUp(String login) throws Exception {
    return begin(login).get(20, TimeUnit.SECONDS);
  }

  LookupResult lookUp(String login, String service, String clientIp) throws Exception {
    return begin(login, service, clientIp).get(20, TimeUnit.SECONDS);
  }

  LookupResult recipient(String address) throws Exception {
    LookupRequest request =
        new LookupRequest(Purpose.DELIVERY, address, "", "lmtp", false, "192.0.2.7", "192.0.2.254");
    return directory.lookUp(request).toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  Directory.BindResult bind(LookupResult user, String password) throws Exception {
    return directory
        .bind(user, password.getBytes(StandardCharsets.UTF_8))
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  /** Waits until a server was announced as up or down. */
  void awaitState(LdapServerFixture server, boolean up) throws InterruptedException {
    if (!change("localhost:" + server.port(), up).await(20, TimeUnit.SECONDS)) {
      throw new AssertionError("not announced: " + server.port() + (up ? " up" : " down"));
    }
  }

  @Override
  public void onLookup(LookupResult.Kind kind, LookupResult.Freshness freshness, long nanos) {
    lookups.merge(freshness, 1, Integer::sum);
  }

  @Override
  public void onServerState(String server, boolean up) {
    change(server, up).countDown();
  }

  @Override
  public void onTurnedAway() {
    turnedAway.incrementAndGet();
  }

  @Override
  public void close() {
    directory.close();
  }

  private CountDownLatch change(String server, boolean up) {
    return changes.computeIfAbsent(server + up, key -> new CountDownLatch(1));
  }
}
