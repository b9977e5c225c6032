package org.openmmp.lmtp.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Command lines as far as their verb (B5.1). */
final class LmtpCommandTest {
  private static LmtpCommand command(String line) {
    return LmtpCommand.of(line.getBytes(UTF_8));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
  void verbsAreKnownInAnyCase(LmtpVerb verb) {
    assertEquals(new LmtpCommand(verb, ""), command(verb.name()));
    assertEquals(new LmtpCommand(verb, "x"), command(verb.name().toLowerCase(Locale.ROOT) + " x"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "X", "MAILFROM:<a@b>", " MAIL FROM:<a@b>", "DATA\0", "unknown"})
  void anythingElseIsUnknown(String line) {
    assertEquals(LmtpVerb.UNKNOWN, command(line).verb());
  }

  @Test
  void letterBeyondAsciiMakesNoVerb() {
    assertEquals(LmtpVerb.UNKNOWN, command("MA\u0131L FROM:<>").verb());
  }

  @ParameterizedTest
  @CsvSource({
    "'NOOP', ''",
    "'NOOP   ', ''",
    "'NOOP a  b ', 'a  b'",
    "'MAIL  FROM:<a@b>', ' FROM:<a@b>'",
  })
  void argumentKeepsAllButTrailingSpaces(String line, String argument) {
    assertEquals(argument, command(line).argument());
  }

  @Test
  void octetsThatAreNoUtf8StandAsReplacementCharacters() {
    byte[] line = {'R', 'C', 'P', 'T', ' ', (byte) 0xc3, 'x'};

    assertEquals(new LmtpCommand(LmtpVerb.RCPT, "\uFFFDx"), LmtpCommand.of(line));
  }

  @Test
  void clientMayCallItselfAnythingThatDoesNoHarm() {
    for (String name : new String[] {"mx.example.com", "[192.0.2.1]", "my_host", "x;y"}) {
      assertTrue(command("LHLO " + name).namesHost(), name);
    }
    for (String name : new String[] {"", "a b", "a\tb", "\u00e4", "x".repeat(256)}) {
      assertFalse(command("LHLO " + name).namesHost(), name);
    }
  }

  @ParameterizedTest
  @CsvSource({"'0', 0, false", "'0 LAST', 0, true", "'86  last', 86, true", "'007', 7, false"})
  void chunkHasASizeAndMayBeTheLast(String argument, long octets, boolean last) {
    assertEquals(Parsed.read(new BdatCommand(octets, last)), BdatCommand.parse(argument));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "LAST", "-1", "+1", "1 2", "1 FIRST", "1LAST", "1\t", "1234567890123456789"})
  void chunkWithoutAUsableSizeIsRefused(String argument) {
    assertEquals(Parsed.refused(Parsed.MALFORMED_ARGUMENT), BdatCommand.parse(argument));
  }

  @Test
  void chunkIsWrittenAsItIsRead() {
    assertEquals("BDAT 86", new BdatCommand(86, false).line());
    assertEquals("BDAT 0 LAST", new BdatCommand(0, true).line());
  }
}
