package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.openmmp.config.BadConfigException;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.program.Program;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;

/**
 * The program under attack, with its directory, its log and its clients.
 *
 * <p>When it is closed, no error may be in the log, and no password of a user in log, metrics,
 * admin pages or anything that a client heard (B6.6).
 */
final class AttackedProxy implements AutoCloseable {
  private static final String IN_EVERY_PASSWORD = "Secret-of-";

  /** A password that {@link #teachPace} expects the store to refuse. */
  static final String REFUSED = "Refused-9Zx";

  private static final String DOMAIN = "example.test";
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final CapturedLog log = new CapturedLog();
  private final EmbeddedDirectory directory = EmbeddedDirectory.start();
  private final List<ScriptedStore> stores = new CopyOnWriteArrayList<>();
  private final List<String> secrets = new CopyOnWriteArrayList<>(List.of(IN_EVERY_PASSWORD));
  private final List<String> expectedErrors = new CopyOnWriteArrayList<>();
  private final List<RawClient> clients = new CopyOnWriteArrayList<>();
  private final Program proxy;
  private String pagesBeforeDrain = "";

  private AttackedProxy(Path workplace, String settings) {
    try {
      OpenMmpConfig config = AttackConfig.load(workplace, directory.url(), settings);
      proxy = Program.start(config, Set.of("proxy"));
    } catch (IOException | BadConfigException e) {
      directory.close();
      log.close();
      throw new AssertionError(e);
    }
  }

  /**
   * Starts it.
   *
   * @param workplace an empty directory
   * @param settings HOCON behind the defaults of these tests: what stands there wins
   */
  static AttackedProxy start(Path workplace, String... settings) {
    return new AttackedProxy(workplace, String.join("\n", settings));
  }

  /** Opens a store at one of a place's addresses; it is closed with the proxy. */
  ScriptedStore store(Place place, int index, ScriptedStore.Script script) {
    return opened(new ScriptedStore(place.address(index), place.port(), script));
  }

  ScriptedStore opened(ScriptedStore store) {
    stores.add(store);
    return store;
  }

  /** Adds a user of example.test whose password is {@link #passwordOf}. */
  AttackedProxy user(String name, String mailHost) {
    directory.add(new DirectoryUser(name, DOMAIN, passwordOf(name), mailHost));
    return this;
  }

  /** A password that is found wherever it should not be. */
  static String passwordOf(String name) {
    return IN_EVERY_PASSWORD + name.replaceAll("[^a-z0-9]", "-") + "-7Qx";
  }

  /** The login command of a user with the right password. */
  static String login(String name) {
    return "LOGIN " + name + "@" + DOMAIN + " " + passwordOf(name);
  }

  /**
   * Lets an IMAP store refuse a user once, so that the program knows how long that takes: until
   * then it holds the answer about an unknown user back for a second.
   */
  void teachPace(String name) {
    teachPace(MailProtocol.IMAP, name);
  }

  /** The same at a store of any protocol. */
  void teachPace(MailProtocol protocol, String name) {
    try (RawClient client = client(protocol)) {
      String answer = client.logIn(protocol, name + "@" + DOMAIN, REFUSED);
      assertEquals(protocol.wrongPassword() + " Authentication failed.", answer);
    }
  }

  EmbeddedDirectory directory() {
    return directory;
  }

  Program program() {
    return proxy;
  }

  CapturedLog log() {
    return log;
  }

  /** A text that must appear nowhere. */
  void watch(String secret) {
    secrets.add(secret);
  }

  /** A client on the plain port of IMAP whose greeting was read. */
  RawClient client() {
    return client(MailProtocol.IMAP);
  }

  /** A client on the plain port of a protocol whose greeting was read. */
  RawClient client(MailProtocol protocol) {
    RawClient client = silentClient(protocol);
    client.line();
    return client;
  }

  /** A client on the plain port of IMAP that has read nothing yet. */
  RawClient silentClient() {
    return silentClient(MailProtocol.IMAP);
  }

  /** A client on the plain port of a protocol that has read nothing yet. */
  RawClient silentClient(MailProtocol protocol) {
    return kept(new RawClient(plainAddress(protocol)));
  }

  /** A client on IMAP's TLS port before its handshake. */
  RawClient tlsPortClient() {
    return tlsPortClient(MailProtocol.IMAP);
  }

  /** A client on the TLS port of a protocol before its handshake. */
  RawClient tlsPortClient(MailProtocol protocol) {
    return kept(new RawClient(proxy.addresses(protocol.service() + "s").get(0)));
  }

  /** A client of IMAP under TLS whose greeting was read. */
  RawClient tlsClient() {
    return tlsClient(MailProtocol.IMAP);
  }

  /** A client under TLS whose greeting was read. */
  RawClient tlsClient(MailProtocol protocol) {
    RawClient client = tlsPortClient(protocol).startTls(TestIdentity.anonymous());
    client.line();
    return client;
  }

  /** A client of any listener, from one of this machine's addresses, that has read nothing yet. */
  RawClient connect(InetSocketAddress listener, String from) {
    return kept(new RawClient(listener, from));
  }

  InetSocketAddress plainAddress() {
    return plainAddress(MailProtocol.IMAP);
  }

  InetSocketAddress plainAddress(MailProtocol protocol) {
    return proxy.addresses(protocol.service()).get(0);
  }

  /** Drains it, which closes it. */
  void drain() {
    pagesBeforeDrain = pages();
    proxy.drain();
  }

  private String pages() {
    return page("/metrics") + page("/api/v1/groups");
  }

  /** A page of the admin listener. */
  String page(String path) {
    try {
      URI uri = URI.create("http://127.0.0.1:" + proxy.adminPort() + path);
      HttpRequest request = HttpRequest.newBuilder(uri).build();
      return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** An error with this text in the log is what a test provokes. */
  void expectError(String part) {
    expectedErrors.add(part);
  }

  /** Whether it still serves: a new client of either protocol is greeted and answered. */
  void assertAlive() {
    try (RawClient client = client()) {
      assertEquals("z OK Nothing done.", client.command("z", "NOOP"));
    }
    try (RawClient client = client(MailProtocol.POP3)) {
      assertEquals("+OK Nothing done.", client.reply("NOOP"));
    }
  }

  @Override
  public void close() {
    try {
      StringBuilder seen = new StringBuilder(log.text());
      seen.append(pagesBeforeDrain.isEmpty() ? pages() : pagesBeforeDrain);
      clients.forEach(client -> seen.append(client.heard()));
      LogWatch.failOnSecrets(secrets, "log, pages and answers", seen.toString());
    } finally {
      clients.forEach(RawClient::close);
      proxy.close();
      stores.forEach(ScriptedStore::close);
      directory.close();
      log.close();
    }
    assertEquals(
        List.of(),
        log.errors().stream()
            .filter(line -> expectedErrors.stream().noneMatch(line::contains))
            .toList());
  }

  private RawClient kept(RawClient client) {
    clients.add(client);
    return client;
  }
}
