package org.openmmp.storesim.pop3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeBehaviour;
import org.openmmp.storesim.ReferralForm;
import org.openmmp.storesim.SimulatedCertificate;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.session.NodeTls;

class Pop3LoginPhaseTest {
  private static final NodeBehaviour HEALTHY = NodeBehaviour.healthy();

  private StoreCluster cluster;

  @BeforeEach
  void startGroup() {
    ClusterSettings settings = ClusterSettings.replicated("cluster1", "huey", "dewey");
    SimulatedCertificate made = SimulatedCertificate.forHostsOf(settings);
    cluster =
        StoreCluster.start(
            settings,
            new Accounts().user("alice", "sesame").user("dora", "a b").admin("admin", "key"),
            List.of(
                new Pop3Endpoint(NodeTls.none()),
                new Pop3Endpoint("stls", NodeTls.startTls(made.serverContext()))));
  }

  @AfterEach
  void stopGroup() {
    cluster.close();
  }

  @Test
  void masterLogsIn() throws Exception { // B4.1
    try (RawPop3Client client = connect("huey")) {
      assertEquals("+OK [XCLIENT] huey ready", client.line());
      assertEquals("-ERR Not done: USER first", client.command("PASS sesame"));
      assertEquals("-ERR Not done: Log in first", client.command("STAT"));
      assertEquals("+OK the password, please", client.command("user alice"));
      assertEquals("+OK Logged in, 0 messages", client.command("pass sesame"));
    }
    try (RawPop3Client client = connect("huey")) {
      client.line();
      client.command("USER dora");
      assertEquals("+OK Logged in, 0 messages", client.command("PASS a b"));
    }
    assertEquals(2, cluster.node("huey").counters().logins());
  }

