package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.openmmp.config.BadConfigException;
import org.openmmp.config.ConfigReader;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.program.Program;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;
import org.openmmp.storesim.LoopbackAddresses;

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
  private static final TestIdentity OWN = TestAuthority.shared().host("proxy.test");
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final CapturedLog log = new CapturedLog();
  private final EmbeddedDirectory directory = EmbeddedDirectory.start();
  private final List<ScriptedStore> stores = new CopyOnWriteArrayList<>();
  private final List<String> secrets = new CopyOnWriteArrayList<>(List.of(IN_EVERY_PASSWORD));
  private final List<String> expectedErrors = new CopyOnWriteArrayList<>();
  private final List<RawClient> clients = new CopyOnWriteArrayList<>();
  private final Program proxy;

  private AttackedProxy(Path workplace, String settings) {
    try {
      OpenMmpConfig config = ConfigReader.load(write(workplace, settings));
      proxy = Program.start(ShortAnswers.in(config), Set.of("proxy"));
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

  /** A group whose stores listen at a port of their own, as settings. */
  static String group(String name, int port, Collection<String> hosts, String... more) {
    return "openmmp.proxy.\"%s\" { storehostlist = \"%s\", imapport = %d }\n"
            .formatted(name, String.join(" ", hosts), port)
        + List.of(more).stream()
            .map(each -> "openmmp.proxy.\"" + name + "\"." + each + "\n")
            .reduce("", String::concat);
  }

  /** Free loopback addresses with one port. */
  record Place(List<String> addresses, int port) {
    static Place of(int count) {
      List<String> addresses = LoopbackAddresses.next(count);
      return new Place(addresses, LoopbackAddresses.freePort(addresses));
    }

    String address(int index) {
      return addresses.get(index);
    }

    String group(String name, String... more) {
      return AttackedProxy.group(name, port, addresses, more);
    }
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
   * Lets a store refuse a user once, so that the program knows how long that takes: until then it
   * holds the answer about an unknown user back for a second.
   */
  void teachPace(String name) {
    try (RawClient client = client()) {
      String answer = client.command("a", "LOGIN " + name + "@" + DOMAIN + " " + REFUSED);
      assertEquals("a NO [AUTHENTICATIONFAILED] Authentication failed.", answer);
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

  /** A client on the plain port whose greeting was read. */
  RawClient client() {
    RawClient client = silentClient();
    client.line();
    return client;
  }

  /** A client on the plain port that has read nothing yet. */
  RawClient silentClient() {
    return kept(new RawClient(plainAddress()));
  }

  /** A client on the TLS port before its handshake. */
  RawClient tlsPortClient() {
    return kept(new RawClient(proxy.addresses("imaps").get(0)));
  }

  /** A client under TLS whose greeting was read. */
  RawClient tlsClient() {
    RawClient client = tlsPortClient().startTls(TestIdentity.anonymous());
    client.line();
    return client;
  }

  /** A client of any listener, from one of this machine's addresses, that has read nothing yet. */
  RawClient connect(InetSocketAddress listener, String from) {
    return kept(new RawClient(listener, from));
  }

  InetSocketAddress plainAddress() {
    return proxy.addresses("imap").get(0);
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

  /** Whether it still serves: a new client is greeted and answered. */
  void assertAlive() {
    try (RawClient client = client()) {
      assertEquals("z OK Nothing done.", client.command("z", "NOOP"));
    }
  }

  @Override
  public void close() {
    try {
      StringBuilder seen = new StringBuilder(log.text());
      seen.append(page("/metrics")).append(page("/api/v1/groups"));
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

  private Path write(Path workplace, String settings) throws IOException {
    Files.writeString(workplace.resolve("proxy.pem"), OWN.certificatePem());
    Files.writeString(workplace.resolve("proxy.key"), OWN.keyPem());
    Files.writeString(workplace.resolve("ca.pem"), TestAuthority.shared().pem());
    String text =
        """
        openmmp {
          hostname = proxy.test
          directory {
            urls = ["%s"], base-dn = "%s", connect-timeout = 1s, search-timeout = 2s
            default-domain = example.test
          }
          imap {
            listen = ["127.0.0.1:0"], listen-tls = ["127.0.0.1:0"], clear-text-passwords = always
          }
          tls { certificate = proxy.pem, key = proxy.key }
          proxy-defaults {
            tls = off, connect-timeout = 2s, greeting-timeout = 2s, read-only-fallback = off
            tls-trust.ca-file = ca.pem, cool-down { first = 10s, max = 10s }
          }
          login.deadline = 8s
          limits {
            penalty.first = 0ms, logins-per-second-per-address = 0, connections-per-address = 0
          }
          admin.listen = "127.0.0.1:0"
        }
        """
            .formatted(directory.url(), EmbeddedDirectory.BASE_DN);
    return Files.writeString(workplace.resolve("openmmp.conf"), text + settings);
  }
}
