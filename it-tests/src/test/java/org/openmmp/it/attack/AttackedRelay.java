package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.openmmp.config.BadConfigException;
import org.openmmp.config.ConfigReader;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.program.Program;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;

/**
 * The relay under attack, with its directory, its log, its clients, and so many groups of stores
 * that each case of a table can have its own. When it is closed, no error may be in the log.
 */
final class AttackedRelay implements AutoCloseable {
  private static final String DOMAIN = "example.test";
  private static final TestIdentity OWN = TestAuthority.shared().host("relay.test");

  private final CapturedLog log = new CapturedLog();
  private final EmbeddedDirectory directory = EmbeddedDirectory.start();
  private final List<AutoCloseable> opened = new CopyOnWriteArrayList<>();
  private final List<String> expectedErrors = new CopyOnWriteArrayList<>();
  private final Deque<Group> unused = new ArrayDeque<>();
  private final Program relay;

  /**
   * Starts it.
   *
   * @param workplace an empty directory
   * @param groups how many there are
   * @param hosts in each group
   * @param settings HOCON behind the defaults of these tests: what stands there wins; {@code
   *     <directory>} in it is the directory's URL
   */
  AttackedRelay(Path workplace, int groups, int hosts, String... settings) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < groups; i++) {
      Group group = new Group("g" + i, Place.of(hosts));
      unused.add(group);
      text.append(group.settings());
    }
    text.append(String.join("\n", settings));
    try {
      relay =
          Program.start(
              ShortAnswers.in(ConfigReader.load(written(workplace, text.toString()))),
              Set.of("relay"));
    } catch (IOException | BadConfigException e) {
      directory.close();
      log.close();
      throw new AssertionError(e);
    }
  }

  /** A group that was not used before. */
  synchronized Group next() {
    return unused.remove();
  }

  EmbeddedDirectory directory() {
    return directory;
  }

  Program program() {
    return relay;
  }

  CapturedLog log() {
    return log;
  }

  /** An error with this text in the log is what a test provokes. */
  void expectError(String part) {
    expectedErrors.add(part);
  }

  InetSocketAddress address() {
    return relay.addresses("lmtp").get(0);
  }

  /** An MTA that has said LHLO. */
  DeliveryConnection mta() {
    return opened(DeliveryConnection.lmtp("127.0.0.1", address().getPort()));
  }

  /** A client that has read nothing yet. */
  RawClient silentClient() {
    return opened(new RawClient(address()));
  }

  /** A client whose greeting was read. */
  RawClient client() {
    RawClient client = silentClient();
    String greeting = client.line();
    assertTrue(greeting != null && greeting.startsWith("220 "), greeting);
    return client;
  }

  /** Whether it still serves: a new client is greeted and answered. */
  void assertAlive() {
    try (RawClient client = client()) {
      assertEquals("250 2.0.0 OK", client.send("NOOP\r\n").line());
    }
  }

  /** What each recipient hears last, on a connection of its own; replies are cut to a status. */
  List<String> deliver(List<String> recipients) {
    try (DeliveryConnection mta = mta()) {
      return deliver(mta, recipients, "Subject: x\r\n\r\nx\r\n");
    }
  }

  /** What each recipient hears last of a message that ends with CR LF. */
  List<String> deliver(DeliveryConnection mta, List<String> recipients, String message) {
    return deliver(mta, recipients, message, () -> {});
  }

  /** The same, where something happens before the end of the message is sent. */
  List<String> deliver(
      DeliveryConnection mta, List<String> recipients, String message, Runnable beforeEnd) {
    assertTrue(mta.command("MAIL FROM:<mta@example.org>").startsWith("250"));
    List<String> last = new ArrayList<>();
    for (String recipient : recipients) {
      last.add(statusOf(mta.command("RCPT TO:<" + recipient + ">")));
    }
    String go = mta.command("DATA");
    if (last.stream().noneMatch(reply -> reply.startsWith("250"))) {
      assertTrue(go.startsWith("503"), go);
      assertTrue(mta.command("RSET").startsWith("250"));
      return last;
    }
    assertTrue(go.startsWith("354"), go);
    mta.send(message);
    beforeEnd.run();
    mta.send(".\r\n");
    last.replaceAll(reply -> reply.startsWith("250") ? statusOf(mta.reply()) : reply);
    assertTrue(mta.command("NOOP").startsWith("250"), "one reply for each accepted recipient");
    return last;
  }

  private static String statusOf(String reply) {
    return reply.length() > 9 && reply.charAt(5) == '.' ? reply.substring(0, 9) : reply;
  }

  @Override
  public void close() {
    try {
      for (AutoCloseable each : opened) {
        each.close();
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    } finally {
      relay.close();
      directory.close();
      log.close();
    }
    assertEquals(
        List.of(),
        log.errors().stream()
            .filter(line -> expectedErrors.stream().noneMatch(line::contains))
            .toList());
  }

  private <T extends AutoCloseable> T opened(T resource) {
    opened.add(resource);
    return resource;
  }

  private Path written(Path workplace, String settings) throws IOException {
    Files.writeString(workplace.resolve("relay.pem"), OWN.certificatePem());
    Files.writeString(workplace.resolve("relay.key"), OWN.keyPem());
    Files.writeString(workplace.resolve("ca.pem"), TestAuthority.shared().pem());
    String text =
        """
        openmmp {
          hostname = relay.test
          drain.lead = 0s
          directory {
            urls = ["%s"], base-dn = "%s", connect-timeout = 1s, search-timeout = 2s
          }
          lmtp {
            listen = "127.0.0.1:0", affinitylist = on
            timeouts { command = 4s, body = 4s, search = 8s, stall = 2s, final-replies = 4s }
          }
          tls { certificate = relay.pem, key = relay.key }
          proxy-defaults {
            tls = off, connect-timeout = 1s, greeting-timeout = 1s
            tls-trust.ca-file = ca.pem, cool-down { first = 10s, max = 10s }
          }
          limits.connections-per-address = 0
          admin.listen = "127.0.0.1:0"
        }
        """
            .formatted(directory.url(), EmbeddedDirectory.BASE_DN);
    return Files.writeString(
        workplace.resolve("openmmp.conf"), text + settings.replace("<directory>", directory.url()));
  }

  /** One group. */
  final class Group {
    private final String name;
    private final Place place;

    private Group(String name, Place place) {
      this.name = name;
      this.place = place;
    }

    private String settings() {
      List<String> hosts = new ArrayList<>();
      StringBuilder table = new StringBuilder();
      for (int i = 0; i < place.addresses().size(); i++) {
        hosts.add(host(i));
        table.append("openmmp.resolver.hosts.\"" + host(i) + "\" = " + quoted(place.address(i)));
      }
      return table
          + "openmmp.proxy."
          + name
          + " { storehostlist = \"%s\", lmtpport = %d }\n"
              .formatted(String.join(" ", hosts), place.port());
    }

    private static String quoted(String text) {
      return '"' + text + "\"\n";
    }

    /** The name of a host, as {@link Arena#HONEST} has it. */
    String host(int index) {
      return name + "s" + index + ".arena.test";
    }

    String address(int index) {
      return place.address(index);
    }

    int port() {
      return place.port();
    }

    /** Adds somebody whose mailbox is there, and returns the address. */
    String user(String localPart) {
      String user = localPart + "-" + name;
      directory.add(new DirectoryUser(user, DOMAIN, "Secret-of-" + user, name));
      return user + "@" + DOMAIN;
    }

    /** Begins to listen as one of the hosts; closed with the relay. */
    ScriptedStore open(int index, ScriptedStore.Script script) {
      return opened(new ScriptedStore(place.address(index), place.port(), script));
    }
  }
}
