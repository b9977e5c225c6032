package org.openmmp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class SafeTextTest {
  @Test
  void controlAndFormatCharactersAreEscaped() { // P2, P4
    assertEquals("a\\r\\nb\\t", SafeText.of("a\r\nb\t", 100));
    assertEquals("\\u{0}\\u{1b}[2J\\u{85}", SafeText.of("\0\u001b[2J\u0085", 100));
    assertEquals("\\u{202e}\\u{2028}\\u{d800}", SafeText.of("\u202e\u2028\ud800", 100));
    assertEquals("a\\\\b", SafeText.of("a\\b", 100));
    assertEquals("jürgen 😀", SafeText.of("jürgen 😀", 100));
    assertEquals("%s%n${jndi:x}", SafeText.of("%s%n${jndi:x}", 100));
  }

  @Test
  void lengthIsBoundedAndNoEscapeIsCut() {
    assertEquals("abc", SafeText.of("abc", 3));
    assertEquals("ab…", SafeText.of("abcd", 3));
    assertEquals("a…", SafeText.of("a\r\n", 3));
    assertTrue(SafeText.of("\0".repeat(1 << 20), 200).length() <= 200);
  }
}
