package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.it.attack.LmtpTalk.LHLO;
import static org.openmmp.it.attack.LmtpTalk.assertReply;
import static org.openmmp.it.attack.LmtpTalk.command;

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

/** Rows T9, T10, P5, P11 and P12 for the relay: too much, too long, too slow. */
final class RelayFloodTest {
  private static final DeliveryScript store = new DeliveryScript();

  private static AttackedRelay relay;
  private static String alice;

  @BeforeAll
  static void startRelay(@TempDir Path workplace) {
    relay =
        new AttackedRelay(
            workplace,
            1,
            1,
            "openmmp.lmtp { spool.max-message = 200000, timeouts { command = 2s, body = 2s } }");
    store.offering("PIPELINING", "8BITMIME", "SIZE", "CHUNKING");
    AttackedRelay.Group group = relay.next();
    group.open(0, store);
    alice = group.user("a");
  }

  @AfterAll
  static void stopRelay() {
    relay.close();
  }

  // T9, T10
  @Test
  void handshakesThatNeverComeAreClosedAndOthersServed() {
    DirectMemory before = DirectMemory.now();
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      RawClient client = relay.client();
      client.send(LHLO).reply();
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
        client.send(LHLO).reply();
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
    assertTrue(seconds >= 1 && seconds < 40, "closed after " + seconds + " s");
  }
}
