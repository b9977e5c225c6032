package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients of the relay may try: rows T1, T6, T7, T9, T10, P5, P11, P12, L5 and section 6. */
final class RelayClientAttackTest {
  private static final String LHLO = "LHLO mta.test\r\n";
  private static final DeliveryScript store = new DeliveryScript();

  private static AttackedRelay relay;
  private static ScriptedStore heardByStore;
  private static String alice;
  private static String bob;

  @BeforeAll
  static void startRelay(@TempDir Path workplace) {
    relay =
        new AttackedRelay(
            workplace,
            1,
            1,
            "openmmp.lmtp { trusted-clients = [\"127.0.0.9\"]",
            "  extensions = [PIPELINING, ENHANCEDSTATUSCODES, 8BITMIME, SIZE, CHUNKING]",
            "  spool.max-message = 200000, timeouts { command = 2s, body = 2s } }",
            "openmmp.proxy.g0.client-id = id");
    store.offering("PIPELINING", "8BITMIME", "SIZE", "CHUNKING", "XCLIENT ADDR PORT");
    AttackedRelay.Group group = relay.next();
    heardByStore = group.open(0, store);
    alice = group.user("a");
    bob = group.user("b");
  }

  @AfterAll
  static void stopRelay() {
    relay.close();
  }

  private static RawClient trusted() {
    RawClient client = new RawClient(relay.address(), "127.0.0.9");
    client.line();
    return client;
  }

  /** The next reply, its lines joined. */
  private static String reply(RawClient client) {
    StringBuilder reply = new StringBuilder();
    String line = client.line();
    while (line != null && line.length() > 3 && line.charAt(3) == '-') {
      reply.append(line).append(' ');
      line = client.line();
    }
    return reply.append(line).toString();
  }

  private static String command(RawClient client, String command) {
    return reply(client.send(command + "\r\n"));
  }

  private static void assertReply(String beginning, String reply) {
    assertTrue(reply.startsWith(beginning), reply);
  }

  // T1
  @ParameterizedTest
  @ValueSource(
      strings = {"NOOP\r\n", "NOOP\n", "\r\n", "\n", "x", "MAIL FROM:<>\r\n", "STARTTLS\r\n"})
  void nothingBehindStartTlsIsObeyed(String injected) {
    for (boolean split : new boolean[] {false, true}) {
      try (RawClient client = relay.client()) {
        assertReply("250", reply(client.send(LHLO)));
        if (split) {
          client.send("STARTTLS\r\n").send(injected);
        } else {
          client.send("STARTTLS\r\n" + injected);
        }
        String rest = client.rest();
        assertFalse(rest.contains("250 ") || rest.contains("500 "), rest);
      }
    }
    relay.assertAlive();
  }

  // T5, T6
  @Test
  void stateOfBeforeTheHandshakeIsGone() {
    try (RawClient client = relay.client()) {
      client.send(LHLO);
      reply(client);
      assertReply("250", command(client, "MAIL FROM:<a@example.org>"));
      assertReply("250", command(client, "RCPT TO:<" + alice + ">"));
      assertReply("220", command(client, "STARTTLS"));
      client.startTls(TestIdentity.anonymous());
      assertReply("503", command(client, "DATA"));
      assertReply("503", command(client, "RCPT TO:<" + alice + ">"));
      assertReply("503", command(client, "MAIL FROM:<a@example.org>"));
      assertFalse(reply(client.send(LHLO)).contains("STARTTLS"));
      assertReply("503", command(client, "STARTTLS"));
      assertReply("250", command(client, "MAIL FROM:<a@example.org>"));
    }
  }

  // T5, B6.2: who was between the client and the relay may not speak for the client for ever
  @Test
  void whatWasClaimedBeforeTheHandshakeIsForgotten() {
    try (RawClient client = trusted()) {
      reply(client.send(LHLO));
      assertReply("220", command(client, "XCLIENT ADDR=192.0.2.66"));
      reply(client.send(LHLO));
      assertReply("220", command(client, "STARTTLS"));
      client.startTls(TestIdentity.anonymous());
      reply(client.send(LHLO));
      deliver(client, alice);
    }
    assertFalse(openedTo().contains("192.0.2.66"), openedTo());
  }

