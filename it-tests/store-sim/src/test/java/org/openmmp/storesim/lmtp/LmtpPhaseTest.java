package org.openmmp.storesim.lmtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.lmtp.protocol.LmtpVerb;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.ForeignClient;
import org.openmmp.storesim.NodeBehaviour;
import org.openmmp.storesim.ReferralForm;
import org.openmmp.storesim.SimulatedCertificate;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.lmtp.LmtpTrouble.Point;
import org.openmmp.storesim.session.NodeTls;

final class LmtpPhaseTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final NodeBehaviour HEALTHY = NodeBehaviour.healthy();
  private static final String MESSAGE = "Subject: x\r\n\r\n.dot\0\u00ff\r\n";
  private static final String DATA = "Subject: x\r\n\r\n..dot\0\u00ff\r\n.\r\n";

  private final LmtpEndpoint lmtp = new LmtpEndpoint(NodeTls.none());
  private StoreCluster cluster;

  @BeforeEach
  void startGroup() {
    ClusterSettings settings = ClusterSettings.replicated("cluster1", "huey", "dewey");
    SimulatedCertificate made = SimulatedCertificate.forHostsOf(settings);
    Accounts accounts =
        new Accounts().user("alice", "sesame").user("bob@example.com", "b").user("carol", "c");
    cluster =
        StoreCluster.start(
            settings,
            accounts,
            List.of(lmtp, new LmtpEndpoint("tls", NodeTls.startTls(made.serverContext()))));
  }

  @AfterEach
  void stopGroup() {
    cluster.close();
  }

  private RawLmtpClient connect(String node) throws Exception {
    return new RawLmtpClient(cluster.node(node).socket("lmtp"));
  }

  private void script(LmtpScript script) {
    lmtp.script("huey", script);
  }

  private List<String> inbox(String user) {
    return cluster.mail().of(user).inbox().messages().stream()
        .map(message -> new String(message.octets(), ISO_8859_1))
        .toList();
  }

  @Test
  void messageIsDeliveredToEachRecipientOctetForOctet() throws Exception { // B5.3, B5.8
    try (RawLmtpClient client = connect("huey")) {
      assertEquals("220 huey LMTP ready", client.line());
      assertTrue(client.reply(RawLmtpClient.LHLO).contains("250-CHUNKING"));
      assertEquals("250 2.1.0 OK", client.command("MAIL FROM:<> SIZE=10 BODY=8BITMIME"));
      assertEquals("250 2.1.5 OK", client.command("RCPT TO:<alice+x@example.com> NOTIFY=NEVER"));
      assertEquals(
          "550 5.1.1 <nobody@example.com> Unknown user",
          client.command("RCPT TO:<nobody@example.com>"));
      assertEquals("250 2.1.5 OK", client.command("RCPT TO:<bob@example.com>"));
      assertEquals("354 Go on", client.command("DATA"));
      client.send(DATA);
      assertEquals("250 2.1.5 <alice+x@example.com> Delivered", client.line());
      assertEquals("250 2.1.5 <bob@example.com> Delivered", client.line());
      assertEquals("221 2.0.0 Goodbye", client.command("QUIT"));
      assertEquals("<closed>", client.line());
    }
    assertEquals(List.of(MESSAGE), inbox("alice"));
    assertEquals(List.of(MESSAGE), inbox("bob@example.com"));
    ReceivedMessage delivery = lmtp.transcript("huey").deliveries().get(0);
    assertEquals(
        new ReceivedMessage(
            1,
            "MAIL FROM:<> SIZE=10 BODY=8BITMIME",
            List.of("RCPT TO:<alice+x@example.com> NOTIFY=NEVER", "RCPT TO:<bob@example.com>"),
            MESSAGE,
            List.of(
                "250 2.1.5 <alice+x@example.com> Delivered",
                "250 2.1.5 <bob@example.com> Delivered")),
        delivery);
    assertEquals(MESSAGE.length(), lmtp.transcript("huey").messageOctets());
    assertEquals(3, lmtp.transcript("huey").lines("RCPT").size());
  }

  @Test
  void messageInChunksIsKeptAsItIs() throws Exception { // B5.1
    try (RawLmtpClient client = connect("huey")) {
      client.envelope("alice");
      assertEquals("250 2.0.0 So far", client.command("BDAT 6\r\n.\r\n."));
      assertEquals("250 2.0.0 So far", client.command("BDAT 0"));
      client.send("BDAT 1 LAST\r\nxNOOP\r\n");
      assertEquals("250 2.1.5 <alice> Delivered", client.line());
      assertEquals("250 2.0.0 Nothing done", client.line());
      assertEquals("503 5.5.1 No recipients", client.command("BDAT 5 LAST\r\nabc"));
    }
    assertEquals(List.of(".\r\n.\r\nx"), inbox("alice"));
  }

  @Test
  void commandsOutOfOrderAreRefused() throws Exception {
    try (RawLmtpClient client = connect("huey")) {
      client.line();
      assertEquals("503 5.5.1 LHLO first, and one MAIL", client.command(RawLmtpClient.MAIL));
      assertEquals("501 5.5.4 Your name, please", client.command("LHLO"));
      client.reply(RawLmtpClient.LHLO);
      assertEquals("503 5.5.1 MAIL first", client.command("RCPT TO:<alice>"));
      assertEquals("501 5.1.7 Bad sender address syntax", client.command("MAIL FROM:<a<b>"));
      assertEquals("250 2.1.0 OK", client.command(RawLmtpClient.MAIL));
      assertEquals("501 5.1.3 Bad recipient address syntax", client.command("RCPT TO:<>"));
      assertEquals("503 5.5.1 No recipients", client.command("DATA")); // L5
      assertEquals("250 2.1.5 OK", client.command("RCPT TO:<alice>"));
      assertEquals("250 2.0.0 Forgotten", client.command("RSET"));
      assertEquals("503 5.5.1 No recipients", client.command("DATA"));
      assertEquals("252 2.5.2 Send some mail", client.command("VRFY alice"));
      assertEquals("500 5.5.1 Not a command here", client.command("EHLO x"));
    }
  }

  @Test
  void scriptedRepliesAreSaidInsteadAndDeliverOnlyIfTheyAreGood() throws Exception {
    script(
        LmtpScript.HEALTHY
            .answering(LmtpVerb.RSET, "421 4.3.2 Bye")
            .answeringRecipient("Carol@example.com", "450 4.2.1 Locked")
            .answeringMessage("bob@example.com", "452 4.2.2 Over quota"));
    try (RawLmtpClient client = connect("huey")) {
      assertEquals(
          "450 4.2.1 Locked", client.envelope("alice", "bob@example.com", "carol@example.com"));
      client.command("DATA");
      client.send(DATA);
      assertEquals("250 2.1.5 <alice> Delivered", client.line());
      assertEquals("452 4.2.2 Over quota", client.line());
      assertEquals("421 4.3.2 Bye", client.command("RSET"));
      assertEquals("<closed>", client.line());
    }
    assertEquals(List.of(MESSAGE), inbox("alice"));
    assertEquals(List.of(), inbox("bob@example.com"));
  }

  @Test
  void messageOverTheSizeIsRefusedForEachRecipient() throws Exception {
    script(LmtpScript.HEALTHY.offering("SIZE 10"));
    try (RawLmtpClient client = connect("huey")) {
      client.envelope("alice");
      client.command("DATA");
      client.send(DATA);
      assertEquals("552 5.3.4 Message is too long", client.line());
      assertEquals(
          "555 5.5.4 Unsupported parameter", client.command(RawLmtpClient.MAIL + " SMTPUTF8"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "AT_LHLO, 0, '', 0",
    "AT_MAIL, 0, LHLO, 0",
    "AFTER_RCPT, 1, LHLO MAIL RCPT, 0",
    "AFTER_RCPT, 2, LHLO MAIL RCPT RCPT, 0",
    "AT_DATA, 0, LHLO MAIL RCPT RCPT, 0",
    "IN_MESSAGE, 5, LHLO MAIL RCPT RCPT DATA, 0",
    "AFTER_REPLIES, 0, LHLO MAIL RCPT RCPT DATA, 1",
    "AFTER_REPLIES, 1, LHLO MAIL RCPT RCPT DATA reply, 1",
    "NEVER, 0, LHLO MAIL RCPT RCPT DATA reply reply, 1"
  })
  void storeDiesAtAnyPoint(Point point, long count, String answered, int delivered) // L4
      throws Exception {
    script(LmtpScript.HEALTHY.with(LmtpTrouble.dies(point, count)));
    List<String> got = new ArrayList<>();
    try (RawLmtpClient client = connect("huey")) {
      client.line();
      client.send("LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<alice>\r\nRCPT TO:<carol>\r\nDATA\r\n");
      String[] names = {"LHLO", "MAIL", "RCPT", "RCPT", "DATA", "reply", "reply"};
      for (String name : names) {
        String line = client.line();
        while (line.startsWith("250-")) {
          line = client.line();
        }
        if (line.equals("<closed>")) {
          break;
        }
        got.add(name);
        if (name.equals("DATA")) {
          client.send(DATA);
        }
      }
    }
    assertEquals(answered, String.join(" ", got));
    assertEquals(delivered, lmtp.transcript("huey").deliveries().size());
    assertEquals(delivered, inbox("alice").size());
  }

  @Test
  void storeMayFallSilentInstead() throws Exception { // L6
    script(LmtpScript.HEALTHY.with(LmtpTrouble.hangs(Point.AFTER_REPLIES, 0)));
    try (RawLmtpClient client = connect("huey")) {
      client.envelope("alice");
      client.command("DATA");
      client.limit(200);
      client.send(DATA);
      assertThrows(SocketTimeoutException.class, client::line);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ACCEPTING, false, 220 dewey LMTP ready [REFERRAL lmtp://%s/]",
    "ACCEPTING, true, 220 dewey LMTP ready [REFERRAL lmtp://%s:%d/]",
    "GREETING, false, 421 4.3.2 dewey is no master [REFERRAL lmtp://%s/]"
  })
  void replicaRefersToTheMasterWhenItGreets(ReferralForm form, boolean port, String greeting)
      throws Exception { // B5.6
    NodeBehaviour referring = HEALTHY.referringBy(form);
    cluster.behave("dewey", port ? referring.namingPort() : referring);
    String expected =
        String.format(greeting, cluster.node("huey").hostName(), cluster.port("lmtp"));
    try (RawLmtpClient client = connect("dewey")) {
      assertEquals(expected, client.line());
      if (form == ReferralForm.ACCEPTING) {
        client.reply(RawLmtpClient.LHLO);
        assertEquals("451 4.3.2 No master", client.command(RawLmtpClient.MAIL));
      } else {
        assertEquals("<closed>", client.line());
      }
    }
    assertEquals(1, cluster.node("dewey").counters().referrals());
  }

  @Test
  void replicaRefersEachRecipientAsDovecotDoes() throws Exception { // B5.6
    cluster.behave("dewey", HEALTHY.referringBy(ReferralForm.REFUSING).namingPort());
    String huey = cluster.node("huey").hostName() + ":" + cluster.port("lmtp");
    try (RawLmtpClient client = connect("dewey")) {
      assertEquals(
          "550 5.2.900 <alice@example.com> alice@" + huey + " Referral",
          client.envelope("alice@example.com"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GREET_BYE, 421 4.3.2 huey takes no connections now",
    "TEMPORARY_ERROR, 451 4.3.0 Temporarily out of order",
    "DROP_AT_LOGIN, <closed>",
    "MAILBOX_IN_USE, 450 4.2.1 <alice> Mailbox is in use"
  })
  void faultsOfANodeMeetDeliveriesToo(Fault fault, String answer) throws Exception { // B1
    cluster.behave("huey", NodeBehaviour.failing(fault));
    try (RawLmtpClient client = connect("huey")) {
      String line = client.line();
      if (line.startsWith("220")) {
        client.reply(RawLmtpClient.LHLO);
        line = client.command(RawLmtpClient.MAIL);
      }
      if (line.startsWith("250")) {
        line = client.command("RCPT TO:<alice>");
      }
      assertEquals(answer, line);
    }
  }

  @ParameterizedTest
  @CsvSource({"true, 2", "false, 1"})
  void lenientStoreIsDeceivedByAFalseEndOfData(boolean lenient, int messages) // L1
      throws Exception {
    script(lenient ? LmtpScript.HEALTHY.leniently() : LmtpScript.HEALTHY);
    try (RawLmtpClient client = connect("huey")) {
      client.envelope("alice");
      client.command("DATA");
      client.send("one\n.\nMAIL FROM:<evil>\nRCPT TO:<alice>\nDATA\r\ntwo\r\n.\r\n");
      client.send("QUIT\r\n");
      String line = client.line();
      while (!line.startsWith("221")) {
        line = client.line();
      }
    }
    assertEquals(messages, inbox("alice").size());
  }

  @Test
  void messageIsReadAsSlowlyAsTheScriptHasIt() throws Exception { // L9
    script(LmtpScript.HEALTHY.reading(10_000));
    int length = 4_000_000;
    try (RawLmtpClient client = connect("huey")) {
      client.envelope("alice");
      client.send("BDAT " + length + " LAST\r\n" + "x".repeat(100_000));
      lmtp.transcript("huey").await(heard -> heard.messageOctets() > 0, LIMIT);
      assertTrue(lmtp.transcript("huey").messageOctets() < 100_000);
    }
  }

  @Test
  void tlsIsOfferedAndNeededAndPlainTextBehindItIsLost() throws Exception { // T1
    try (RawLmtpClient client = new RawLmtpClient(cluster.node("huey").socket("tls"))) {
      client.line();
      assertTrue(client.reply(RawLmtpClient.LHLO).contains("250 STARTTLS"));
      assertEquals("530 5.7.0 TLS first", client.command(RawLmtpClient.MAIL));
      assertEquals("220 2.0.0 Begin TLS", client.command("STARTTLS\r\nNOOP"));
      client.limit(200);
      assertThrows(SocketTimeoutException.class, client::line);
    }
  }

  @Test
  void xclientIsRemembered() throws Exception {
    try (RawLmtpClient client = connect("huey")) {
      client.line();
      client.reply(RawLmtpClient.LHLO);
      assertEquals(
          "220 huey LMTP ready for that client",
          client.command("XCLIENT ADDR=192.0.2.1 LOGIN=a+20b"));
      assertEquals("501 5.5.4 Not like that", client.command("XCLIENT"));
      assertEquals("503 5.5.1 LHLO first, and one MAIL", client.command(RawLmtpClient.MAIL));
    }
    assertEquals(
        List.of(Map.of("addr", "192.0.2.1", "login", "a b")),
        cluster.node("huey").counters().clientIds());
  }

  @Test
  void pythonsLmtpClientDelivers() throws Exception {
    String said =
        ForeignClient.python(LmtpPhaseTest.class, "lmtp_tour.py", cluster.node("huey"), "lmtp");

    assertEquals("nobody: 550\n", said);
    assertEquals(List.of("Subject: x\r\n\r\n.one\r\n..\r\n"), inbox("alice"));
  }
}
