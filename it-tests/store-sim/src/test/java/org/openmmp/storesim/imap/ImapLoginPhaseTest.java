package org.openmmp.storesim.imap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.LoopbackAddresses;
import org.openmmp.storesim.NodeBehaviour;
import org.openmmp.storesim.NodeRole;
import org.openmmp.storesim.ReferralForm;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.session.NodeTls;
import org.openmmp.wire.Secret;

class ImapLoginPhaseTest {
  private static final String LOGIN = "a LOGIN alice@example.com sesame";

  private StoreCluster cluster;

  @BeforeEach
  void startGroup() {
    Accounts accounts =
        new Accounts().user("alice@example.com", "sesame").admin("admin", "master-key");
    cluster =
        StoreCluster.start(
            ClusterSettings.replicated("cluster1", "huey", "dewey", "louie"),
            accounts,
            List.of(new ImapEndpoint(NodeTls.none())));
  }

  @AfterEach
  void stopGroup() {
    cluster.close();
  }

  @Test
  void masterLogsInAndTakesWrites() throws Exception {
    try (RawImapClient client = connect("huey")) {
      assertTrue(client.line().startsWith("* OK [CAPABILITY IMAP4rev1 "));
      assertTrue(client.answer(LOGIN).startsWith("a OK [CAPABILITY "));
      assertEquals("b OK [READ-WRITE] selected", client.answer("b SELECT inbox"));
    }
    assertEquals(1, cluster.node("huey").counters().logins());
    assertTrue(cluster.node("huey").counters().saw(secret("sesame")));
    assertFalse(cluster.node("dewey").counters().saw(secret("sesame")));
  }

  @Test
  void replicaLogsInAndRefersAndRefusesWrites() throws Exception { // B3.5
    try (RawImapClient client = connect("dewey")) {
      client.line();
      List<String> answer = client.command(LOGIN);
      assertTrue(answer.get(0).startsWith("* CAPABILITY IMAP4rev1 "));
      String master = cluster.node("huey").address();
      assertEquals(
          "a OK [REFERRAL imap://alice%40example.com;AUTH=*@"
              + master
              + "/]"
              + " Logged in, the master is there",
          answer.get(1));
      assertEquals("b OK [READ-ONLY] selected", client.answer("b SELECT INBOX"));
      assertTrue(client.answer("c CREATE work").startsWith("c NO [READ-ONLY] "));
      client.send("d APPEND INBOX {2+}\r\nhi\r\n");
      assertTrue(client.line().startsWith("d NO [READ-ONLY] "));
    }
    assertEquals(1, cluster.node("dewey").counters().referrals());
  }

  @Test
  void everyReferralFormCanBeHad() throws Exception { // B3.5
    NodeBehaviour healthy = NodeBehaviour.healthy();
    cluster.behave("dewey", healthy.referringBy(ReferralForm.REFUSING).namingPort());
    String master = cluster.node("huey").address() + ":" + cluster.port("imap");
    try (RawImapClient client = connect("dewey")) {
      client.line();
      assertEquals(
          "a NO [REFERRAL imap://alice%40example.com;AUTH=*@" + master + "/] Log in there",
          client.answer(LOGIN));
    }
    cluster.behave(
        "dewey", healthy.referringBy(ReferralForm.GREETING).referringTo("imap://other/"));
    try (RawImapClient client = connect("dewey")) {
      assertEquals("* BYE [REFERRAL imap://other/] Try the master", client.line());
      assertEquals("<closed>", client.line());
    }
    cluster.behave("dewey", healthy);
    cluster.referUser("alice@example.com", "imap://elsewhere/");
    try (RawImapClient client = connect("huey")) {
      client.line();
      assertTrue(client.answer(LOGIN).startsWith("a OK [REFERRAL imap://elsewhere/] "));
    }
  }

  @Test
  void referralsCallTheMasterByItsName() throws Exception { // B2.14
    List<String> addresses = LoopbackAddresses.next(2);
    List<ClusterSettings.Node> nodes =
        List.of(
            new ClusterSettings.Node("a", addresses.get(0)).called("a.example.com"),
            new ClusterSettings.Node("b", addresses.get(1)).called("b.example.com"));
    ClusterSettings settings =
        new ClusterSettings("c", ClusterSettings.Model.REPLICATED, nodes, null, false);
    List<ImapEndpoint> endpoints = List.of(new ImapEndpoint(NodeTls.none()));
    try (StoreCluster named =
        StoreCluster.start(settings, new Accounts().user("bob", "x"), endpoints)) {
      assertEquals("a.example.com b.example.com", named.storeHostList());
      try (RawImapClient client = new RawImapClient(named.node("b").socket("imap"))) {
        client.line();
        String answer = client.answer("a LOGIN bob x");
        assertTrue(answer.startsWith("a OK [REFERRAL imap://bob;AUTH=*@a.example.com/] "), answer);
      }
    }
  }

  @Test
  void wrongPasswordIsFinalOnEveryNode() throws Exception { // B2.5
    for (StoreNode node : cluster.nodes()) {
      try (RawImapClient client = connect(node.name())) {
        client.line();
        assertTrue(
            client
                .answer("a LOGIN alice@example.com wrong")
                .startsWith("a NO [AUTHENTICATIONFAILED] "));
      }
    }
  }

