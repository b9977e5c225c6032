package org.openmmp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.wire.OpeningOctets.Kind;

class OpeningOctetsTest {
  /** The octets; what they are; how many of them tell it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "PROXY TCP4 192.0.2.1|PROXY_HEADER|11",
        "PROXY TCP6 2001:db8::1|PROXY_HEADER|11",
        "PROXY UNKNOWN\\r\\n|PROXY_HEADER|13",
        "\\r\\n\\r\\n\\0\\r\\nQUIT\\n|PROXY_HEADER|12",
        "\\u\\3\\1\\2|TLS|2",
        "\\u\\4|OTHER|2",
        "a NOOP|OTHER|1",
        "PROXY LOGIN ada x|OTHER|7",
        "PROXY TCP5 |OTHER|10",
        "PROXY UDP4 |OTHER|8",
        "proxy TCP4 |OTHER|1",
        "PASS x|OTHER|2",
        "\\r\\n\\r\\nQUIT|OTHER|5",
        "\\r\\n\\r\\n\\0\\r\\nQUIT\\r|OTHER|12",
        "PROXY TCP4|UNDECIDED|10",
        "\\r\\n\\r\\n|UNDECIDED|4",
      })
  void kindIsToldAsSoonAsItCanBe(String written, Kind kind, int after) {
    byte[] octets = octets(written);
    OpeningOctets opening = new OpeningOctets();
    for (int i = 0; i < octets.length; i++) {
      Kind expected = i + 1 < after ? Kind.UNDECIDED : kind;
      assertEquals(expected, opening.next(octets[i]), "after " + (i + 1) + " octets");
    }
  }

  @Test
  void whatIsDecidedStays() {
    OpeningOctets opening = new OpeningOctets();
    assertEquals(Kind.OTHER, opening.next((byte) 'a'));
    for (byte octet : octets("PROXY TCP4 ")) {
      assertEquals(Kind.OTHER, opening.next(octet));
    }
  }

  private static byte[] octets(String written) {
    return written
        .replace("\\r", "\r")
        .replace("\\n", "\n")
        .replace("\\u", "\u0016")
        .replace("\\0", "\0")
        .replace("\\1", "\u0001")
        .replace("\\2", "\u0002")
        .replace("\\3", "\u0003")
        .replace("\\4", "\u0004")
        .getBytes(StandardCharsets.ISO_8859_1);
  }
}
