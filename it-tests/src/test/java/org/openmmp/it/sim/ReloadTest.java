package org.openmmp.it.sim;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.AnyCertificate;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Ports;
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

/** The program as a process, whose configuration changes while people use it (rules B7.3, B7.7). */
final class ReloadTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final MailUser ALICE = MailUser.of("alice");
  private static final MailUser BOB = MailUser.of("bob");

  private final RunDirectory run = RunDirectory.of(ReloadTest.class);
  private final Accounts accounts = new Accounts();
  private final EmbeddedDirectory directory = EmbeddedDirectory.start();
  private final List<StoreCluster> clusters = new ArrayList<>();
  private final LogWatch watch =
      new LogWatch(List.of(ALICE.password(), BOB.password(), EmbeddedDirectory.BIND_PASSWORD));
  private final Path pem = run.create("tls").resolve("proxy.pem");
  private final Path key = pem.resolveSibling("proxy.key");
  private ProxyProcess program;

  @BeforeEach
  void start() {
    accounts.user(ALICE.login(), ALICE.password()).user(BOB.login(), BOB.password());
    add(directory, ALICE, "cluster1");
    add(directory, BOB, "cluster2");
    for (String name : List.of("first", "second", "third")) {
      ClusterSettings one = ClusterSettings.replicated(name, name + "-store");
      clusters.add(StoreCluster.start(one, accounts, List.of(new ImapEndpoint(NodeTls.none()))));
    }
    write(SimulatedCertificate.forHosts(List.of("localhost")));
    program = new ProxyProcess(run, "proxy", "proxy", text(""), pem, watch);
  }

  @AfterEach
  void stop() {
    program.close();
    clusters.forEach(StoreCluster::close);
    directory.close();
    run.close();
  }

  private static void add(EmbeddedDirectory to, MailUser user, String mailHost) {
    to.add(new DirectoryUser(user.name(), user.domain(), user.password(), mailHost));
  }

  private StoreNode store(int number) {
    return clusters.get(number).nodes().get(0);
  }

  private String group(String name, int number) {
    return "openmmp.proxy.%s { storehostlist = \"%s\", imapport = %d }%n"
        .formatted(name, store(number).hostName(), store(number).port("imap"));
  }

  private String text(String more) {
    return text(group("cluster1", 0) + group("cluster2", 1), more);
  }

  private String text(String groups, String more) {
    StringBuilder hosts = new StringBuilder();
    for (StoreCluster each : clusters) {
      StoreNode node = each.nodes().get(0);
      hosts.append("\"%s\" = \"%s\"%n".formatted(node.hostName(), node.address()));
    }
    return """
    openmmp {
      directory {
        urls = "%s", base-dn = "%s", bind-dn = "%s", bind-password = "%s"
        default-domain = example.com, cache.positive-ttl = 1h
      }
      proxy-defaults { tls = off, wait-for-store = 500ms }
      resolver.hosts { %s }
      imap { listen = "127.0.0.1:0", listen-tls = "127.0.0.1:0", clear-text-passwords = always }
      tls { certificate = "%s", key = "%s" }
      limits { exempt-networks = "127.0.0.0/8", max-connections = 2000 }
      admin { listen = "127.0.0.1:0", socket = "%s" }
      state-file = null
      drain.lead = 0s
    }
    %s%s
    """
        .formatted(
            directory.url(),
            EmbeddedDirectory.BASE_DN,
            EmbeddedDirectory.BIND_DN,
            EmbeddedDirectory.BIND_PASSWORD,
            hosts,
            pem,
            key,
            pem.resolveSibling("admin.sock"),
            groups,
            more);
  }

  /** What a command printed, behind its exit status. */
  private String command(String... words) {
    StringWriter said = new StringWriter();
    List<String> line = new ArrayList<>(List.of(words));
    line.addAll(List.of("--config", program.configuration().toString()));
    PrintWriter out = new PrintWriter(said, true);
    int status = Main.run(out, out, line.toArray(String[]::new));
    LogWatch.failOnSecrets(List.of(EmbeddedDirectory.BIND_PASSWORD), "an answer", said.toString());
    return status + " " + said.toString().strip();
  }

  private String reload(String text) {
    RunDirectory.write(program.configuration(), text);
    return command("reload");
  }

  private void logIn(MailUser user) {
    program.assertServes(user);
  }

  private BigInteger serialShown() throws Exception {
    SSLContext context = AnyCertificate.context();
    Endpoint at = program.imap(Endpoint.Security.TLS);
    try (SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), at.port())) {
      socket.setSoTimeout((int) SOON.toMillis());
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
    }
  }

  private void write(SimulatedCertificate certificate) {
    certificate.writeCertificate(pem);
    certificate.writeKey(key);
  }

  // B7.3
  @Test
  void twentyReloadsUnderLoginsFailNoneAndCutNoSession() throws Exception {
    Queue<String> troubles = new ConcurrentLinkedQueue<>();
    AtomicInteger logins = new AtomicInteger();
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> clients = new ArrayList<>();
    try (ImapConnection lasting = new ImapConnection(program.imap(Endpoint.Security.PLAIN))) {
      assertTrue(lasting.login(ALICE).isOk());
      for (MailUser user : List.of(ALICE, BOB, ALICE)) {
        Thread client = new Thread(() -> logInAgainAndAgain(user, over, logins, troubles));
        client.start();
        clients.add(client);
      }
      for (int i = 1; i <= 20; i++) {
        String more =
            """
            openmmp.directory { search-timeout = %ds, cache.positive-ttl = %ds }
            openmmp.imap.idle-timeout = %dm
            openmmp.limits.sessions-per-user = %d
            openmmp.resolver.min-ttl = %ds
            openmmp.lmtp.max-recipients = %d
            %s
            """
                .formatted(
                    i % 2 == 0 ? 5 : 6,
                    20 + i,
                    30 + i,
                    50 + i,
                    i % 2,
                    100 + i,
                    i % 2 == 0 ? "" : "openmmp.pop3.listen = \"127.0.0.1:0\"");
        String groups = group("cluster1", 0) + group("cluster2", 1 + i % 2);
        String said = reload(text(groups, more));
        assertTrue(said.startsWith("0 taken over: group cluster2 "), said);
        assertTrue(lasting.command("NOOP").isOk());
        int before = logins.get();
        Await.until("logins go on", SOON, () -> logins.get() > before || !troubles.isEmpty());
      }
      over.set(true);
      for (Thread client : clients) {
        client.join();
      }
      assertEquals(List.of(), List.copyOf(troubles));
      assertTrue(lasting.command("NOOP").isOk());
    }
  }

  private void logInAgainAndAgain(
      MailUser user, AtomicBoolean over, AtomicInteger logins, Queue<String> troubles) {
    while (!over.get()) {
      try (ImapConnection client = new ImapConnection(program.imap(Endpoint.Security.PLAIN))) {
        ImapConnection.Response answer = client.login(user);
        if (answer.isOk()) {
          logins.incrementAndGet();
        } else {
          troubles.add(answer.toString());
        }
        client.leave();
      } catch (RuntimeException cut) {
        troubles.add(cut.toString());
      }
    }
  }

  // B7.3, B2.12
  @Test
  void nextLoginGoesToTheNewHostAndTheRestKeepsItsMaster() throws Exception {
    logIn(ALICE);
    logIn(BOB);
    String master = "cluster1 imap: master " + store(0).hostName();
    assertTrue(command("status").contains(master), command("status"));
    int third = store(2).counters().logins();
    RunDirectory.write(
        program.configuration(), text(group("cluster1", 0) + group("cluster2", 2), ""));
    String words =
        "group cluster2 imapport: %d, was %d; group cluster2: %s added, %s removed"
            .formatted(
                store(2).port("imap"),
                store(1).port("imap"),
                store(2).hostName(),
                store(1).hostName());
    // B7.3: a trial tells it and changes nothing
    assertEquals("0 would be taken over: " + words, first(command("reload", "--dry-run")));
    logIn(BOB);
    assertEquals(third, store(2).counters().logins());
    assertEquals("0 taken over: " + words, first(command("reload")));
    logIn(BOB);
    assertEquals(third + 1, store(2).counters().logins());
    assertTrue(command("status").contains(master), command("status"));
    assertFalse(command("status").contains(store(1).hostName()), command("status"));
    assertEquals("0 taken over: nothing has changed", command("reload"));
    assertEquals(
        "0 taken over: group cluster2 removed", first(reload(text(group("cluster1", 0), ""))));
    assertFalse(program.admin().page("/metrics").contains("cluster2"));
    directory.changeUser(BOB.login(), "mailHost", "cluster1");
    // B1.7: what the directory is asked for is the same, and what is remembered stays...
    String same = "openmmp.directory { cache.stale-for = 1h, pool-size = 9 }\n";
    assertEquals("0 taken over: 2 directory", first(reload(text(group("cluster1", 0), same))));
    String explained = command("explain", BOB.login());
    assertTrue(explained.contains("found (cached for"), explained);
    // ... or is another, and nothing is remembered.
    assertEquals(
        "0 taken over: 1 directory",
        first(
            reload(
                text(group("cluster1", 0), same + "openmmp.directory.extra-attributes = [cn]"))));
    logIn(BOB);
  }

  private static String first(String said) {
    return said.lines().findFirst().orElse("");
  }

  // B7.5
  @Test
  void anAddressThatMovesTakesItsListenersAlongAndNoOthers() throws Exception {
    int port = Ports.freeOnAll(List.of("127.0.0.31", "127.0.0.32"));
    String listen =
        "openmmp { listen-address = \"%s\", imap.listen = [\"127.0.0.1:0\", \"*:" + port + "\"] }";
    int lasting = program.imap(Endpoint.Security.PLAIN).port();
    assertTrue(reload(text(listen.formatted("127.0.0.31"))).startsWith("0 taken over"));
    try (Socket stays = new Socket(InetAddress.getLoopbackAddress(), lasting);
        Socket client = new Socket("127.0.0.31", port)) {
      assertEquals('*', client.getInputStream().read());
      assertEquals(
          "0 taken over: 1 listen-address\n" + "openmmp.listen-address: 127.0.0.32, was 127.0.0.31",
          reload(text(listen.formatted("127.0.0.32"))));
      try (Socket moved = new Socket("127.0.0.32", port)) {
        assertEquals('*', moved.getInputStream().read());
      }
      assertThrows(ConnectException.class, () -> new Socket("127.0.0.31", port).close());
      // whoever came in before goes on
      client.getOutputStream().write("a LOGOUT\r\n".getBytes(US_ASCII));
      assertTrue(new String(client.getInputStream().readAllBytes(), US_ASCII).contains("a OK"));

      // one that is on another machine now: all stays
      String refused = reload(text(listen.formatted("203.0.113.77")));
      assertTrue(
          refused.startsWith(
              "3 openmmp: refused: cannot listen on 203.0.113.77:"
                  + port
                  + ": Cannot assign requested address (no interface of this machine has it now"),
          refused);
      watch.expect("reload.*cannot listen on 203.0.113.77");
      try (Socket still = new Socket("127.0.0.32", port)) {
        assertEquals('*', still.getInputStream().read());
      }
      assertTrue(
          reload(text(listen.formatted("203.0.113.77") + "\nopenmmp.transport.bind-before-up = on"))
              .startsWith("0 taken over"));
      assertEquals('*', stays.getInputStream().read());
    }
    assertEquals(lasting, program.imap(Endpoint.Security.PLAIN).port());
    logIn(ALICE);
  }

  // B7.3
  @Test
  @SuppressWarnings("try") // a socket is closed early: its port is a listener's then
  void listenersComeAndGoAndThoseThatStayAreNotClosed() throws Exception {
    int port = program.imap(Endpoint.Security.PLAIN).port();
    try (ImapConnection before = new ImapConnection(program.imap(Endpoint.Security.PLAIN));
        @SuppressWarnings("try") // closed early: its port is the listener's then
            ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String other = "openmmp.pop3.listen = \"127.0.0.1:%d\"".formatted(taken.getLocalPort());
      String refused = reload(text(other));
      assertTrue(
          refused.startsWith(
              "3 openmmp: refused: cannot listen on 127.0.0.1:" + taken.getLocalPort()),
          refused);
      watch.expect("reload.*cannot listen on");
      taken.close();
      assertEquals("0 taken over: 1 pop3", first(reload(text(other))));
      try (Socket client = new Socket(InetAddress.getLoopbackAddress(), taken.getLocalPort())) {
        assertEquals('+', client.getInputStream().read());
        assertEquals("0 taken over: 1 pop3", first(reload(text(""))));
        try (Socket late = new Socket()) {
          late.connect(client.getRemoteSocketAddress());
          assertEquals(-1, late.getInputStream().read());
        } catch (IOException closed) {
          assertTrue(String.valueOf(closed.getMessage()).contains("refused"), closed.toString());
        }
        client.getOutputStream().write("QUIT\r\n".getBytes(US_ASCII));
        assertTrue(new String(client.getInputStream().readAllBytes(), US_ASCII).contains("+OK"));
      }
      // One of all addresses in the place of one of them
      String one = "openmmp.imap.listen = [\"127.0.0.1:0\", \"127.0.0.1:%d\"]";
      String all = "openmmp.imap.listen = [\"127.0.0.1:0\", \"*:%d\"]";
      assertTrue(reload(text(one.formatted(taken.getLocalPort()))).startsWith("0 "));
      assertTrue(reload(text(all.formatted(taken.getLocalPort()))).startsWith("0 "));
      try (Socket client = new Socket("127.0.0.2", taken.getLocalPort())) {
        assertEquals('*', client.getInputStream().read());
      }
      assertEquals(
          "0 taken over: 1 transport\n"
              + "openmmp.transport.threads: 3, was 0 (takes effect at the next start)",
          reload(text(all.formatted(taken.getLocalPort()) + "\nopenmmp.transport.threads = 3")));
      assertEquals(port, program.imap(Endpoint.Security.PLAIN).port());
      assertTrue(before.login(ALICE).isOk());
    }
    logIn(ALICE);
  }

  // B7.7
  @Test
  void certificatesAreTakenFromTheirFilesWhenTheyFit() throws Exception {
    BigInteger first = serialShown();
    write(SimulatedCertificate.forHosts(List.of("localhost")));
    String said = command("reload");
    assertTrue(said.startsWith("0 taken over: 2 tls\n"), said);
    assertTrue(said.contains("openmmp.tls.certificate: the file has changed"), said);
    BigInteger second = serialShown();
    assertFalse(second.equals(first));
    // The files alone, as an ACME client leaves them
    write(SimulatedCertificate.forHosts(List.of("localhost")));
    Await.until("the third", SOON, () -> !shownNow().equals(second));
    BigInteger third = serialShown();
    // Half a pair
    SimulatedCertificate next = SimulatedCertificate.forHosts(List.of("localhost"));
    next.writeCertificate(pem);
    watch.expect("does not belong to");
    watch.expect("reload result=refused");
    Await.until(
        "half a pair is told",
        SOON,
        () -> program.log().contains("certificates result=refused: the key " + key));
    assertEquals(third, serialShown());
    String half = command("reload");
    assertTrue(half.startsWith("3 openmmp: refused: the key " + key + " does not belong"), half);
    assertEquals(third, serialShown());
    Path whole = next.writeKey(key.resolveSibling("whole.key"));
    Files.move(whole, key, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Await.until("the whole pair", SOON, () -> !shownNow().equals(third));
    // What the watch has taken over is no change of this reload.
    assertEquals("0 taken over: nothing has changed", command("reload"));
    assertEquals(
        "0 taken over: 1 limits", first(reload(text("openmmp.limits.sessions-per-user = 77"))));
    logIn(ALICE);
  }

  private BigInteger shownNow() {
    try {
      return serialShown();
    } catch (Exception none) {
      throw new AssertionError(none);
    }
  }

  // B7.1, B7.3
  @Test
  void mistakesChangeNothingAndAreToldWithTheirPlace() throws Exception {
    watch.expect("reload");
    watch.expect("cannot be used: ");
    String bad = text("") + "openmmp.limits.max-connections = many\n";
    RunDirectory.write(program.configuration(), bad);
    String place = program.configuration() + ":" + bad.lines().count();
    String told = place + ": openmmp.limits.max-connections: found ";
    String said = command("reload");
    assertTrue(said.startsWith("78 ") && said.contains(told), said);
    Command.run("kill", "-HUP", Long.toString(program.process().pid())).succeeded();
    program.process().awaitLine(Pattern.compile("reload result=refused"));
    assertTrue(program.log().contains(told), program.log());
    logIn(ALICE);
    // A directory that does not let us in
    String wrong = text("openmmp.directory.bind-password = \"another\"");
    String refused = reload(wrong);
    assertTrue(
        refused.startsWith("3 openmmp: refused: openmmp.directory: directory server"), refused);
    assertFalse(refused.contains("another"), refused);
    add(directory, new MailUser("carol", "example.com", ALICE.password()), "cluster1");
    accounts.user("carol@example.com", ALICE.password());
    logIn(new MailUser("carol", "example.com", ALICE.password()));
    // SIGHUP takes it over as the command does
    RunDirectory.write(program.configuration(), text("openmmp.limits.max-connections = 1999"));
    Command.run("kill", "-HUP", Long.toString(program.process().pid())).succeeded();
    Matcher done = program.process().awaitLine(Pattern.compile("reload result=ok: (.*)"));
    assertEquals("1 limits", done.group(1));
    assertTrue(program.admin().page("/metrics").contains("openmmp_connections_allowed 1999.0"));
  }

  // B7.3
  @Test
  void anotherDirectoryServerIsAskedFromThenOn() throws Exception {
    logIn(ALICE);
    try (EmbeddedDirectory other = EmbeddedDirectory.start()) {
      add(other, ALICE, "cluster2");
      int second = store(1).counters().logins();
      String said = reload(text("openmmp.directory.urls = \"" + other.url() + "\""));
      assertEquals("0 taken over: 1 directory", first(said));
      logIn(ALICE);
      assertEquals(second + 1, store(1).counters().logins());
      String status = command("status");
      assertFalse(status.contains(directory.url().replace("ldap://", "")), status);
      assertEquals("0 taken over: 1 directory", first(reload(text(""))));
    }
  }
}
