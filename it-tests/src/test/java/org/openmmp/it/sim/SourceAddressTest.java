package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.program.Main;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;
import org.openmmp.storesim.SimulatedCertificate;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.imap.ImapEndpoint;
import org.openmmp.storesim.session.NodeTls;

/**
 * More sessions than one address has ports, in a network of its own whose addresses have few (rules
 * B7.15, B2.22).
 */
final class SourceAddressTest {
  private static final int PORTS = 20;
  private static final MailUser ALICE = MailUser.of("alice");
  private static final MailUser BOB = MailUser.of("bob");
  private static final Path PORT_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

  // B7.15, B2.22
  @Test
  void everySourceAddressHasPortsOfItsOwnAndNoStoreIsBlamedForWhatIsUsedUp() {
    Command.Result ended =
        Command.run(
            Duration.ofMinutes(5),
            Map.of(),
            "",
            List.of(
                "unshare",
                Files.isWritable(PORT_RANGE) ? "--fork" : "--map-root-user",
                "--net",
                "sh",
                "-c",
                "ip link set lo up && exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                SourceAddressTest.class.getName()));
    assertEquals(0, ended.status(), ended.output() + ended.errors());
    assertTrue(ended.output().contains("all was seen"), ended.output() + ended.errors());
  }

  /** What is seen in that network. */
  public static void main(String[] arguments) throws Exception {
    LogWatch watch = new LogWatch(List.of(ALICE.password(), BOB.password()));
    watch.expect("own-want want=port ");
    watch.expect("openmmp.limits");
    Accounts accounts = new Accounts();
    accounts.user(ALICE.login(), ALICE.password()).user(BOB.login(), BOB.password());
    try (RunDirectory run = RunDirectory.of(SourceAddressTest.class);
        EmbeddedDirectory directory = EmbeddedDirectory.start();
        StoreCluster cluster =
            StoreCluster.start(
                ClusterSettings.replicated("cluster1", "huey"),
                accounts,
                List.of(new ImapEndpoint(NodeTls.none())));
        StoreCluster other =
            StoreCluster.start(
                ClusterSettings.replicated("cluster2", "dewey"),
                accounts,
                List.of(new ImapEndpoint(NodeTls.none())))) {
      directory.add(new DirectoryUser(BOB.name(), BOB.domain(), BOB.password(), "cluster2"));
      directory.add(new DirectoryUser(ALICE.name(), ALICE.domain(), ALICE.password(), "cluster1"));
      Path authority =
          SimulatedCertificate.forHosts(List.of("localhost"))
              .writeCertificate(run.create("tls").resolve("proxy.pem"));
      String text = text(directory, cluster.nodes().get(0), other.nodes().get(0));
      try (ProxyProcess program =
          new ProxyProcess(
              run, "proxy", "proxy", text + sources("\"127.0.1.1\""), authority, watch)) {
        // All that listens has its port, and all clients have theirs.
        Deque<ImapConnection> clients = new ArrayDeque<>();
        for (int i = 0; i < 3 * PORTS + 2; i++) {
          clients.add(new ImapConnection(program.imap(Endpoint.Security.PLAIN)));
        }
        Files.writeString(PORT_RANGE, "20000 " + (20_000 + PORTS - 1));
        look(program, text, cluster.nodes().get(0), clients);
        clients.forEach(ImapConnection::close);
      }
    }
    System.out.println("all was seen");
  }

  private static void look(
      ProxyProcess program, String text, StoreNode store, Deque<ImapConnection> clients)
      throws Exception {
    Deque<ImapConnection> sessions = new ArrayDeque<>();
    for (int i = 0; i < PORTS / 2; i++) {
      sessions.add(loggedIn(clients, program));
    }
    // Of three in turn the first one is used up before the others, which go on.
    RunDirectory.write(
        program.configuration(), text + sources("\"127.0.1.1\", \"127.0.1.2\", \"127.0.1.3\""));
    reload(program);
    while (sessions.size() < 3 * PORTS) {
      sessions.add(loggedIn(clients, program));
    }
    assertEquals(
        Map.of("0101007F", PORTS, "0201007F", PORTS, "0301007F", PORTS),
        connections(store.port("imap")));
    assertFalse(program.log().contains(" own-want "), program.log());
    ImapConnection oneMore = clients.remove();
    String before = oneMore.login(ALICE).tagged();
    assertTrue(before.startsWith("NO [UNAVAILABLE]"), before);
    assertTrue(
        program.log().contains("why=\"no local port is left: connecting to " + store.hostName()),
        program.log());
    assertTrue(
        program.admin().page("/metrics").contains("openmmp_own_wants_total{want=\"port\"} 1.0"));
    assertEquals("working", program.admin().host("cluster1", store.hostName()).state());
    assertFalse(program.log().contains(" cool-down "), program.log());

    // One address more.
    RunDirectory.write(program.configuration(), text + sources("\"127.0.1.3\", \"127.0.1.4\""));
    reload(program);
    assertTrue(oneMore.login(ALICE).isOk());
    sessions.add(oneMore);
    assertEquals(1, connections(store.port("imap")).get("0401007F"));

    // A port that leads to one store leads to another, too.
    RunDirectory.write(program.configuration(), text + sources("\"127.0.1.1\""));
    reload(program);
    ImapConnection bob = clients.remove();
    assertTrue(bob.login(BOB).isOk(), program::log);
    sessions.add(bob);
    sessions.forEach(ImapConnection::close);
  }

  private static ImapConnection loggedIn(Deque<ImapConnection> clients, ProxyProcess program) {
    ImapConnection client = clients.remove();
    ImapConnection.Response answer = client.login(ALICE);
    assertTrue(answer.isOk(), () -> answer + program.log());
    return client;
  }

  private static void reload(ProxyProcess program) {
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said, true);
    assertEquals(
        0,
        Main.run(out, out, "reload", "--config", program.configuration().toString()),
        said::toString);
  }

  /** How many connections to a port stand, by the address that they come from, as Linux tells. */
  private static Map<String, Integer> connections(int port) throws Exception {
    Map<String, Integer> all = new HashMap<>();
    String to = ":%04X".formatted(port);
    for (Path table : List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"))) {
      for (String line : Files.readAllLines(table)) {
        String[] words = line.strip().split("\\s+", -1);
        if (words[2].endsWith(to) && words[3].equals("01")) {
          String from = words[1].replaceFirst(":.*", "");
          all.merge(from.substring(from.length() - 8), 1, Integer::sum);
        }
      }
    }
    return all;
  }

  private static String sources(String addresses) {
    return "openmmp.source-address = [" + addresses + "]\n";
  }

  private static String text(EmbeddedDirectory directory, StoreNode store, StoreNode other) {
    return """
        openmmp {
          directory {
            urls = "%s", base-dn = "%s", bind-dn = "%s", bind-password = "%s", pool-size = 1
            default-domain = example.com
          }
          proxy.cluster1 { storehostlist = "%s", imapport = %d, wait-for-store = 0, affinity = on }
          proxy.cluster2 { storehostlist = "%s", imapport = %d, wait-for-store = 0 }
          proxy-defaults.tls = off
          resolver.hosts { "%s" = "%s", "%s" = "%s" }
          imap { listen = "127.0.0.1:0", clear-text-passwords = always, login-timeout = 10m, failed-logins = 1000 }
          limits { exempt-networks = "127.0.0.0/8", max-connections = 2000, sessions-per-user = 0 }
          admin { listen = "127.0.0.1:0", socket = admin.sock }
          transport.native = epoll
          state-file = null
        }
        """
        .formatted(
            directory.url(),
            EmbeddedDirectory.BASE_DN,
            EmbeddedDirectory.BIND_DN,
            EmbeddedDirectory.BIND_PASSWORD,
            store.hostName(),
            store.port("imap"),
            other.hostName(),
            other.port("imap"),
            store.hostName(),
            store.address(),
            other.hostName(),
            other.address());
  }
}
