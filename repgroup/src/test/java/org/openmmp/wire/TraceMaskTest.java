package org.openmmp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule B8.10: what an administrator sees of a wire, by a table, each row cut at every octet. */
final class TraceMaskTest {
  private static final String SECRET = "s3cret";

  /** {@code alice} and the secret, as PLAIN has them. */
  private static final String PLAIN = "AGFsaWNlAHMzY3JldA==";

  private static Arguments row(String service, String octets, String... shown) {
    return Arguments.of(service, octets, List.of(shown));
  }

  /** What stands between two bars is sent one way: the client begins. */
  static Stream<Arguments> rowsBeforeTheLogin() {
    String huge = "x".repeat(600);
    return Stream.of(
        row("imap", "a LOGIN alice s3cret\r\n", "C *** LOGIN ***"),
        row("imap", "a login \"alice\" \"s3cret\"\r\n", "C *** LOGIN ***"),
        row("imap", "a  LOGIN  alice  s3cret\n", "C *** LOGIN ***"),
        row("imap", "s3cret LOGIN\r\n", "C *** LOGIN"),
        row("imap", "a\tLOGIN\talice\ts3cret\r\n", "C ***"),
        row("imap", "a LOGIN alice s3cret\rb NOOP\r\n", "C *** LOGIN ***"),
        row(
            "imap",
            "a LOGIN {5}\r\n|+ s3cret\r\n|alice {6}\r\n|+ go on\r\n|s3cret\r\n|s3cret OK s3cret\r\n",
            "C *** LOGIN ***",
            "S + ***",
            "C ***",
            "C ***",
            "S + ***",
            "C ***",
            "S *** OK ***"),
        row(
            "imap",
            "a LOGIN {5+}\r\nalice {6+}\r\ns3cret\r\nb NOOP\r\n",
            "C *** LOGIN ***",
            "C ***",
            "C ***",
            "C ***",
            "C *** NOOP"),
        row(
            "imap",
            "a LOGIN {0000000000000000000000005}\r\n|+ \r\n|x LOGOUT s3cret\r\n",
            "C *** LOGIN ***",
            "S + ***",
            "C ***",
            "C ***"),
        row(
            "imap",
            "a LOGIN {99999999999999999999999999+}\r\nx LOGOUT\r\ns3cret\r\n",
            "C *** LOGIN ***",
            "C ***"),
        row("imap", "a LOGIN " + huge + " {6+}\r\nNOOP x\r\n", "C *** LOGIN ***", "C ***"),
        row(
            "imap",
            "a AUTHENTICATE PLAIN {8+}\r\nAHMzY3Jl\r\nx LOGOUT\r\n|a NO no\r\n|b LOGOUT\r\n",
            "C *** AUTHENTICATE PLAIN ***",
            "C ***",
            "C ***",
            "C ***",
            "S *** NO ***",
            "C *** LOGOUT"),
        row(
            "imap",
            "a LOGIN alice {20+}\r\ns3cret\r\nb NOOP s3c\r\n\r\nb LOGOUT\r\n",
            "C *** LOGIN ***",
            "C ***",
            "C *** LOGOUT"),
        row("imap", "a AUTHENTICATE XOAUTH2 dXNlcj1z\r\n", "C *** AUTHENTICATE XOAUTH2 ***"),
        row("imap", "a AUTHENTICATE =\r\n", "C *** AUTHENTICATE ***"),
        row("imap", "\u001b[2Js3cret NOOP\u0007\r\n", "C ***"),
        row("imap", "a AUTHENTICATE PLAIN " + PLAIN + "\r\n", "C *** AUTHENTICATE PLAIN ***"),
        row(
            "imap",
            "a AUTHENTICATE plain\r\n|+ \r\n|" + PLAIN + "\r\n|a OK s3cret\r\n|b NOOP\r\n",
            "C *** AUTHENTICATE PLAIN",
            "S + ***",
            "C ***",
            "S *** OK ***",
            "C *** NOOP"),
        row(
            "imap",
            "a AUTHENTICATE LOGIN\r\nx NOOP s3cret\r\nx LOGOUT s3cret\r\n",
            "C *** AUTHENTICATE LOGIN",
            "C ***",
            "C ***"),
        row("imap", "a AUTHENTICATE s3cret\r\n", "C *** AUTHENTICATE ***"),
        row("imap", "LOGIN alice s3cret\r\n", "C ***"),
        row("imap", "s3cret\r\n|s3cret BAD s3cret\r\n", "C ***", "S *** BAD ***"),
        row("imap", "a ID (\"x\" \"s3cret\")\r\n", "C *** ID ***"),
        row("imap", "a SELECT s3cret\r\n", "C ***"),
        row("imap", "a LOGIN " + huge + " s3cret\r\nb NOOP\r\n", "C *** LOGIN ***", "C *** NOOP"),
        row("imap", "a LOGIN alice s3cret", "C *** LOGIN ***"),
        row("imap", "|a s3cret\r\n", "S ***"),
        row(
            "imap",
            "|* OK [CAPABILITY IMAP4rev1] ready\r\n* CAPABILITY IMAP4rev1 s3cret AUTH=PLAIN AUTH=s3cret\r\n",
            "S * OK [CAPABILITY] ***",
            "S * CAPABILITY IMAP4REV1 *** AUTH=PLAIN"),
        row("imap", "|* OK {6}\r\ns3cret [ALERT] x\r\n", "S * OK ***", "S ***", "S ***"),
        row(
            "imap",
            "|a NO [AUTHENTICATIONFAILED] s3cret\r\na NO [s3cret] no\r\n",
            "S *** NO [AUTHENTICATIONFAILED] ***",
            "S *** NO ***"),
        row(
            "pop3",
            "USER alice\r\n|+OK s3cret\r\n|pass s3cret and more\r\n|-ERR [AUTH] s3cret\r\n",
            "C USER ***",
            "S +OK ***",
            "C PASS ***",
            "S -ERR [AUTH] ***"),
        row("pop3", "APOP alice c4c9334bac560ecc979e58001b3e22fb\r\n", "C APOP ***"),
        row("pop3", "AUTH PLAIN " + PLAIN + "\r\n", "C AUTH PLAIN ***"),
        row(
            "pop3",
            "AUTH LOGIN\r\n|+ VXNlcm5hbWU6\r\n|YWxpY2U=\r\n|+\r\n|QUIT\r\n|-ERR no\r\n|QUIT\r\n",
            "C AUTH LOGIN",
            "S + ***",
            "C ***",
            "S +",
            "C ***",
            "S -ERR ***",
            "C QUIT"),
        row("pop3", "AUTH\r\n", "C AUTH"),
        row("pop3", "s3cret\r\n|-ERR s3cret is unknown\r\n", "C ***", "S -ERR ***"),
        row("pop3", "PASS\ts3cret\n", "C ***"),
        row("pop3", "PASS s3cret", "C PASS ***"),
        row(
            "pop3",
            "CAPA\r\n|+OK\r\nSASL PLAIN\r\nTOP\r\ns3cret\r\n.\r\n",
            "C CAPA",
            "S +OK",
            "S SASL ***",
            "S TOP",
            "S ***",
            "S ."),
        row("pop3", "XCLIENT LOGIN=s3cret\r\n", "C XCLIENT ***"),
        row(
            "pop3",
            "AUTH\r\n|+OK\r\nPLAIN\r\ns3cret\r\n.\r\n",
            "C AUTH",
            "S +OK",
            "S PLAIN",
            "S ***",
            "S ."),
        row("pop3", "AUTH XOAUTH2 " + PLAIN + "\r\n", "C AUTH XOAUTH2 ***"));
  }

