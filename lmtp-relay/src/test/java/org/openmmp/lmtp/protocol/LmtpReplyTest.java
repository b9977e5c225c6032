package org.openmmp.lmtp.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.lmtp.protocol.LmtpReplyReader.Violation;
import org.openmmp.wire.Splits;

/** Replies, read and written (B5.3). */
final class LmtpReplyTest {
  record Row(String wire, List<LmtpReply> replies, String violation) {}

  private static Row row(String wire, LmtpReply... replies) {
    return new Row(wire, List.of(replies), "null");
  }

  private static Row violation(Violation violation, String wire, LmtpReply... replies) {
    return new Row(wire, List.of(replies), violation.name());
  }

  private static LmtpReply reply(int code, String status, String... lines) {
    return new LmtpReply(code, status, List.of(lines));
  }

  static Stream<Row> rows() {
    return Stream.of(
        row("220 store LMTP ready\r\n", reply(220, "", "store LMTP ready")),
        row("250 2.1.5 <a@b> OK\r\n", reply(250, "2.1.5", "<a@b> OK")),
        row("250\r\n250 \r\n", reply(250, "", ""), reply(250, "", "")),
        row("250 2.0.0\r\n", reply(250, "2.0.0", "")),
        row("354 go on\n451 4.3.0 later\n", reply(354, "", "go on"), reply(451, "4.3.0", "later")),
        row(
            "250-store\r\n250-SIZE 1000\r\n250 8BITMIME\r\n",
            reply(250, "", "store", "SIZE 1000", "8BITMIME")),
        row(
            "550-5.1.1 no\r\n550-5.1.1\r\n550-such\r\n550 5.1.1 user\r\n",
            reply(550, "5.1.1", "no", "", "such", "user")),
        row("550 4.1.1 other class\r\n", reply(550, "", "4.1.1 other class")),
        row("550 5.1.1x\r\n", reply(550, "", "5.1.1x")),
        row("550 5.1 x\r\n", reply(550, "", "5.1 x")),
        row("450 4.2.0 \u00c3\u00bc\u0001\0\r\n", reply(450, "4.2.0", "\u00c3\u00bc\u0001\0")),
        row("250-a\r\n250-b\r\n"),
        violation(Violation.NO_REPLY, "hello\r\n"),
        violation(Violation.NO_REPLY, "\r\n"),
        violation(Violation.NO_REPLY, "25\r\n"),
        violation(Violation.NO_REPLY, "250x\r\n"),
        violation(Violation.NO_REPLY, "2500 x\r\n"),
        violation(Violation.NO_REPLY, "150 x\r\n"),
        violation(Violation.NO_REPLY, "600 x\r\n"),
        violation(Violation.NO_REPLY, "220 a\r\n* OK\r\n220 b\r\n", reply(220, "", "a")),
        violation(Violation.CODE_CHANGED, "250-a\r\n550 b\r\n"),
        violation(Violation.TOO_MANY_LINES, "250-x\r\n".repeat(65)),
        violation(Violation.LINE_TOO_LONG, "250 " + "x".repeat(4093)));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void repliesAreReadAtEverySplit(Row row) { // B2, B5.7
    for (List<byte[]> split : Splits.everySplitOf(row.wire.getBytes(ISO_8859_1))) {
      LmtpReplyReader reader = new LmtpReplyReader();
      List<LmtpReply> replies = new ArrayList<>();
      for (byte[] part : split) {
        reader.add(part);
        for (LmtpReply reply = reader.next(); reply != null; reply = reader.next()) {
          replies.add(reply);
        }
      }
      assertEquals(row.replies, replies);
      assertEquals(row.violation, String.valueOf(reader.violation()));
    }
  }

  @Test
  void nothingIsReadBehindAViolation() {
    LmtpReplyReader reader = new LmtpReplyReader();
    reader.add("x\r\n250 OK\r\n".getBytes(ISO_8859_1));

    assertNull(reader.next());
    reader.add("250 OK\r\n".getBytes(ISO_8859_1));
    assertNull(reader.next());
    assertEquals(Violation.NO_REPLY, reader.violation());
    assertFalse(reader.hasRest(), "nothing is kept of it");
  }

  @Test
  void restBehindAReplyIsTold() { // T2
    LmtpReplyReader reader = new LmtpReplyReader();
    reader.add("220 2.0.0 Go\r\n2".getBytes(ISO_8859_1));
    reader.next();
    assertTrue(reader.hasRest());

    reader.add("50-x\r\n".getBytes(ISO_8859_1));
    assertNull(reader.next());
    assertTrue(reader.hasRest());

    reader.add("250 y\r\n".getBytes(ISO_8859_1));
    reader.next();
    assertFalse(reader.hasRest());
  }

  @Test
  void everyLineHasTheCodeAndTheStatus() { // RFC 2034
    assertEquals(
        "250-2.1.5 a\r\n250-2.1.5 \r\n250 2.1.5 b\r\n", wire(reply(250, "2.1.5", "a", "", "b")));
    assertEquals("354 go\r\n", wire(reply(354, "", "go")));
  }

  @Test
  void longLineGoesOnInTheNext() {
    String text = "x".repeat(1200);
    String wire = wire(reply(550, "5.1.1", text));

    List<String> lines = Arrays.asList(wire.split("\r\n", -1));
    assertEquals(4, lines.size());
    assertEquals(512, lines.get(0).length() + 2);
    assertTrue(lines.get(1).startsWith("550-5.1.1 x"));
    assertTrue(lines.get(2).startsWith("550 5.1.1 x"));
    assertEquals(text, String.join("", read(wire).lines()));
  }

  @Test
  void controlCharactersAreNeverWrittenAndOctetsBeyondAsciiAre() {
    assertEquals("250 a??b?\tc?\u00fc\r\n", wire(reply(250, "", "a\r\nb\0\tc\u007f\u00fc")));
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    List<LmtpReply> replies =
        List.of(
            reply(220, "", "x"),
            reply(250, "2.1.5", "a", "", "b"),
            new LmtpReply(550, "5.7.1", Collections.nCopies(64, "y")));
    for (LmtpReply reply : replies) {
      assertEquals(reply, read(wire(reply)));
    }
  }

  @Test
  void classesAreTold() {
    assertTrue(reply(250, "", "").isPositive());
    assertTrue(reply(354, "", "").isIntermediate());
    assertTrue(reply(421, "", "").isTemporary());
    assertTrue(reply(554, "", "").isPermanent());
    assertFalse(reply(354, "", "").isPositive());
    assertFalse(reply(554, "", "").isTemporary());
  }

  @Test
  void replyHasACodeAndALine() {
    assertThrows(IllegalArgumentException.class, () -> reply(199, "", "x"));
    assertThrows(IllegalArgumentException.class, () -> reply(600, "", "x"));
    assertThrows(IllegalArgumentException.class, () -> reply(250, ""));
  }

  private static String wire(LmtpReply reply) {
    return new String(reply.octets(), ISO_8859_1);
  }

  private static LmtpReply read(String wire) {
    LmtpReplyReader reader = new LmtpReplyReader();
    reader.add(wire.getBytes(ISO_8859_1));
    LmtpReply reply = reader.next();
    if (reply == null) {
      throw new AssertionError("no reply in " + wire);
    }
    return reply;
  }
}
