package org.openmmp.it.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What watches the wire finds every kind of word that stands at a wrong place (rule B9.1). */
final class WireTest {
  private static InputStream octets(String text) {
    return new ByteArrayInputStream(
        text.replace("|", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Reads to the end; the number of responses. */
  private static int read(String command, String said) throws IOException {
    ImapWire wire = new ImapWire(octets(said));
    if (!command.isEmpty()) {
      wire.begins(command);
    }
    int count = 0;
    while (wire.next() != null) {
      count++;
    }
    return count;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "''; * BYE now|; 1",
        "''; * 4 EXISTS|* BYE now|; 2",
        "a NOOP; * BYE now|; 1",
        "a NOOP; * 4 EXISTS|* BYE now|; 2",
        "a NOOP; a OK done|* BYE now|; 2",
        "a FETCH 1 BODY[]; * 1 FETCH (BODY[] {10}|* BYE no|)|a OK done|* BYE now|; 3",
        "a FETCH 1 FLAGS; * 1 FETCH (FLAGS (\\Seen) X \"a) \\\" (\")|a OK done|* BYE now|; 3",
        "i IDLE; + idling|* 4 EXISTS|* BYE now|; 3",
        "a LOGOUT; * BYE logging out|a OK done|; 2",
      })
  void answersAndGoodbyesBetweenThemAreRead(String command, String said, int responses)
      throws IOException {
    assertEquals(responses, read(command, said));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "''; * 4 EXISTS|",
        "a NOOP; * 4 EX",
        "a FETCH 1 BODY[]; * 1 FETCH (BODY[] {9}|12345* BYE now|",
        "a FETCH 1 BODY[]; * 1 FETCH (BODY[] {10}|* BYE no|* BYE now|)|",
        "a FETCH 1 BODY[]; * 1 FETCH (BODY[] {10}|* BYE no|)|* BYE now|",
        "a FETCH 1 BODY[]; * 1 FETCH (BODY[] {10}|* BYE no|))|a OK done|",
        "a SELECT INBOX; * FLAGS ()|* BYE now|",
        "a APPEND INBOX {9}; + go on|* BYE now|",
        "a NOOP; b OK done|* BYE now|",
        "''; + go on|* BYE now|",
        "''; * BYE now|* 4 EXISTS|",
        "''; * BYE now|* BYE now|",
        "a NOOP; a OK done * BYE|x BYE|",
      })
  void wordsAtWrongPlacesAreFound(String command, String said) {
    assertThrows(BrokenAnswerException.class, () -> read(command, said));
  }

  @ParameterizedTest
  @ValueSource(strings = {"+OK here|.|", "+OK here|..x|-ERR y|.|"})
  void messagesAreRead(String said) throws IOException {
    Pop3Wire wire = new Pop3Wire(octets(said));
    assertEquals("+OK here", wire.answer());
    int lines = said.split("\\|", -1).length - 3;
    assertEquals(
        lines == 0 ? "" : ".x\r\n-ERR y\r\n",
        new String(wire.message(), StandardCharsets.US_ASCII));
    assertTrue(wire.hasEnded());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "+OK here", "+OK here|half", "+OK here|-ERR bye|", "bye|.|"})
  void messagesThatAreCutAreFound(String said) {
    Pop3Wire wire = new Pop3Wire(octets(said));
    assertThrows(
        BrokenAnswerException.class,
        () -> {
          wire.answer();
          wire.message();
        });
  }
}
