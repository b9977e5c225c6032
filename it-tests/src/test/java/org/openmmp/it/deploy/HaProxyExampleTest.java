package org.openmmp.it.deploy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Ports;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.it.fixture.ServerProcess;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.imap.ImapEndpoint;
import org.openmmp.storesim.session.NodeTls;

/**
 * Two front ends behind the HAProxy that is shipped as an example: one drains, and nobody notices.
 */
@Tag("real-servers")
final class HaProxyExampleTest {
  private static final Path EXAMPLE = Path.of("../docker/cluster/haproxy/haproxy.cfg");
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Pattern ACCEPTED =
      Pattern.compile("openmmp_logins_total\\{outcome=\"accepted\",service=\"imap\"} (\\S+)");
  private static final MailUser ALICE = MailUser.of("alice");

  @Test
  void balancerLeavesAFrontEndThatDrainsBeforeItsListenersClose() throws IOException { // B8.1
    Accounts accounts = new Accounts();
    accounts.user(ALICE.login(), ALICE.password());
    try (RunDirectory run = RunDirectory.of(HaProxyExampleTest.class);
        EmbeddedDirectory directory = EmbeddedDirectory.start();
        StoreCluster cluster =
            StoreCluster.start(
                ClusterSettings.replicated("cluster1", "huey", "dewey"),
                accounts,
                List.of(new ImapEndpoint(NodeTls.none())));
        ProxyProcess first = frontEnd(run, "first", directory, cluster);
        ProxyProcess second = frontEnd(run, "second", directory, cluster)) {
      directory.add(new DirectoryUser(ALICE.name(), ALICE.domain(), ALICE.password(), "cluster1"));
      int port = Ports.freeOn("127.0.0.1");
      try (ServerProcess balancer = balancer(run, port, first, second);
          ImapConnection open = connect(port)) {
        assertTrue(open.login(ALICE).isOk());
        Await.until("both are used", LIMIT, () -> serves(port, first) && serves(port, second));

        Command.run("kill", "-TERM", "" + first.process().pid()).succeeded();
        int before = logins(first);
        Await.until(
            "new clients go to the second alone",
            LIMIT,
            () -> {
              int then = logins(first);
              login(port);
              login(port);
              login(port);
              return logins(first) == then;
            });
        assertTrue(first.process().isAlive() && logins(first) >= before);
        assertTrue(open.command("NOOP").isOk(), "sessions go on");
        assertTrue(balancer.isAlive());
        first.process().kill();
        second.process().kill();
      }
    }
  }

  private static boolean serves(int port, ProxyProcess frontEnd) {
    int before = logins(frontEnd);
    login(port);
    return logins(frontEnd) > before;
  }

  /** Nobody is refused, whatever drains. */
  private static void login(int port) {
    try (ImapConnection client = connect(port)) {
      assertTrue(client.login(ALICE).isOk());
    }
  }

  private static int logins(ProxyProcess frontEnd) {
    Matcher accepted = ACCEPTED.matcher(frontEnd.admin().page("/metrics"));
    assertTrue(accepted.find());
    return (int) Double.parseDouble(accepted.group(1));
  }

  private static ImapConnection connect(int port) {
    return new ImapConnection(
        new Endpoint(MailProtocol.IMAP, "127.0.0.1", port, Endpoint.Security.PLAIN, EXAMPLE));
  }

  private static ServerProcess balancer(
      RunDirectory run, int port, ProxyProcess first, ProxyProcess second) throws IOException {
    String example = Files.readString(EXAMPLE).replace("maxconn 40000", "maxconn 400");
    int imap = example.indexOf("listen imap\n");
    String configuration =
        example.substring(0, example.indexOf("listen imaps"))
            + example
                .substring(imap, example.indexOf("\nlisten", imap))
                .replace("bind :143", "bind 127.0.0.1:" + port)
                .replace("192.0.2.11:143", at(first))
                .replace("192.0.2.12:143", at(second))
            + "\n";
    Path file = run.create("balancer").resolve("haproxy.cfg");
    RunDirectory.write(file, configuration);
    ServerProcess process =
        ServerProcess.start(
            "balancer",
            run.log("balancer"),
            Map.of(),
            List.of("haproxy", "-db", "-f", file.toString()));
    process.awaitAccepting(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return process;
  }

  /** A server's address, and in place of the example's the port of its check. */
  private static String at(ProxyProcess frontEnd) {
    return "127.0.0.1:"
        + frontEnd.imap(Endpoint.Security.PLAIN).port()
        + " port "
        + frontEnd.adminPort();
  }

  private static ProxyProcess frontEnd(
      RunDirectory run, String name, EmbeddedDirectory directory, StoreCluster cluster) {
    return new ProxyProcess(
        run,
        name,
        "proxy",
        """
        openmmp {
          directory {
            urls = "%s", base-dn = "%s", bind-dn = "%s", bind-password = "%s"
            default-domain = example.com
          }
          proxy.cluster1 { storehostlist = "%s", imapport = %d }
          proxy-defaults.tls = off
          proxy-protocol.networks = "127.0.0.0/8"
          imap {
            listen = [{ address = "127.0.0.1:0", proxy-protocol = required }]
            clear-text-passwords = always
          }
          limits { exempt-networks = "127.0.0.0/8", max-connections = 2000 }
          admin { listen = "127.0.0.1:0", socket = null }
          state-file = null
          drain { lead = 90s, limit = 2m }
        }
        """
            .formatted(
                directory.url(),
                EmbeddedDirectory.BASE_DN,
                EmbeddedDirectory.BIND_DN,
                EmbeddedDirectory.BIND_PASSWORD,
                cluster.storeHostList(),
                cluster.port("imap")),
        Path.of("none"),
        new LogWatch(List.of(ALICE.password())));
  }
}
