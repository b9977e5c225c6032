package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.program.HostileSuite;
import org.openmmp.program.Main;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;
import org.openmmp.storesim.SimulatedCertificate;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.imap.ImapEndpoint;
import org.openmmp.storesim.pop3.Pop3Endpoint;
import org.openmmp.storesim.session.NodeTls;

/** The list of checks before going live, against the running program (rule B7.17). */
final class SelfTestTest {
  private static final MailUser ALICE = MailUser.of("alice");
  private static final Pattern LINE =
      Pattern.compile("(PASS|FAIL|SKIPPED) +(\\S+)(?: (\\S+))? (\\S+): (.*)");

  private final RunDirectory run = RunDirectory.of(SelfTestTest.class);
  private final EmbeddedDirectory directory = EmbeddedDirectory.start();
  private final LogWatch watch =
      new LogWatch(List.of(ALICE.password(), EmbeddedDirectory.BIND_PASSWORD));
  private final Path pem = run.create("tls").resolve("proxy.pem");
  private final Path password = pem.resolveSibling("password");
  private StoreCluster cluster;
  private ProxyProcess program;

  @BeforeEach
  void start() {
    Accounts accounts = new Accounts();
    accounts.user(ALICE.login(), ALICE.password());
    cluster =
        StoreCluster.start(
            ClusterSettings.replicated("cluster1", "huey"),
            accounts,
            List.of(new ImapEndpoint(NodeTls.none()), new Pop3Endpoint(NodeTls.none())));
    directory.add(new DirectoryUser(ALICE.name(), ALICE.domain(), ALICE.password(), "cluster1"));
    SimulatedCertificate shown = SimulatedCertificate.forHosts(List.of("mail.example.com"));
    shown.writeCertificate(pem);
    shown.writeKey(pem.resolveSibling("proxy.key"));
    RunDirectory.write(password, ALICE.password() + "\n");
    watch.expect("refused|ends soon|openmmp.limits|bad-command| standstill ");
    program = new ProxyProcess(run, "all", "all", text(""), pem, watch);
  }

  @AfterEach
  void stop() {
    program.close();
    cluster.close();
    directory.close();
    run.close();
  }

  private String text(String more) {
    return """
    openmmp {
      hostname = mail.example.com
      directory {
        urls = "%s", base-dn = "%s", bind-dn = "%s", bind-password = "%s"
        default-domain = example.com
      }
      proxy.cluster1 { storehostlist = "%s", imapport = %d, popport = %d }
      proxy-defaults { tls = off, wait-for-store = 0 }
      resolver.hosts { "%s" = "%s" }
      imap { listen = "127.0.0.1:0", listen-tls = "127.0.0.1:0", login-timeout = 12s }
      pop3 { listen = "127.0.0.1:0", listen-tls = "127.0.0.1:0", login-timeout = 12s }
      lmtp.listen = "127.0.0.1:0"
      tls { certificate = "%s", key = "%s" }
      limits { penalty.first = 0, max-connections = 2000, logins-per-second-per-address = 0 }
      admin { listen = "127.0.0.1:0", socket = "%s" }
      state-file = null
      drain.lead = 0s
    }
    %s
    """
        .formatted(
            directory.url(),
            EmbeddedDirectory.BASE_DN,
            EmbeddedDirectory.BIND_DN,
            EmbeddedDirectory.BIND_PASSWORD,
            cluster.nodes().get(0).hostName(),
            cluster.port("imap"),
            cluster.port("pop3"),
            cluster.nodes().get(0).hostName(),
            cluster.nodes().get(0).address(),
            pem,
            pem.resolveSibling("proxy.key"),
            pem.resolveSibling("admin.sock"),
            more);
  }