  static Stream<Arguments> rowsAfterTheLogin() {
    return Stream.of(
        row(
            "imap",
            "b SELECT INBOX\r\n|* 3 EXISTS\r\nb OK done\r\n",
            "C b SELECT INBOX",
            "S * 3 EXISTS",
            "S b OK done"),
        row(
            "imap",
            "c LOGIN alice s3cret\r\n|c BAD s3cret\r\n",
            "C *** LOGIN ***",
            "S *** BAD ***"),
        row("imap", "c LOGIN alice {6+}\r\ns3cret\r\n", "C *** LOGIN ***", "C ***"),
        row(
            "imap",
            "c LOGIN {5+}\r\nalice FETCH s3cret\r\nd NOOP\r\n",
            "C *** LOGIN ***",
            "C ***",
            "C ***",
            "C d NOOP"),
        row(
            "imap",
            "c AUTHENTICATE PLAIN\r\n|+ s3cret\r\n|x FETCH s3cret\r\n",
            "C *** AUTHENTICATE PLAIN",
            "S + ***",
            "C ***"),
        row("imap", PLAIN + "\r\n", "C ***"),
        row("imap", "d GENURLAUTH s3cret\r\n|* GENURLAUTH s3cret\r\n", "C ***", "S * ***"),
        row(
            "imap",
            "a FETCH 1 ALL\r\n|* 1 FETCH (UID 7 BODY[TEXT] {10}\r\n* OK mailx \"m\\\"ail\" FLAGS ())\r\na OK\r\n",
            "C a FETCH 1 ALL",
            "S * 1 FETCH (UID 7 BODY[TEXT] {10}",
            "S ***",
            "S  \"***\" FLAGS ())",
            "S a OK"),
        row(
            "imap",
            "|* 1 FETCH (PREVIEW \"mail\" ENVELOPE (NIL \"mail\\\r\n",
            "S * 1 FETCH (PREVIEW \"***\" ENVELOPE (NIL \"***\""),
        row(
            "imap",
            "|* 1 FETCH (X " + "x".repeat(600) + " {10}\r\n* OK mailx)\r\n",
            "S * 1 FETCH (X " + "x".repeat(186) + "…",
            "S ***",
            "S )"),
        row("imap", "|mail\r\nx mail\r\n* mail mail\r\n", "S ***", "S ***", "S * ***"),
        row(
            "imap",
            "b APPEND Sent {8+}\r\nx FETCH \r\n\r\nc NOOP\r\n",
            "C b APPEND Sent {8+}",
            "C ***",
            "C ***",
            "C c NOOP"),
        row(
            "imap",
            "b APPEND Sent {99999}\r\n|x NO first\r\nb NO [OVERQUOTA] full\r\n|c NOOP\r\n",
            "C b APPEND Sent {99999}",
            "S x NO first",
            "S b NO [OVERQUOTA] full",
            "C c NOOP"),
        row(
            "imap",
            "b APPEND Sent CATENATE (URL \"imap://h/;URLAUTH=s3cret\")\r\n",
            "C b APPEND Sent ***"),
        row(
            "imap",
            "a COMPRESS DEFLATE\r\n|x NO\r\na OK\r\n* OK mail\r\na NO\r\n|b FETCH mail\r\n",
            "C a COMPRESS DEFLATE",
            "S x NO",
            "S a OK",
            "S ***",
            "S ***",
            "C ***"),
        row(
            "imap",
            "a COMPRESS DEFLATE\r\n|a NO\r\n|b NOOP\r\n",
            "C a COMPRESS DEFLATE",
            "S a NO",
            "C b NOOP"),
        row("imap", "e IDLE\r\n|+ idling\r\n|DONE\r\n", "C e IDLE", "S + idling", "C DONE"),
        row("pop3", "STAT\r\n|+OK 1 100\r\n", "C STAT", "S +OK 1 100"),
        row(
            "pop3",
            "LIST 1\r\nRETR 1\r\nUIDL\r\n|+OK 1 9\r\n+OK 9\r\n+OK mail\r\n1 mail\r\n..\r\n\n.\r\nmail\r\n.\r\n+OK\r\n1 x7\r\n.\r\n",
            "C LIST 1",
            "C RETR 1",
            "C UIDL",
            "S +OK 1 9",
            "S +OK 9",
            "S ***",
            "S .",
            "S +OK",
            "S 1 x7",
            "S ."),
        row(
            "pop3",
            "RETR 9\r\nTOP 1 5\r\n|-ERR none\r\n+OK\r\n.\r\n|NOOP\r\n|+OK x\r\n+OK mail\r\n1 mail\r\n",
            "C RETR 9",
            "C TOP 1 5",
            "S -ERR ***",
            "S +OK",
            "S .",
            "C NOOP",
            "S +OK x",
            "S +OK ***",
            "S ***"),
        row("pop3", "PASS s3cret\r\n|-ERR s3cret\r\n", "C PASS ***", "S -ERR ***"),
        row("pop3", "s3cret\r\n", "C ***"));
  }