  // Section 6
  @Test
  void xclientOfAStrangerIsRefusedAndOfATrustedClientIsPassedOn() {
    try (RawClient stranger = relay.client()) {
      assertFalse(reply(stranger.send(LHLO)).contains("XCLIENT"));
      assertReply("550", command(stranger, "XCLIENT ADDR=192.0.2.7"));
      deliver(stranger, alice);
    }
    assertFalse(openedTo().contains("192.0.2.7"), openedTo());
    for (String address : List.of("192.0.2.8", "IPV6:2001:db8::8")) {
      try (RawClient client = trusted()) {
        assertTrue(reply(client.send(LHLO)).contains("XCLIENT"));
        assertReply("220", command(client, "XCLIENT ADDR=" + address + " NAME=[UNAVAILABLE]"));
        assertReply("503", command(client, "MAIL FROM:<>"));
        reply(client.send(LHLO));
        deliver(client, alice);
      }
      assertTrue(openedTo().contains("XCLIENT ADDR=" + address + "\r\n"), openedTo());
    }
  }

  // Section 6
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ADDR",
        "ADDR=",
        "=1",
        "ADDR=192.0.2.1 ADDR=192.0.2.2",
        "ADDR=192.0.2.1+0D+0ARSET",
        "ADDR=a+00b",
        "ADDR=+",
        "ADDR=+4",
        "ADDR=+zz",
        "NAME=a+7Fb",
        "ADDR=a=b"
      })
  void malformedXclientIsRefusedAndChangesNothing(String attributes) {
    try (RawClient client = trusted()) {
      reply(client.send(LHLO));
      assertReply("501", command(client, ("XCLIENT " + attributes).strip()));
      assertReply("250", command(client, "MAIL FROM:<a@example.org>"));
      assertReply("503", command(client, "XCLIENT ADDR=192.0.2.1"));
    }
  }

  // T7: what a web page can make a browser send is no mail
  @ParameterizedTest
  @ValueSource(
      strings = {"GET / HTTP/1.1", "POST / HTTP/1.1", "PUT /x HTTP/1.0", "CONNECT x:1 HTTP/1.1"})
  void httpNeverBecomesMail(String request) {
    int before = store.messages().size();
    String mail = LHLO + "MAIL FROM:<>\r\nRCPT TO:<" + alice + ">\r\nDATA\r\nx\r\n.\r\n";
    try (RawClient client = relay.silentClient()) {
      String rest = client.send(request + "\r\nHost: x\r\n\r\n" + mail).finish().rest();
      assertFalse(rest.contains("354"), rest);
    }
    assertEquals(before, store.messages().size());
  }

  // T9, T10
  @Test
  void handshakesThatNeverComeAreClosedAndOthersServed() {
    DirectMemory before = DirectMemory.now();
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      RawClient client = relay.client();
      reply(client.send(LHLO));
      assertReply("220", command(client, "STARTTLS"));
      clients.add(client.send("\u0016\u0003\u0001\u0000\u0005\u0001\u00ff\u00ff\u00ff\u0000"));
    }
    relay.assertAlive();
    before.assertFlat();
    for (RawClient client : clients) {
      client.rest();
      client.close();
    }
  }

  // P5
  @Test
  void twoHundredLinesWithoutAnEndStayBoundedAndAreClosed() {
    DirectMemory before = DirectMemory.now();
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      clients.add(relay.client().send("NOOP " + "(".repeat(4_000)));
    }
    relay.assertAlive();
    before.assertFlat();
    for (RawClient client : clients) {
      assertReply("421", client.rest());
      client.close();
    }
  }

  // P11
  @ParameterizedTest
  @ValueSource(
      strings = {"A", "\0", "\r", "\n", "\r\n", "\u00ff", "NOOP\r\r\n", "RSET", "XCLIENT\r\n"})
  void floodsAreClosedPolitely(String octets) {
    DirectMemory before = DirectMemory.now();
    try (RawClient client = relay.client()) {
      String rest = client.send(octets.repeat(10_000)).finish().rest();
      assertTrue(rest.isEmpty() || rest.contains("421 ") || rest.contains("500 "), rest);
      assertTrue(rest.length() < 2_000, "answers: " + rest.length());
    }
    try (RawClient client = relay.client()) {
      assertReply("500 5.5.2 Line too long", client.send("a".repeat(1 << 20)).rest());
    }
    before.assertFlat();
    relay.assertAlive();
  }

  // P11
  @Test
  void tenThousandCommandsAtOnceHaveTenThousandReplies() {
    try (RawClient client = relay.client()) {
      client.send("NOOP\r\n".repeat(10_000) + "QUIT\r\n");
      for (int i = 0; i < 10_000; i++) {
        assertEquals("250 2.0.0 OK", client.line());
      }
      assertEquals("221 2.0.0 Goodbye", client.line());
    }
  }

  // P11: who does not read replies is not read either
  @Test
  void clientThatReadsNothingIsReadNoMore() {
    DirectMemory before = DirectMemory.now();
    try (RawClient client = relay.client()) {
      Thread writer = new Thread(() -> client.send("VRFY x\r\n".repeat(4_000_000)));
      writer.setDaemon(true);
      writer.start();
      LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
      assertTrue(writer.isAlive(), "the relay took 32 MB of commands");
      before.assertFlat();
      relay.assertAlive();
      client.reset();
    }
  }

  // P12
  @Test
  void oneOctetAtATimeIsClosedByTheTotalDeadline() {
    long begun = System.nanoTime();
    try (RawClient drip = relay.client();
        RawClient silent = relay.client();
        RawClient envelope = relay.client();
        RawClient message = relay.client();
        RawClient chunk = relay.client()) {
      for (RawClient client : List.of(envelope, message, chunk)) {
        reply(client.send(LHLO));
        assertReply("250", command(client, "MAIL FROM:<a@example.org>"));
        assertReply("250", command(client, "RCPT TO:<" + alice + ">"));
      }
      assertReply("354", command(message, "DATA"));
      chunk.send("BDAT 100 LAST\r\nx");
      for (int i = 0; i < 12; i++) {
        drip.send("N");
        LockSupport.parkNanos(Duration.ofMillis(250).toNanos());
      }
      for (RawClient client : List.of(drip, silent, envelope, message, chunk)) {
        assertTrue(client.rest().contains("421 4.4.2"), client.heard());
      }
    }
    long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
    assertTrue(seconds >= 1 && seconds < 15, "closed after " + seconds + " s");
  }

  // L5, BDAT out of order
  @Test
  void chunksThatNobodyTakesAreReadOverAndNeverObeyed() {
    String inner = "MAIL FROM:<evil@example.org>\r\n";
    String chunk = "BDAT " + inner.length() + "\r\n" + inner;
    try (RawClient client = relay.client()) {
      assertReply("503", reply(client.send(chunk))); // no LHLO
      reply(client.send(LHLO));
      assertReply("503", reply(client.send(chunk))); // no MAIL
      assertReply("250", command(client, "MAIL FROM:<a@example.org>"));
      assertReply("503", reply(client.send(chunk))); // no RCPT
      assertReply("550", command(client, "RCPT TO:<nobody@example.test>"));
      assertReply("503", reply(client.send(chunk))); // none accepted
      assertReply("503", command(client, "DATA"));
      assertReply("250", command(client, "RCPT TO:<" + alice + ">"));
      assertReply("250", reply(client.send(chunk)));
      assertReply("503", command(client, "DATA"));
      assertReply("503", command(client, "RCPT TO:<" + bob + ">"));
      assertReply("503", command(client, "MAIL FROM:<b@example.org>"));
      assertReply("250", command(client, "BDAT 0"));
      assertReply("250", command(client, "RSET"));
      assertReply("503", command(client, "BDAT 0 LAST"));
      assertReply("250", command(client, "NOOP"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-1",
        "1 FIRST",
        "1 LAST x",
        "99999999999999999999",
        "0x10",
        "1,5",
        "LAST",
        "+1"
      })
  void chunkOfUnknownLengthEndsTheConnection(String argument) {
    try (RawClient client = relay.client()) {
      client.send(LHLO + "BDAT " + argument + "\r\nMAIL FROM:<>\r\nNOOP\r\n");
      assertReply("250", reply(client));
      assertReply("501", reply(client));
      assertFalse(client.rest().contains("250"), client.heard());
    }
  }

  @Test
  void hugeChunkIsRefusedAndItsOctetsReadOver() {
    int before = store.messages().size();
    try (RawClient client = relay.client()) {
      begin(client, alice, bob);
      client.send("BDAT 300000 LAST\r\n" + "0123456789abc\r\n".repeat(20_000));
      assertReply("552 5.3.4", reply(client));
      assertReply("552 5.3.4", reply(client));
      begin(client, alice);
      assertReply("250", reply(client.send("BDAT 5\r\nx\r\n\r\n")));
      assertReply("552", reply(client.send("BDAT 199999\r\n" + "x".repeat(199_999))));
      assertReply("552", reply(client.send("BDAT 3 LAST\r\nx\r\n")));
      begin(client, alice);
      client.send("BDAT 999999999999999999 LAST\r\nx").reset();
    }
    assertEquals(before, store.messages().size());
    relay.assertAlive();
  }

  // SIZE lies
  @Test
  void messageIsMeasuredWhateverSizeSays() {
    int before = store.messages().size();
    try (RawClient client = relay.client()) {
      reply(client.send(LHLO));
      for (String size : List.of("200001", "999999999999999999")) {
        assertReply("552 5.3.4", command(client, "MAIL FROM:<a@example.org> SIZE=" + size));
      }
      for (String size : List.of("-1", "99999999999999999999999", "1e3", "", "1 SIZE=2")) {
        assertReply("501", command(client, "MAIL FROM:<a@example.org> SIZE=" + size));
      }
      assertReply("250", command(client, "MAIL FROM:<a@example.org> SIZE=0"));
      assertReply("250", command(client, "RCPT TO:<" + alice + ">"));
      assertReply("354", command(client, "DATA"));
      client.send("0123456789abc\r\n".repeat(20_000) + ".\r\n");
      assertReply("552 5.3.4", reply(client));
      assertReply("250", command(client, "NOOP"));
    }
    assertEquals(before, store.messages().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"DATA\r\nx\r\n", "BDAT 100\r\nx", "BDAT 1 LAST\r\n", "DATA\r\nx\r\n."})
  void clientThatVanishesLeavesNoMessage(String octets) {
    int before = store.messages().size();
    for (int i = 0; i < 10; i++) {
      RawClient client = relay.client();
      begin(client, alice);
      client.send(octets).reset();
    }
    try (RawClient client = relay.client()) {
      begin(client, bob);
      reply(client.send("DATA\r\n"));
      assertReply("250", reply(client.send("last\r\n.\r\n")));
    }
    assertEquals(before + 1, store.messages().size());
  }

  @Test
  void thousandRecipientsHaveTheirRepliesAndNoneMore() {
    try (RawClient client = relay.client()) {
      begin(client);
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 1_005; i++) {
        all.append("RCPT TO:<").append(i % 2 == 0 ? "nobody" + i + "@example.test" : alice);
        all.append(">\r\n");
      }
      client.send(all.append("DATA\r\n").toString());
      for (int i = 0; i < 1_005; i++) {
        assertReply(i >= 1_000 ? "452 4.5.3" : i % 2 == 0 ? "550 5.1.1" : "250", reply(client));
      }
      assertReply("354", reply(client));
      client.send("x\r\n.\r\n");
      for (int i = 0; i < 500; i++) {
        assertReply("250", reply(client));
      }
      assertReply("250", command(client, "NOOP"));
    }
  }

  private static void begin(RawClient client, String... recipients) {
    reply(client.send(LHLO));
    assertReply("250", command(client, "MAIL FROM:<a@example.org>"));
    for (String recipient : recipients) {
      assertReply("250", command(client, "RCPT TO:<" + recipient + ">"));
    }
  }

  private static void deliver(RawClient client, String recipient) {
    begin(client, recipient);
    assertReply("354", command(client, "DATA"));
    assertReply("250", reply(client.send("x\r\n.\r\n")));
  }

  /** How the store was spoken to on all its connections. */
  private static String openedTo() {
    return heardByStore.heard();
  }
}
