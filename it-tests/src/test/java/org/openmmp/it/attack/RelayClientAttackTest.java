package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.it.attack.LmtpTalk.LHLO;
import static org.openmmp.it.attack.LmtpTalk.assertReply;
import static org.openmmp.it.attack.LmtpTalk.begin;
import static org.openmmp.it.attack.LmtpTalk.command;
import static org.openmmp.it.attack.LmtpTalk.deliver;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients of the relay may claim and inject: rows T1, T5 to T7 and section 6. */
final class RelayClientAttackTest {
  private static final DeliveryScript store = new DeliveryScript();

  private static AttackedRelay relay;
  private static ScriptedStore heardByStore;
  private static String alice;

  @BeforeAll
  static void startRelay(@TempDir Path workplace) {
    relay =
        new AttackedRelay(
            workplace,
            1,
            1,
            "openmmp.lmtp { trusted-clients = [\"127.0.0.9\"]",
            "  spool.max-message = 200000, timeouts { command = 2s, body = 2s } }",
            "openmmp.proxy.g0.client-id = id");
    store.offering("PIPELINING", "8BITMIME", "SIZE", "CHUNKING", "XCLIENT ADDR PORT");
    AttackedRelay.Group group = relay.next();
    heardByStore = group.open(0, store);
    alice = group.user("a");
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

  // B5.13
  @ParameterizedTest
  @CsvSource({
    "false, DATA, QUIT",
    "false, DATA, ''",
    "false, BDAT, QUIT",
    "false, BDAT, ''",
    "true, DATA, QUIT",
    "true, BDAT, QUIT",
    "true, BDAT, ''"
  })
  void clientThatHasSaidItsLastWordStillGetsItsReplies(boolean tls, String way, String quit) {
    try (RawClient client = relay.client()) {
      client.send(LHLO).reply();
      if (tls) {
        assertReply("220", command(client, "STARTTLS"));
        client.startTls(TestIdentity.anonymous());
      }
      begin(client, alice, alice);
      String message = "Subject: last\r\n\r\n" + "x".repeat(60_000) + "\r\n";
      String farewell = quit.isEmpty() ? "" : quit + "\r\n";
      if (way.equals("BDAT")) {
        client.send("BDAT " + message.length() + " LAST\r\n" + message + farewell).finish();
      } else {
        assertReply("354", command(client, "DATA"));
        client.send(message + ".\r\n" + farewell).finish();
      }
      assertReply("250", client.reply());
      assertReply("250", client.reply());
      if (!quit.isEmpty()) {
        assertReply("221", client.reply());
      }
      assertEquals("", client.rest());
    }
  }

  // B5.13: what is not whole is not delivered
  @ParameterizedTest
  @ValueSource(strings = {"DATA\r\nhalf a message\r\n", "BDAT 100\r\nhalf", "MAIL FR"})
  void clientThatEndsWithinItsTurnIsGone(String last) {
    int before = store.messages().size();
    try (RawClient client = relay.client()) {
      begin(client, alice);
      client.send(last).finish();
      assertFalse(client.rest().contains("250 "), client.heard());
    }
    assertEquals(before, store.messages().size());
  }

  // T1
  @ParameterizedTest
  @ValueSource(
      strings = {"NOOP\r\n", "NOOP\n", "\r\n", "\n", "x", "MAIL FROM:<>\r\n", "STARTTLS\r\n"})
  void nothingBehindStartTlsIsObeyed(String injected) {
    for (boolean split : new boolean[] {false, true}) {
      try (RawClient client = relay.client()) {
        assertReply("250", client.send(LHLO).reply());
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
      client.reply();
      assertReply("250", command(client, "MAIL FROM:<a@example.org>"));
      assertReply("250", command(client, "RCPT TO:<" + alice + ">"));
      assertReply("220", command(client, "STARTTLS"));
      client.startTls(TestIdentity.anonymous());
      assertReply("503", command(client, "DATA"));
      assertReply("503", command(client, "RCPT TO:<" + alice + ">"));
      assertReply("503", command(client, "MAIL FROM:<a@example.org>"));
      assertFalse(client.send(LHLO).reply().contains("STARTTLS"));
      assertReply("503", command(client, "STARTTLS"));
      assertReply("250", command(client, "MAIL FROM:<a@example.org>"));
    }
  }

  // T5, B6.2: who was between the client and the relay may not speak for the client for ever
  @Test
  void whatWasClaimedBeforeTheHandshakeIsForgotten() {
    try (RawClient client = trusted()) {
      client.send(LHLO).reply();
      assertReply("220", command(client, "XCLIENT ADDR=192.0.2.66"));
      client.send(LHLO).reply();
      assertReply("220", command(client, "STARTTLS"));
      client.startTls(TestIdentity.anonymous());
      client.send(LHLO).reply();
      deliver(client, alice);
    }
    assertFalse(openedTo().contains("192.0.2.66"), openedTo());
  }

  // Section 6
  @Test
  void xclientOfAStrangerIsRefusedAndOfATrustedClientIsPassedOn() {
    try (RawClient stranger = relay.client()) {
      assertFalse(stranger.send(LHLO).reply().contains("XCLIENT"));
      assertReply("550", command(stranger, "XCLIENT ADDR=192.0.2.7"));
      deliver(stranger, alice);
    }
    assertFalse(openedTo().contains("192.0.2.7"), openedTo());
    for (String address : List.of("192.0.2.8", "IPV6:2001:db8::8")) {
      try (RawClient client = trusted()) {
        assertTrue(client.send(LHLO).reply().contains("XCLIENT"));
        assertReply("220", command(client, "XCLIENT ADDR=" + address + " NAME=[UNAVAILABLE]"));
        assertReply("503", command(client, "MAIL FROM:<>"));
        client.send(LHLO).reply();
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
      client.send(LHLO).reply();
      assertReply("501", command(client, ("XCLIENT " + attributes).strip()));
      assertReply("250", command(client, "MAIL FROM:<a@example.org>"));
      assertReply("503", command(client, "XCLIENT ADDR=192.0.2.1"));
    }
  }

  // T7: what a web page can make a browser send is no mail
  @ParameterizedTest
  @ValueSource(
      strings = {"GET / HTTP/1.1", "POST /a b HTTP/1.1", "put /x http/1.0", "PRI * HTTP/2.0"})
  void httpNeverBecomesMail(String request) {
    int before = store.messages().size();
    String mail = LHLO + "MAIL FROM:<>\r\nRCPT TO:<" + alice + ">\r\nDATA\r\n";
    try (RawClient client = relay.client()) {
      client.send(request + "\r\nHost: x\r\n\r\n" + mail + "x\r\n.\r\n");
      assertEquals("421 4.7.0 This is an LMTP server\r\n", client.rest());
    }
    assertEquals(before, store.messages().size());
  }

  /** How the store was spoken to on all its connections. */
  private static String openedTo() {
    return heardByStore.heard();
  }
}