  @Test
  void mechanismsWithAndWithoutInitialResponse() throws Exception { // B3.1
    String token = Accounts.tokenOf("alice@example.com");
    List<String[]> logins =
        List.of(
            new String[] {"PLAIN", "\0alice@example.com\0sesame", "OK"},
            new String[] {"PLAIN", "alice@example.com\0admin\0master-key", "OK"}, // B3.13
            new String[] {"PLAIN", "alice@example.com\0admin\0sesame", "NO"},
            new String[] {"XOAUTH2", "user=alice@example.com\1auth=Bearer " + token + "\1\1", "OK"},
            new String[] {
              "OAUTHBEARER", "n,a=alice@example.com,\1auth=Bearer " + token + "\1\1", "OK"
            },
            new String[] {"OAUTHBEARER", "n,a=alice@example.com,\1auth=Bearer no\1\1", "NO"});
    for (String[] login : logins) {
      byte[] message = login[1].getBytes(StandardCharsets.UTF_8);
      String base64 = Base64.getEncoder().encodeToString(message);
      try (RawImapClient client = connect("huey")) {
        client.line();
        String answer = client.answer("a AUTHENTICATE " + login[0] + " " + base64);
        assertTrue(answer.startsWith("a " + login[2]), answer);
      }
      try (RawImapClient client = connect("huey")) {
        client.line();
        client.send("a AUTHENTICATE " + login[0] + "\r\n");
        assertEquals("+ ", client.line());
        client.send(base64 + "\r\n");
        String answer = client.line();
        assertTrue(answer.startsWith("a " + login[2]), answer);
      }
    }
  }

  @Test
  void idIsNotedAndStrangeCommandsAreBad() throws Exception { // B3.12
    try (RawImapClient client = connect("huey")) {
      client.line();
      assertEquals("a OK done", client.answer("a ID (\"X-Originating-IP\" \"192.0.2.1\")"));
      assertEquals("b BAD Log in first", client.answer("b SELECT INBOX"));
      assertEquals("c BAD Cancelled", cancelled(client));
    }
    assertEquals(
        "192.0.2.1", cluster.node("huey").counters().clientIds().get(0).get("x-originating-ip"));
  }

  @Test
  void faultsOfTheLoginPhaseAreAsNamed() throws Exception { // hostile row B1
    fault(Fault.GREET_BYE);
    try (RawImapClient client = connect("huey")) {
      assertTrue(client.line().startsWith("* BYE "));
      assertEquals("<closed>", client.line());
    }
    fault(Fault.TEMPORARY_ERROR);
    try (RawImapClient client = connect("huey")) {
      client.line();
      assertTrue(client.answer(LOGIN).startsWith("a NO [UNAVAILABLE] "));
    }
    fault(Fault.DROP_AT_LOGIN);
    try (RawImapClient client = connect("huey")) {
      client.line();
      assertEquals("<closed>", client.answer(LOGIN));
    }
    fault(Fault.RESET);
    assertThrows(IOException.class, () -> readThenFail("huey"));
  }

  @Test
  void silentFaultsSayNothing() throws Exception { // hostile row B1
    for (Fault fault : List.of(Fault.HANG, Fault.HANG_AFTER_GREETING, Fault.HANG_AT_LOGIN)) {
      fault(fault);
      try (RawImapClient client = connect("huey")) {
        if (fault != Fault.HANG) {
          assertTrue(client.line().startsWith("* OK "));
        }
        client.limit(300);
        assertThrows(SocketTimeoutException.class, () -> client.command(LOGIN), fault::name);
      }
    }
    assertEquals(1, cluster.node("huey").counters().passwords());
  }

  @Test
  void refusedAndBlackHoledConnectionsNeverStand() throws Exception { // hostile row B1
    fault(Fault.REFUSE);
    assertThrows(ConnectException.class, () -> readThenFail("huey"));
    fault(Fault.BLACK_HOLE);
    assertThrows(SocketTimeoutException.class, () -> readThenFail("huey"));
    cluster.start("huey");
    try (RawImapClient client = connect("huey")) {
      assertTrue(client.line().startsWith("* OK "));
    }
  }

  @Test
  void slowNodeAnswersLate() throws Exception { // B2.6
    cluster.behave("huey", NodeBehaviour.healthy().slow(Duration.ofMillis(400)));
    try (RawImapClient client = connect("huey")) {
      client.line();
      long start = System.nanoTime();
      client.send(LOGIN + "\r\nb NOOP\r\n");
      assertTrue(client.line().startsWith("a OK "));
      assertTrue(System.nanoTime() - start >= 400_000_000L);
      assertEquals("b OK done", client.line());
    }
  }

  @Test
  void killedMasterIsFollowedByAnElectedOne() throws Exception {
    try (RawImapClient client = connect("huey")) {
      client.line();
      cluster.kill("huey");
      assertEquals("<closed>", client.line());
    }
    assertThrows(ConnectException.class, () -> readThenFail("huey"));
    assertEquals("dewey", cluster.elect().master());
    cluster.start("huey");
    assertEquals(NodeRole.REPLICA, cluster.node("huey").role());
    try (RawImapClient client = connect("huey")) {
      client.line();
      String answer = client.answer(LOGIN);
      assertTrue(answer.contains("@" + cluster.node("dewey").address() + "/"), answer);
    }
  }

  private String cancelled(RawImapClient client) throws IOException {
    client.send("c AUTHENTICATE PLAIN\r\n");
    assertEquals("+ ", client.line());
    client.send("*\r\n");
    return client.line();
  }

  private void readThenFail(String node) throws IOException {
    try (RawImapClient client = connect(node)) {
      if (client.line().equals("<closed>")) {
        throw new IOException("closed without a reset");
      }
    }
  }

  private void fault(Fault fault) {
    cluster.behave("huey", NodeBehaviour.failing(fault));
  }

  private RawImapClient connect(String node) throws IOException {
    return new RawImapClient(cluster.node(node).socket("imap"));
  }

  private static Secret secret(String text) {
    return Secret.taking(text.getBytes(StandardCharsets.UTF_8));
  }
}
