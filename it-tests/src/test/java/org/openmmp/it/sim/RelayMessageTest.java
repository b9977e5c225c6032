package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.lmtp.LmtpScript;

/** A message reaches its store as it was sent, and is one message (B5.8, L1, L2). */
final class RelayMessageTest {
  private static final String SECOND =
      "MAIL FROM:<evil@example.org>\r\nRCPT TO:<alice@example.com>\r\nDATA\r\nSubject: evil\r\n\r\n";

  private static RelaySite refusing;
  private static RelaySite passing;

  @BeforeAll
  static void startSites() {
    refusing = new RelaySite("lmtp.pool.idle = 0");
    passing = new RelaySite("lmtp.bare-newlines = pass", "lmtp.pool.idle = 0");
  }

  @AfterAll
  static void stopSites() {
    refusing.close();
    passing.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\\n.\\r\\n",
        "\\n.\\n",
        "\\r.\\r",
        "\\r.\\r\\n",
        "\\r\\n.\\n",
        "\\r\\n.\\r",
        "\\n.\\r",
        "\\r.\\n",
        "\\r\\n.\\r\\r\\n",
        "\\r\\0\\n.\\r\\n"
      })
  void falseEndOfDataIsRefusedOrPassesInOneMessage(String escaped) { // L1
    String end = escaped.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0");
    String name = "user" + Integer.toHexString(escaped.hashCode());

    // Even a store that such an end deceives gets nothing to be deceived by.
    refusing.script("huey", LmtpScript.HEALTHY.leniently());
    MailUser refused = refusing.user(name, "cluster1");
    try (DeliveryConnection mta = refusing.mta()) {
      mta.envelope("mta@example.org", List.of(refused.login()));
      String reply = rawData(mta, "Subject: x\r\n\r\nx" + end + SECOND + "x");
      assertTrue(reply.startsWith("55"), reply);
      assertTrue(mta.command("NOOP").startsWith("250"), "the session is in step");
    }
    assertEquals(List.of(), refusing.inbox(refused));

    MailUser passed = passing.user(name, "cluster1");
    String message = "Subject: x\r\n\r\nx" + end + SECOND + "x";
    try (DeliveryConnection mta = passing.mta()) {
      mta.envelope("mta@example.org", List.of(passed.login()));
      String reply = rawData(mta, message);
      assertTrue(reply.startsWith("250"), reply);
      assertTrue(mta.command("NOOP").startsWith("250"), "the session is in step");
    }
    String unstuffed = message.replace("\r\n.", "\r\n") + "\r\n";
    assertEquals(List.of(unstuffed), passing.inbox(passed));
    assertEquals(List.of(), passing.heardBy("huey").lines("MAIL FROM:<evil"));
  }

  /** What is sent as it is, then the end of data; the final reply. */
  private static String rawData(DeliveryConnection mta, String octets) {
    String go = mta.command("DATA");
    assertTrue(go.startsWith("354"), go);
    mta.send(octets + "\r\n.\r\n");
    return mta.reply();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x\n.\nMAIL FROM:<evil@example.org>\n", "x\r.\r\n", "x\r\n\r"})
  void chunksWithBareNewlinesAreRefusedToo(String message) { // L1
    MailUser user = refusing.user("chunks" + message.length(), "cluster1");
    refusing.script("huey", LmtpScript.HEALTHY.offering("8BITMIME").leniently());
    try (DeliveryConnection mta = refusing.mta()) {
      mta.envelope("mta@example.org", List.of(user.login()));
      mta.send("BDAT " + message.length() + " LAST\r\n" + message);
      String reply = mta.reply();
      assertTrue(reply.startsWith("55"), reply);
      assertTrue(mta.command("NOOP").startsWith("250"), "the session is in step");
    }
    assertEquals(List.of(), refusing.inbox(user));
  }

  @Test
  void messageWithoutALastLineEndGetsOneWhereDataNeedsIt() {
    MailUser user = passing.user("end", "cluster1");
    passing.script("huey", LmtpScript.HEALTHY.offering("8BITMIME"));
    try (DeliveryConnection mta = passing.mta()) {
      mta.envelope("mta@example.org", List.of(user.login()));
      mta.send("BDAT 1 LAST\r\nx");
      String reply = mta.reply();
      assertTrue(reply.startsWith("250"), reply);
    }
    assertEquals(List.of("x\r\n"), passing.inbox(user));
  }

  @Test
  void dotsAreTheSameAtTheStoreWhereverBuffersEnd() { // L2
    MailUser user = passing.user("dots", "cluster1");
    Random random = new Random(2033);
    for (int run = 0; run < 12; run++) {
      String message = message(random, 1 << (8 + run));
      boolean chunks = run % 2 == 1;
      passing.script("huey", offering(random.nextBoolean()));
      try (DeliveryConnection mta = passing.mta()) {
        mta.envelope("mta@example.org", List.of(user.login()));
        String reply = chunks ? inChunks(mta, message, random) : inData(mta, message);
        assertTrue(reply.startsWith("250"), reply);
      }
      List<String> inbox = passing.inbox(user);
      assertEquals(run + 1, inbox.size());
      assertTrue(message.equals(inbox.get(run)), "message of run " + run);
    }
  }

  private static LmtpScript offering(boolean chunking) {
    return chunking
        ? LmtpScript.HEALTHY.offering("PIPELINING", "8BITMIME", "CHUNKING")
        : LmtpScript.HEALTHY.offering("8BITMIME");
  }

  private static String inData(DeliveryConnection mta, String message) {
    return mta.data(message.getBytes(StandardCharsets.ISO_8859_1), 1).get(0);
  }

  private static String inChunks(DeliveryConnection mta, String message, Random random) {
    int at = 0;
    while (message.length() - at > 10_000) {
      int length = 1 + random.nextInt(10_000);
      mta.send("BDAT " + length + "\r\n" + message.substring(at, at + length));
      String reply = mta.reply();
      assertTrue(reply.startsWith("250"), reply);
      at += length;
    }
    mta.send("BDAT " + (message.length() - at) + " LAST\r\n" + message.substring(at));
    return mta.reply();
  }

  /** Lines of dots, and dots wherever a buffer may end; every octet but CR and LF. */
  private static String message(Random random, int octets) {
    StringBuilder message = new StringBuilder("Subject: dots\r\n\r\n");
    while (message.length() < octets) {
      switch (random.nextInt(6)) {
        case 0 -> message.append(".".repeat(random.nextInt(4))).append("\r\n");
        case 1 -> message.append("\r\n");
        case 2 -> message.append('.').append(octet(random)).append("\r\n");
        case 3 -> message.append("\r\n.".repeat(random.nextInt(30)));
        case 4 -> message.append(octet(random));
        default -> message.append("x".repeat(random.nextInt(900))).append("\r\n");
      }
    }
    return message.append("\r\n").toString();
  }

  private static char octet(Random random) {
    int octet = random.nextInt(256);
    return octet == '\r' || octet == '\n' ? '\0' : (char) octet;
  }
}