  static Stream<Arguments> rowsOfDeliveries() {
    return Stream.of(
        row(
            "lmtp",
            "LHLO mx\r\n|250-relay\r\n250 PIPELINING\r\n|MAIL FROM:<a@b>\r\n",
            "C LHLO mx",
            "S 250-relay",
            "S 250 PIPELINING",
            "C MAIL FROM:<a@b>"),
        row("lmtp", "AUTH PLAIN " + PLAIN + "\r\n", "C AUTH PLAIN ***"),
        row(
            "lmtp",
            "AUTH LOGIN\r\n|334 s3cret\r\n|YWxpY2U=\r\n|334 x\r\n|DATA\r\n|535 s3cret\r\n|DATA\r\n",
            "C AUTH LOGIN",
            "S 334 ***",
            "C ***",
            "S 334 ***",
            "C ***",
            "S 535 ***",
            "C DATA"),
        row("lmtp", "s3cret\r\n|500 s3cret?\r\n", "C ***", "S 500 ***"),
        row(
            "lmtp",
            "DATA\r\n|354 go\r\n|Subject: x\r\n.\r\ns3cret\r\n",
            "C DATA",
            "S 354 go",
            "C ***",
            "C .",
            "C ***"),
        row(
            "lmtp",
            "DATA\r\nMAIL mail\r\n\n.\r\n.\n.mail\r\n" + "x".repeat(600) + "\r\n.\r\nQUIT\r\n",
            "C DATA",
            "C ***",
            "C .",
            "C QUIT"),
        row(
            "lmtp",
            "RCPT TO:<a@b>\r\nDATA\r\n|550 no\r\n354 go\r\n|MAIL mail\r\n.\r\n|450 <a@b>\r\n|DATA\r\n|503 no\r\n|RSET\r\n",
            "C RCPT TO:<a@b>",
            "C DATA",
            "S 550 no",
            "S 354 go",
            "C ***",
            "C .",
            "S 450 <a@b>",
            "C DATA",
            "S 503 ***",
            "C RSET"),
        row("lmtp", "XCLIENT LOGIN=s3cret\r\n", "C XCLIENT ***"),
        row("lmtp", "BDAT 6\r\nab\r\ncds3cret\r\n", "C BDAT 6", "C ***", "C ***"),
        row("lmtp", "BDAT 0 LAST\r\nQUIT\r\n", "C BDAT 0 LAST", "C QUIT"));
  }

