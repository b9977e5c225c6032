package org.openmmp.directory.ldap;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
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
  private final Map<String, Boolean> states = new ConcurrentHashMap<>();
  private final Set<String> behind = ConcurrentHashMap.newKeySet();

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

  LookupResult recipient(String address, String... shorter) throws Exception {
    return beginAsking(delivery(address).orElse(List.of(shorter))).get(20, TimeUnit.SECONDS);
  }

  static LookupRequest delivery(String address) {
    return new LookupRequest(
        Purpose.DELIVERY, address, "", "lmtp", false, "192.0.2.7", "192.0.2.254");
  }

  static LookupRequest login(String name) {
    return new LookupRequest(name, "", "imap", false, "192.0.2.7", "192.0.2.254");
  }

  LookupResult ask(LookupRequest request) throws Exception {
    return beginAsking(request).get(20, TimeUnit.SECONDS);
  }

  CompletableFuture<LookupResult> beginAsking(LookupRequest request) {
    return directory.lookUp(request).toCompletableFuture();
  }

  Directory.BindResult bind(LookupResult user, String password) throws Exception {
    return directory
        .bind(user, password.getBytes(StandardCharsets.UTF_8))
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  /** Waits until a server was announced as up or down. */
  void awaitState(LdapServerFixture server, boolean up) throws InterruptedException {
    awaitState("localhost:" + server.port(), up);
  }

  /** The same by the server's name. */
  void awaitState(String server, boolean up) throws InterruptedException {
    awaitThat(
        () -> Boolean.valueOf(up).equals(states.get(server)), server + (up ? " up" : " down"));
  }

  /** Waits until a server was announced as behind the others. */
  void awaitBehind(LdapServerFixture server) throws InterruptedException {
    awaitThat(() -> isBehind(server), "behind");
  }

  /** Whether that server is behind the others as far as anybody was told. */
  boolean isBehind(LdapServerFixture server) {
    return behind.contains("localhost:" + server.port());
  }

  /** Whether that server is asked as far as anybody was told. */
  boolean isUp(LdapServerFixture server) {
    return Boolean.TRUE.equals(states.get("localhost:" + server.port()));
  }

  private synchronized void awaitThat(BooleanSupplier announced, String what)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!announced.getAsBoolean()) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError("not announced: " + what);
      }
      wait(left);
    }
  }

  @Override
  public void onLookup(LookupResult.Kind kind, LookupResult.Freshness freshness, long nanos) {
    lookups.merge(freshness, 1, Integer::sum);
  }

  @Override
  public synchronized void onServerState(String server, boolean up) {
    states.put(server, up);
    notifyAll();
  }

  @Override
  public synchronized void onServerBehind(String server, boolean is) {
    if (is) {
      behind.add(server);
    } else {
      behind.remove(server);
    }
    notifyAll();
  }

  @Override
  public void onTurnedAway() {
    turnedAway.incrementAndGet();
  }

  @Override
  public void close() {
    directory.close();
  }
}
