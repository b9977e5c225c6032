package org.openmmp.storesim.lmtp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.lmtp.protocol.DotStuffer;
import org.openmmp.lmtp.protocol.EndOfDataScanner;
import org.openmmp.lmtp.protocol.OctetSink;

final class EndOfDataFinderTest {
  private static String found(String data, boolean lenient) {
    EndOfDataFinder finder = new EndOfDataFinder(lenient);
    StringBuilder message = new StringBuilder();
    for (int i = 0; i < data.length(); i++) {
      if (finder.takes(data.charAt(i), message)) {
        return message + "|" + data.substring(i + 1);
      }
    }
    return "";
  }

  private static String scanned(String data) {
    byte[] octets = data.getBytes(StandardCharsets.ISO_8859_1);
    StringBuilder message = new StringBuilder();
    DotStuffer stuffer = new DotStuffer();
    OctetSink sink =
        (range, from, to) ->
            message.append(StandardCharsets.ISO_8859_1.decode(range.slice(from, to - from)));
    EndOfDataScanner scanner = new EndOfDataScanner();
    int read =
        scanner.scan(
            ByteBuffer.wrap(octets),
            0,
            octets.length,
            (range, from, to) -> stuffer.unstuff(range, from, to, sink));
    return scanner.ended() ? message + "|" + data.substring(read) : "";
  }

  @Test
  void strictStoreAndRelayFindTheSameMessageInEveryShortText() { // L1, L2
    List<String> texts = new ArrayList<>(List.of(""));
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i);
      assertEquals(scanned(text), found(text, false), text);
      if (text.length() < 8) {
        "\r\n.a".chars().forEach(c -> texts.add(text + (char) c));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"'a\n.\nb', 'a\n|b'", "'a\n.\r\nb', 'a\n|b'", "'a\r.\nb', 'a\r|b'"})
  void lenientStoreFindsAnEndWhereThereIsNone(String data, String found) {
    assertEquals(found, found(data, true));
    assertEquals("", found(data, false));
  }
}