  private String command(String... words) {
    StringWriter said = new StringWriter();
    List<String> line = new ArrayList<>(List.of(words));
    line.addAll(List.of("--config", program.configuration().toString()));
    PrintWriter out = new PrintWriter(said, true);
    int status = Main.run(out, out, line.toArray(String[]::new));
    LogWatch.failOnSecrets(
        List.of(EmbeddedDirectory.BIND_PASSWORD, ALICE.password()), "an answer", said.toString());
    return status + "\n" + said;
  }

  /** Verdict and reason of each check, by listener's label and check. */
  private static Map<String, String> checks(String said) {
    Map<String, String> all = new TreeMap<>();
    said.lines()
        .map(LINE::matcher)
        .filter(Matcher::matches)
        .forEach(
            line ->
                all.put(line.group(2) + " " + line.group(4), line.group(1) + " " + line.group(5)));
    return all;
  }

  private void reload(String more) {
    RunDirectory.write(program.configuration(), text(more));
    String said = command("reload");
    assertTrue(said.startsWith("0\n"), said);
  }

  // B7.17
  @Test
  void goodProgramPassesAndEveryListenerOfEveryProtocolIsTried() {
    String said =
        command("selftest", "--user", ALICE.login(), "--password-file", password.toString());
    Map<String, String> found = checks(said);
    assertTrue(said.startsWith("0\n"), said);
    assertTrue(said.contains(" checks, 0 failed"), said);
    for (String label : List.of("imap", "imaps", "pop3", "pop3s")) {
      for (String check :
          List.of(
              "certificate",
              "proxy-header",
              "long-line",
              "bad-commands",
              "unknown-user",
              "wrong-password",
              "right-password")) {
        String seen = found.getOrDefault(label + " " + check, "none");
        assertTrue(seen.startsWith("PASS "), () -> label + " " + check + ": " + said);
      }
      boolean plain = !label.endsWith("s");
      for (String check : List.of("starttls-injection", "plain-login")) {
        String seen = found.getOrDefault(label + " " + check, "none");
        assertTrue(seen.startsWith(plain ? "PASS " : "SKIPPED "), () -> label + check + said);
      }
    }
    for (String check :
        List.of("certificate", "proxy-header", "long-line", "bad-commands", "starttls-injection")) {
      assertTrue(found.getOrDefault("lmtp " + check, "none").startsWith("PASS "), said);
    }
    assertEquals("SKIPPED there are no logins in LMTP", found.get("lmtp unknown-user"), said);
    for (String service : List.of("imap", "pop3", "lmtp")) {
      assertTrue(found.getOrDefault(service + " foreign-referral", "").startsWith("PASS "), said);
    }
    assertTrue(found.getOrDefault("admin admin-token", "").startsWith("PASS "), said);
  }

