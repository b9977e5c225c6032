package org.openmmp.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.openmmp.wire.LineFramer.LineEnd;

final class LineFramerTest {
  @Test
  void linesAreTheSameAtEverySplit() {
    byte[] stream = "one\r\n\r\ntwo \0 x\r\nthree".getBytes(ISO_8859_1);
    for (List<byte[]> split : Splits.everySplitOf(stream)) {
      LineFramer framer = new LineFramer(20, LineEnd.CRLF);
      assertEquals(List.of("one", "", "two \0 x"), linesOf(framer, split));
      assertFalse(framer.tooLong());
      assertEquals(5, framer.buffered());
      assertArrayEquals("three".getBytes(ISO_8859_1), framer.rest());
      assertEquals(0, framer.buffered());
    }
  }

  @Test
  void loneLfEndsALineOnlyWhereTheCallerSaysSo() {
    byte[] stream = "a\nb\r\nc\r\r\n".getBytes(ISO_8859_1);
    for (List<byte[]> split : Splits.everySplitOf(stream)) {
      assertEquals(List.of("a", "b", "c\r"), linesOf(new LineFramer(9, LineEnd.CRLF_OR_LF), split));
      assertEquals(List.of("a\nb", "c\r"), linesOf(new LineFramer(9, LineEnd.CRLF), split));
    }
  }

  @Test
  void lineOverTheLimitIsNeverReturned() { // B6.1
    byte[] stream = "1234\r\n12345\r\n".getBytes(ISO_8859_1);
    for (List<byte[]> split : Splits.everySplitOf(stream)) {
      LineFramer framer = new LineFramer(4, LineEnd.CRLF);
      assertEquals(List.of("1234"), linesOf(framer, split));
      assertTrue(framer.tooLong());
      assertNull(framer.line());
    }
  }

  @Test
  void lineWithoutEndIsTooLongBeforeItsEndComes() { // P5, P11
    LineFramer framer = new LineFramer(4, LineEnd.CRLF);
    framer.add("1234".getBytes(ISO_8859_1));
    assertFalse(framer.tooLong());
    framer.add("\r".getBytes(ISO_8859_1));
    assertFalse(framer.tooLong());
    framer.add("5".getBytes(ISO_8859_1));
    assertTrue(framer.tooLong());
  }

  @Test
  void runOfOctetsMayHoldLineEnds() {
    byte[] stream = "{5}\r\n\r\na\r\n tail\r\n".getBytes(ISO_8859_1);
    for (List<byte[]> split : Splits.everySplitOf(stream)) {
      LineFramer framer = new LineFramer(20, LineEnd.CRLF);
      split.forEach(framer::add);
      assertEquals("{5}", text(framer.line()));
      assertNull(framer.octets(100));
      assertEquals("\r\na\r\n", text(framer.octets(5)));
      assertEquals(" tail", text(framer.line()));
      assertEquals("", text(framer.octets(0)));
    }
  }

  private static List<String> linesOf(LineFramer framer, List<byte[]> split) {
    List<String> lines = new ArrayList<>();
    for (byte[] part : split) {
      framer.add(part);
      for (byte[] line = framer.line(); line != null; line = framer.line()) {
        lines.add(new String(line, ISO_8859_1));
      }
    }
    return lines;
  }

  private static String text(byte @Nullable [] octets) {
    assertNotNull(octets);
    return new String(octets, ISO_8859_1);
  }
}
