package org.openmmp.lmtp.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.wire.Splits;

/** The message passes byte for byte, and nothing but CR LF dot CR LF ends it (B5.8, L1, L2). */
final class MessageOctetsTest {
  private static final String SECOND = "MAIL FROM:<x@evil>\\r\\nRCPT TO:<y@z>\\r\\nDATA\\r\\n";

  private static String octets(String escaped) {
    return escaped.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0");
  }

  private static List<List<byte[]>> splits(String text) {
    return Splits.everySplitOf(text.getBytes(ISO_8859_1));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "a\\n.\\r\\n, LF",
        "a\\n.\\n, LF",
        "a\\r.\\r, CR",
        "a\\r.\\r\\n, CR",
        "a\\r.\\n, CRLF",
        "a\\n.\\r, CRLF",
        "a\\r\\n.\\n, LF",
        "a\\r\\n.\\r, CR",
        "a\\r\\n.\\r\\r\\n, CR",
        "a\\r\\n.\\0\\r\\n, ''",
        "a\\r\\n. \\r\\n, ''",
        "a\\r\\0\\n.\\r\\n, CRLF",
        "a\\r\\r\\n\\n.\\r\\n, CRLF",
        "\\n.\\r\\n, LF",
        "\\r.\\r\\n, CR",
      })
  void falseEndOfDataIsNone(String end, String bare) { // L1
    String message = octets(end + SECOND);
    String data = WholeText.data(message).replace("\r\n..", "\r\n.");

    for (List<byte[]> split : splits(data)) {
      String scanned = WholeText.scanned(split);
      assertEquals(WholeText.message(data) + "|", scanned);
      assertTrue(scanned.contains("DATA\r\n"), "the second transaction is text of the message");
      String taken = scanned.substring(0, scanned.length() - 1);
      assertEquals(bare, WholeText.bare(List.of(taken.getBytes(ISO_8859_1))));
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "'.\\r\\n', '|'",
        "'.\\r\\nQUIT\\r\\n', '|QUIT\\r\\n'",
        "'\\r\\n.\\r\\n', '\\r\\n|'",
        "'a\\r\\n.\\r\\n.\\r\\n', 'a\\r\\n|.\\r\\n'",
        "'..\\r\\n.\\r\\n', '.\\r\\n|'",
        "'a\\r\\n....\\r\\n.b\\r\\n.\\r\\nNOOP', 'a\\r\\n...\\r\\nb\\r\\n|NOOP'",
        "'a.\\r\\n.\\r\\n', 'a.\\r\\n|'",
        "'\\0\u00ff\\r\\n.\\r\\n', '\\0\u00ff\\r\\n|'",
        "'a\\r\\n.\\rb\\r\\n.\\r\\n', 'a\\r\\n\\rb\\r\\n|'",
        "'a\\r\\n.\\r\\r\\n.\\r\\n', 'a\\r\\n\\r\\r\\n|'",
        "'a\\r\\n.', 'a\\r\\n'",
        "'a\\r\\n.\\r', 'a\\r\\n'",
      })
  void endOfDataIsFoundAndWhatFollowsIsTheNextCommand(String data, String scanned) {
    for (List<byte[]> split : splits(octets(data))) {
      assertEquals(octets(scanned), WholeText.scanned(split));
    }
  }

  @Test
  void everyShortTextIsScannedAsAWholeTextWouldBeAtEverySplit() {
    for (String text : everyText("\r\n.a", 7)) {
      String message = WholeText.message(text);
      for (List<byte[]> split : splits(text)) {
        String scanned = WholeText.scanned(split);
        if (message == null) {
          assertFalse(scanned.contains("|"), text);
        } else {
          assertEquals(message, scanned.substring(0, scanned.indexOf('|')), text);
          assertTrue(text.endsWith(scanned.substring(scanned.indexOf('|') + 1)), text);
        }
      }
    }
  }

  @Test
  void everyShortMessageIsStuffedAsAWholeTextWouldBeAtEverySplit() { // L2
    for (String message : everyText("\r\n.a", 6)) {
      String data = WholeText.data(message);
      String lineEnds = WholeText.withoutLineEnds(message);
      String bare = (lineEnds.contains("\r") ? "CR" : "") + (lineEnds.contains("\n") ? "LF" : "");
      for (List<byte[]> split : splits(message)) {
        assertEquals(data, WholeText.stuffed(split), message);
        assertEquals(bare, WholeText.bare(split), message);
      }
    }
  }

  @Test
  void stuffedMessageIsTheSameWhenScannedWhateverTheOctetsAndTheSplits() { // L2
    Random random = new Random(20331);
    for (int run = 0; run < 20_000; run++) {
      String message = randomMessage(random);
      String data = WholeText.stuffed(WholeText.randomSplit(message, random));
      String whole = message.isEmpty() || message.endsWith("\r\n") ? message : message + "\r\n";

      assertEquals(
          whole + "|RSET\r\n", WholeText.scanned(WholeText.randomSplit(data + "RSET\r\n", random)));
      assertEquals(
          WholeText.bare(List.of(message.getBytes(ISO_8859_1))),
          WholeText.bare(WholeText.randomSplit(message, random)));
    }
  }

  @Test
  void whatComesOutOfDataGoesOnAsDataWithoutAnotherScan() { // L1, L2
    for (String text : everyText("\r\n.a", 6)) {
      for (List<byte[]> split : splits(text + "\r\n.\r\n")) {
        assertPassedOn(split);
      }
    }
    Random random = new Random(520);
    for (int run = 0; run < 20_000; run++) {
      String data = randomMessage(random) + "\r\n.\r\n";
      assertPassedOn(WholeText.randomSplit(data, random));
    }
  }

  /** What the scanner gives is the message stuffed, and its bare newlines and length are known. */
  private static void assertPassedOn(List<byte[]> split) {
    EndOfDataScanner scanner = new EndOfDataScanner();
    DotStuffer unstuffer = new DotStuffer();
    BareNewlines newlines = new BareNewlines();
    StringBuilder message = new StringBuilder();
    StringBuilder data = new StringBuilder();
    OctetSink taken =
        (octets, from, to) -> {
          WholeText.into(message).octets(octets, from, to);
          newlines.octets(octets, from, to);
        };
    for (byte[] part : split) {
      OctetSink ranges =
          (octets, from, to) -> {
            WholeText.into(data).octets(octets, from, to);
            unstuffer.unstuff(octets, from, to, taken);
          };
      scanner.scan(ByteBuffer.wrap(part), 0, part.length, ranges);
    }
    newlines.end();
    assertTrue(scanner.ended());
    assertEquals(WholeText.data(message.toString()), data + ".\r\n");
    assertEquals(message.length(), data.length() - scanner.stuffedDots());
    assertEquals(newlines.bareCr() || newlines.bareLf(), scanner.bareNewline(), message::toString);
  }

  @Test
  void messageWithAndWithoutDotsIsGivenInOneRange() {
    byte[] data = ("line\r\n..dot\r\n".repeat(1000) + ".\r\nQUIT\r\n").getBytes(ISO_8859_1);
    int[] ranges = new int[1];

    int read =
        new EndOfDataScanner()
            .scan(ByteBuffer.wrap(data), 0, data.length, (octets, from, to) -> ranges[0]++);

    assertEquals(1, ranges[0]);
    assertEquals(data.length - "QUIT\r\n".length(), read);
  }

  @Test
  void nothingIsReadBehindTheEnd() {
    EndOfDataScanner scanner = new EndOfDataScanner();
    ByteBuffer data = ByteBuffer.wrap(".\r\n.\r\n".getBytes(ISO_8859_1));
    OctetSink nobody =
        (octets, from, to) -> {
          throw new AssertionError("octets of a message that ended");
        };

    assertEquals(3, scanner.scan(data, 0, data.limit(), nobody));
    assertEquals(3, scanner.scan(data, 3, data.limit(), nobody));
    assertTrue(scanner.ended());
  }

  @Test
  void lineEndsAreFoundAtEveryPlace() {
    for (int length = 0; length < 40; length++) {
      for (int place = 0; place < length; place++) {
        byte[] array = "\u000b".repeat(length).getBytes(ISO_8859_1);
        ByteBuffer octets = ByteBuffer.wrap(array);
        array[place] = '\n';
        assertEquals(place, OctetSearch.lineFeed(octets, 0, length));
        assertEquals(place, OctetSearch.lineEnd(octets, place, length));
        assertEquals(-1, OctetSearch.lineFeed(octets, place + 1, length));
        assertEquals(-1, OctetSearch.lineEnd(octets, 0, place));
        array[place] = '\r';
        assertEquals(-1, OctetSearch.lineFeed(octets, 0, length));
        assertEquals(place, OctetSearch.lineEnd(octets, 0, length));
      }
    }
  }

  private static List<String> everyText(String alphabet, int longest) {
    List<String> texts = new ArrayList<>(List.of(""));
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i);
      if (text.length() < longest) {
        alphabet.chars().forEach(c -> texts.add(text + (char) c));
      }
    }
    return texts;
  }

  private static String randomMessage(Random random) {
    StringBuilder message = new StringBuilder();
    int pieces = random.nextInt(30);
    for (int i = 0; i < pieces; i++) {
      switch (random.nextInt(8)) {
        case 0 -> message.append('\r');
        case 1 -> message.append('\n');
        case 2, 3 -> message.append("\r\n");
        case 4, 5 -> message.append('.');
        case 6 -> message.append((char) random.nextInt(256));
        default -> message.append("x".repeat(random.nextInt(100)));
      }
    }
    return message.toString();
  }
}
