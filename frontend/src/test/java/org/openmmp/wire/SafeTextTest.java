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
  void whatIsPassedOnHoldsNoControlsAndIsCutBetweenCharacters() { // B3.10
    assertEquals("plain \\ text", SafeText.passedOn("plain \\ text", 100));
    assertEquals("a[31mbc", SafeText.passedOn("a\u001b[31mb\r\n\0\u007fc", 100));
    assertEquals(
        "ab", SafeText.passedOn("a\u00c2\u009b\u00e2\u0080\u00ae\u00e2\u0080\u00a8b", 100));
    assertEquals("\u00c3\u00a4", SafeText.passedOn("\u00c3\u00a4\u00c3\u00a4", 3));
    assertEquals("j\u00fcrgen", SafeText.passedOn("j\u00fcr\u009bgen", 100), "no UTF-8");
    assertEquals("abc", SafeText.passedOn("abcd", 3));
  }

  @Test
  void lengthIsBoundedAndNoEscapeIsCut() {
    assertEquals("abc", SafeText.of("abc", 3));
    assertEquals("ab…", SafeText.of("abcd", 3));
    assertEquals("a…", SafeText.of("a\r\n", 3));
    assertTrue(SafeText.of("\0".repeat(1 << 20), 200).length() <= 200);
  }
}