  // T1, T5 to T7, T9, T10, P1 to P13, R10 to R12, L5, L11
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @ValueSource(
      strings = {"imap starttls", "imaps implicit", "pop3 starttls", "pop3s implicit", "lmtp none"})
  void hostileClientsDoNoHarm(String listener) {
    String label = listener.split(" ", 2)[0];
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said, true);
    List<String> words =
        new ArrayList<>(
            List.of(
                "--target",
                "127.0.0.1:" + program.port(label),
                "--protocol",
                label.substring(0, 4),
                "--tls",
                listener.split(" ", 2)[1],
                "--patience",
                "40"));
    if (!label.equals("lmtp")) { // where nobody's stores take mail
      words.addAll(List.of("--user", ALICE.login(), "--password-file", password.toString()));
    }
    int status = HostileSuite.run(out, out, words.toArray(String[]::new));
    assertEquals(0, status, said::toString);
    assertTrue(
        said.toString().matches("(?s).*score (\\d+) of \\1 rows passed; .*"), said::toString);
  }

  @Test
  void hostileClientsSeeAFrontEndThatTakesWhatItShouldNot() throws IOException {
    try (ServerSocket open = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread careless = new Thread(() -> letEverybodyIn(open), "careless");
      careless.setDaemon(true);
      careless.start();
      StringWriter said = new StringWriter();
      PrintWriter out = new PrintWriter(said, true);
      int status =
          HostileSuite.run(
              out,
              out,
              "--target",
              "127.0.0.1:" + open.getLocalPort(),
              "--tls",
              "none",
              "--patience",
              "2",
              "--json");
      assertEquals(3, status, said::toString);
      for (String row : List.of("T10", "P1", "P3", "P4", "P6", "P9", "P12", "R10")) {
        assertTrue(
            said.toString().contains("{\"row\":\"" + row + "\",\"verdict\":\"FAIL\""),
            row + ": " + said);
      }
    }
  }

  /** A front end that answers everything with OK, and asks for every literal. */
  private static void letEverybodyIn(ServerSocket listener) {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Thread each = new Thread(() -> letIn(client), "careless");
        each.setDaemon(true);
        each.start();
      } catch (IOException closed) {
        return;
      }
    }
  }

  private static void letIn(Socket client) {
    try (client) {
      OutputStream out = client.getOutputStream();
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
      out.write("* OK ready\r\n".getBytes(StandardCharsets.ISO_8859_1));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        boolean more = line.endsWith("}") || line.contains("AUTHENTICATE");
        if (line.contains("AUTHENTICATE")) {
          out.write("+ \r\n".getBytes(StandardCharsets.ISO_8859_1));
          in.readLine();
        }
        String answer =
            more && line.endsWith("}") ? "+ go on" : line.split(" ", 2)[0] + " OK come in";
        out.write((answer + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      }
    } catch (IOException gone) {
      return;
    }
  }

  // B7.17
  @Test
  void whatIsConfiguredBadlyIsSeenToFail() {
    reload(
        """
        openmmp.login.referral.trusted = ["*"]
        openmmp.hostname = other.example.com
        openmmp.imap.clear-text-passwords = always
        openmmp.pop3.listen = [{ address = "127.0.0.1:0", proxy-protocol = required }]
        openmmp.proxy-protocol.networks = ["192.0.2.7"]
        """);
    directory.close(); // so that nobody can be told from anybody
    String said = command("selftest");
    Map<String, String> found = checks(said);
    assertTrue(said.startsWith("3\n"), said);
    assertEquals(
        "FAIL would be followed, with passwords: from cluster1's stores to selftest.invalid"
            + " (openmmp.login.referral.trusted)",
        found.get("imap foreign-referral"),
        said);
    assertEquals(
        "FAIL is not for other.example.com (--name says which name clients use)",
        found.get("imaps certificate"),
        said);
    assertEquals(
        "SKIPPED clear-text-passwords = always allows it from here",
        found.get("imap plain-login"),
        said);
    assertEquals(
        "PASS the header of a stranger ends the connection", found.get("pop3 proxy-header"), said);
    assertTrue(found.getOrDefault("pop3 all-others", "").startsWith("SKIPPED "), said);
    assertTrue(
        found
            .getOrDefault("imaps unknown-user", "")
            .startsWith("FAIL is refused for another reason, which proves nothing: "),
        said);

    String tree = command("selftest", "--json", "--name", "mail.example.com");
    assertTrue(tree.startsWith("3\n{"), tree);
    assertTrue(
        tree.contains("\"check\":\"foreign-referral\"") && tree.contains("\"verdict\":\"FAIL\""),
        tree);
    assertFalse(tree.contains("is not for mail.example.com"), tree);
  }

  // B7.17
  @Test
  void withoutAFrontEndThereIsNothingToTry() {
    RunDirectory.write(
        program.configuration(),
        text("")
            .replace("admin.sock", "none.sock")
            .replace("\"127.0.0.1:0\", socket", "null, socket"));
    String said = command("selftest");
    assertTrue(said.startsWith("1\nopenmmp: "), said);
    String wrong = command("selftest", "--password-file", password.toString());
    assertTrue(wrong.startsWith("1\n"), wrong);
  }
}