  /** The octets in so many pieces as the cuts make. */
  private static List<String> shown(String service, boolean loggedIn, String octets, int... cuts) {
    List<String> lines = new ArrayList<>();
    TraceMask mask =
        new TraceMask(service, (byClient, line) -> lines.add((byClient ? "C " : "S ") + line));
    if (loggedIn) {
      mask.loggedIn();
    }
    boolean byClient = true;
    int at = 0;
    for (String way : octets.split("\\|", -1)) {
      byte[] sent = way.getBytes(StandardCharsets.ISO_8859_1);
      int from = 0;
      for (int cut : cuts) {
        int to = Math.min(Math.max(cut - at, from), sent.length);
        mask.sent(byClient, ByteBuffer.wrap(Arrays.copyOfRange(sent, from, to)));
        from = to;
      }
      mask.sent(byClient, ByteBuffer.wrap(Arrays.copyOfRange(sent, from, sent.length)));
      at += sent.length;
      byClient = !byClient;
    }
    mask.end();
    return lines;
  }

  private static void check(String service, boolean loggedIn, String octets, List<String> wanted) {
    assertEquals(wanted, shown(service, loggedIn, octets));
    assertFalse(wanted.toString().contains(SECRET), wanted::toString);
    assertFalse(wanted.toString().contains("mail"), wanted::toString);
    for (int cut = 0; cut <= octets.length(); cut++) {
      assertEquals(wanted, shown(service, loggedIn, octets, cut));
    }
    int[] all = new int[octets.length()];
    Arrays.setAll(all, i -> i);
    assertEquals(wanted, shown(service, loggedIn, octets, all));
  }

  @ParameterizedTest // B8.10
  @MethodSource("rowsBeforeTheLogin")
  void beforeTheLogin(String service, String octets, List<String> wanted) {
    check(service, false, octets, wanted);
  }

  @ParameterizedTest // B8.10
  @MethodSource("rowsAfterTheLogin")
  void afterTheLogin(String service, String octets, List<String> wanted) {
    check(service, true, octets, wanted);
  }

  @ParameterizedTest // B8.10
  @MethodSource("rowsOfDeliveries")
  void deliveries(String service, String octets, List<String> wanted) {
    check(service, false, octets, wanted);
  }

  @Test // B8.10
  void aLineThatBeganBeforeTheLoginIsOfBefore() {
    List<String> lines = new ArrayList<>();
    TraceMask mask = new TraceMask("imap", (byClient, line) -> lines.add(line));
    mask.sent(true, ByteBuffer.wrap("s3cret SEL".getBytes(StandardCharsets.US_ASCII)));
    mask.loggedIn();
    mask.sent(true, ByteBuffer.wrap("ECT x\r\nb NOOP\r\n".getBytes(StandardCharsets.US_ASCII)));
    assertEquals(List.of("***", "b NOOP"), lines);
  }

  @Test // B8.10
  void whatFollowsManyLinesOneWayIsCounted() {
    List<String> lines =
        shown("imap", true, "a FETCH 1:* UID\r\n|" + "* 1 EXISTS\r\n".repeat(50) + "|b NOOP\r\n");
    assertEquals(23, lines.size());
    assertEquals("S (30 more lines)", lines.get(21));
    assertEquals("C b NOOP", lines.get(22));
  }
}