  @Test
  void capabilitiesAreToldBeforeAndAfterLogin() throws Exception { // B4.1
    try (RawPop3Client client = connect("huey")) {
      client.line();
      List<String> before = client.lines("CAPA");
      assertTrue(
          before.containsAll(
              List.of(
                  "RESP-CODES",
                  "AUTH-RESP-CODE",
                  "PIPELINING",
                  "USER",
                  "SASL PLAIN OAUTHBEARER XOAUTH2")),
          before::toString);
      client.command("USER alice");
      client.command("PASS sesame");
      assertTrue(client.lines("CAPA").contains("UIDL"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PLAIN, |alice|sesame, +OK Logged in",
    "PLAIN, alice|admin|key, +OK Logged in",
    "PLAIN, alice|admin|sesame, -ERR [AUTH]",
    "PLAIN, nonsense, -ERR Not done",
    "XOAUTH2, user=alice^auth=Bearer token-of-alice^^, +OK Logged in",
    "OAUTHBEARER, 'n,a=alice,^auth=Bearer token-of-alice^^', +OK Logged in",
    "OAUTHBEARER, 'n,a=alice,^auth=Bearer no^^', -ERR [AUTH]"
  })
  void mechanismsWithAndWithoutInitialResponse(String mechanism, String message, String answer)
      throws Exception { // B4.1
    String proof = message.replace('|', '\0').replace('^', '\1');
    String base64 = Base64.getEncoder().encodeToString(proof.getBytes(StandardCharsets.UTF_8));
    try (RawPop3Client client = connect("huey")) {
      client.line();
      assertTrue(client.command("AUTH " + mechanism + " " + base64).startsWith(answer));
    }
    try (RawPop3Client client = connect("huey")) {
      client.line();
      assertEquals("+ ", client.command("auth " + mechanism));
      assertEquals("-ERR Cancelled", client.command("*"));
      assertEquals("+ ", client.command("AUTH " + mechanism));
      assertTrue(client.command(base64).startsWith(answer));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ACCEPTING", "REFUSING"})
  void replicaRefersWhereThePasswordWasAsked(ReferralForm form) throws Exception { // B4.2
    cluster.behave("dewey", HEALTHY.referringBy(form));
    try (RawPop3Client client = connect("dewey")) {
      assertEquals("-ERR [SYS/REFER/" + master() + "] Log in there", client.logIn());
      client.command("USER alice");
      assertEquals("-ERR [AUTH] Wrong user or password", client.command("PASS wrong"));
    }
    assertEquals(1, cluster.node("dewey").counters().referrals());
    assertEquals(0, cluster.node("dewey").counters().logins());
  }

  @Test
  void replicaRefersAtTheNameOrTheGreeting() throws Exception { // B4.2
    cluster.behave("dewey", HEALTHY.referringBy(ReferralForm.NAMING));
    try (RawPop3Client client = connect("dewey")) {
      client.line();
      String answer = "-ERR [SYS/REFER/" + master() + "] Try the master";
      assertEquals(answer, client.command("USER alice"));
    }
    assertEquals(0, cluster.node("dewey").counters().passwords());
    cluster.behave("dewey", HEALTHY.referringBy(ReferralForm.GREETING));
    try (RawPop3Client client = connect("dewey")) {
      assertEquals("-ERR [SYS/REFER/" + master() + "] Try the master", client.line());
      assertEquals("<closed>", client.line());
    }
  }

  @Test
  void portIsNamedInDovecotsForm() throws Exception { // B4.2
    cluster.behave("dewey", HEALTHY.namingPort());
    String place = master() + ":" + cluster.port("pop3");
    try (RawPop3Client client = connect("dewey")) {
      assertEquals("-ERR [REFERRAL/alice@" + place + "] Log in there", client.logIn());
    }
    cluster.behave("dewey", HEALTHY.namingPort().referringBy(ReferralForm.GREETING));
    try (RawPop3Client client = connect("dewey")) {
      assertEquals("-ERR [REFERRAL/" + place + "] Try the master", client.line());
    }
    cluster.referUser("alice", "sys/Refer/elsewhere");
    try (RawPop3Client client = connect("huey")) {
      assertEquals("-ERR [sys/Refer/elsewhere] Log in there", client.logIn());
    }
  }

  @Test
  void replicaWithoutMasterIsTemporarilyOutOfOrder() throws Exception { // B2.11
    ClusterSettings one = ClusterSettings.replicated("c", "lone");
    try (StoreCluster lone =
        StoreCluster.start(
            one,
            new Accounts().user("alice", "sesame"),
            List.of(new Pop3Endpoint(NodeTls.none())))) {
      lone.kill("lone");
      lone.start("lone");
      try (RawPop3Client client = new RawPop3Client(lone.node("lone").socket("pop3"))) {
        assertEquals("-ERR [SYS/TEMP] No master is known", client.logIn());
      }
    }
  }

  @Test
  void storeWithoutSaslTakesNamesAndPasswordsOnly() throws Exception { // B4.1
    ClusterSettings old = ClusterSettings.replicated("c", "old");
    try (StoreCluster group =
            StoreCluster.start(
                old,
                new Accounts().user("alice", "sesame"),
                List.of(Pop3Endpoint.withoutSasl(NodeTls.none())));
        RawPop3Client client = new RawPop3Client(group.node("old").socket("pop3"))) {
      assertEquals("+OK Logged in, 0 messages", client.logIn());
      assertEquals("+OK goodbye", client.command("QUIT"));
      try (RawPop3Client other = new RawPop3Client(group.node("old").socket("pop3"))) {
        other.line();
        assertTrue(other.lines("CAPA").stream().noneMatch(line -> line.startsWith("SASL")));
        assertEquals("-ERR Not done: No such mechanism", other.command("AUTH PLAIN"));
      }
    }
  }

  @Test
  void xclientIsNoted() throws Exception { // B3.12
    try (RawPop3Client client = connect("huey")) {
      client.line();
      client.command("USER alice");
      assertEquals("+OK noted", client.command("XCLIENT ADDR=192.0.2.1 PORT=4711 TTL=3"));
      assertTrue(client.command("XCLIENT nonsense").startsWith("-ERR "));
    }
    assertEquals(
        List.of(Map.of("addr", "192.0.2.1", "port", "4711", "ttl", "3")),
        cluster.node("huey").counters().clientIds());
  }

  @Test
  void nothingSentBehindStlsIsEverAnswered() throws Exception { // B6.2, T1
    try (RawPop3Client client = new RawPop3Client(cluster.node("huey").socket("stls"))) {
      client.line();
      assertTrue(client.lines("CAPA").contains("STLS"));
      assertEquals("-ERR [AUTH] TLS first", client.command("USER alice"));
      assertEquals("-ERR [AUTH] TLS first", client.command("AUTH PLAIN AGFsaWNlAHNlc2FtZQ=="));
      assertEquals("+OK begin TLS", client.command("STLS\r\nNOOP"));
      client.limit(200);
      assertThrows(SocketTimeoutException.class, client::line);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TEMPORARY_ERROR, -ERR [SYS/TEMP] Temporarily out of order",
    "MAILBOX_IN_USE, -ERR [IN-USE] Another session holds the mailbox",
    "DROP_AT_LOGIN, <closed>"
  })
  void faultsOfTheLoginAreAsNamed(Fault fault, String answer) throws Exception { // B4.3
    cluster.behave("huey", NodeBehaviour.failing(fault));
    try (RawPop3Client client = connect("huey")) {
      assertEquals(answer, client.logIn());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HANG", "HANG_AFTER_GREETING", "HANG_AT_LOGIN"})
  void silentFaultsSayNothingMore(Fault fault) throws Exception { // hostile row B1
    cluster.behave("huey", NodeBehaviour.failing(fault));
    try (RawPop3Client client = connect("huey")) {
      client.send("USER alice\r\nPASS sesame\r\n");
      client.limit(300);
      int lines = fault == Fault.HANG ? 0 : fault == Fault.HANG_AFTER_GREETING ? 1 : 2;
      for (int i = 0; i < lines; i++) {
        assertTrue(client.line().startsWith("+OK "));
      }
      assertThrows(SocketTimeoutException.class, client::line);
    }
  }

  @Test
  void faultsOfTheConnectionAreAsNamed() throws Exception { // hostile row B1
    cluster.behave("huey", NodeBehaviour.failing(Fault.GREET_BYE));
    try (RawPop3Client client = connect("huey")) {
      assertEquals("-ERR [SYS/TEMP] huey takes no connections now", client.line());
      assertEquals("<closed>", client.line());
    }
    cluster.behave("huey", NodeBehaviour.failing(Fault.REFUSE));
    assertThrows(ConnectException.class, () -> connect("huey").close());
  }

  @Test
  void slowNodeAnswersLateAndInOrder() throws Exception { // B2.6, B4.4
    cluster.behave("huey", HEALTHY.slow(Duration.ofMillis(400)));
    try (RawPop3Client client = connect("huey")) {
      client.line();
      long start = System.nanoTime();
      client.send("USER alice\r\nPASS sesame\r\nSTAT\r\nQUIT\r\n");
      assertEquals("+OK the password, please", client.line());
      assertEquals("+OK Logged in, 0 messages", client.line());
      assertTrue(System.nanoTime() - start >= 400_000_000L);
      assertEquals("+OK 0 0", client.line());
      assertEquals("+OK goodbye", client.line());
      assertEquals("<closed>", client.line());
    }
  }

  private String master() {
    return cluster.node("huey").hostName();
  }

  private RawPop3Client connect(String node) throws IOException {
    return new RawPop3Client(cluster.node(node).socket("pop3"));
  }
}
