package org.openmmp.lmtp.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is taken from any line can be sent on as it is, and means the same (L11). */
final class RandomCommandsTest {
  private static final Extensions ALL =
      Extensions.of(EnumSet.allOf(Extension.class)).withXclient(List.of("ADDR", "NAME", "X"));
  private static final int RUNS = 50_000;
  private static final String[] PIECES = {
    "<",
    ">",
    "@",
    ":",
    ",",
    ".",
    "\"",
    "\\",
    " ",
    "=",
    "+",
    "+2B",
    "+0D",
    ";",
    "[",
    "]",
    "a",
    "b.c",
    "alice",
    "example.com",
    "192.0.2.1",
    "IPv6:::1",
    "\u00fc",
    "\uD83D\uDC4D",
    "\uFFFD",
    "\0",
    "\r",
    "\n",
    "\t",
    "SIZE=1",
    "BODY=8BITMIME",
    "SMTPUTF8",
    "RET=FULL",
    "ENVID=x",
    "NOTIFY=NEVER",
    "ORCPT=rfc822;x",
    "ADDR=x",
    "<a@b>",
    " NAME=",
    "<>",
    "X"
  };

  private final Random random = new Random(5321);

  private String soup(String beginning) {
    StringBuilder line = new StringBuilder(beginning);
    if (random.nextInt(3) > 0) {
      line.append("<alice@example.com>");
    }
    for (int pieces = random.nextInt(8); pieces > 0; pieces--) {
      line.append(random.nextInt(3) == 0 ? " " : "").append(PIECES[random.nextInt(PIECES.length)]);
    }
    return line.toString();
  }

  private static LmtpCommand sent(String line) {
    assertTrue(line.codePoints().allMatch(c -> c >= ' ' && c != 0x7f && c != 0xFFFD), line);
    return LmtpCommand.of(line.getBytes(UTF_8));
  }

  @Test
  void envelopeThatWasTakenIsTheSameAtTheNextHop() {
    int taken = 0;
    for (int run = 0; run < RUNS; run++) {
      var mail = EnvelopeCommand.mail(soup("FROM:"), ALL);
      EnvelopeCommand mailed = mail.value();
      if (mailed != null) {
        assertEquals(mail, EnvelopeCommand.mail(sent(mailed.line(ALL)).argument(), ALL));
        taken++;
      }
      var rcpt = EnvelopeCommand.rcpt(soup("TO:"), ALL);
      EnvelopeCommand read = rcpt.value();
      if (read != null) {
        assertEquals(rcpt, EnvelopeCommand.rcpt(sent(read.line(ALL)).argument(), ALL));
        assertFalse(read.address().isNull());
        taken++;
      }
    }
    assertTrue(taken > RUNS / 20, "taken: " + taken);
  }

  @Test
  void clientThatWasToldIsTheSameAtTheNextHop() {
    int taken = 0;
    for (int run = 0; run < RUNS; run++) {
      var parsed = XclientCommand.parse(soup(random.nextBoolean() ? "ADDR=" : "X="));
      XclientCommand read = parsed.value();
      if (read != null && ALL.xclientAttributes().containsAll(read.attributes().keySet())) {
        assertEquals(parsed, XclientCommand.parse(sent(read.line(ALL)).argument()));
        taken++;
      }
    }
    assertTrue(taken > RUNS / 1000, "taken: " + taken);
  }

  @Test
  void anyOctetsAreRepliesOrAViolationAndWhatIsReadCanBeWritten() {
    String[] pieces = {
      "250", "451", "354", "-", " ", "2.1.5", "4.3.0", "\r\n", "\n", "\r", "x", "\0"
    };
    for (int run = 0; run < RUNS; run++) {
      StringBuilder wire = new StringBuilder();
      for (int i = random.nextInt(12); i > 0; i--) {
        wire.append(pieces[random.nextInt(pieces.length)]);
      }
      LmtpReplyReader reader = new LmtpReplyReader();
      reader.add(wire.toString().getBytes(UTF_8));
      for (LmtpReply reply = reader.next(); reply != null; reply = reader.next()) {
        LmtpReplyReader again = new LmtpReplyReader();
        again.add(reply.octets());
        LmtpReply read = again.next();
        assertEquals(reply.code(), read == null ? 0 : read.code());
        assertFalse(again.hasRest());
      }
    }
  }
}
