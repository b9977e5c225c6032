package org.openmmp.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SafeTextTest {
  // P2, P4
  @ParameterizedTest
  @ValueSource(
      ints = {
        0, 7, 0x1b, 0x7f, 0x80, 0x85, 0x9b, 0x9f, 0xad, 0x61c, 0x200b, 0x200d, 0x200e, 0x2028,
        0x2029, 0x202a, 0x202e, 0x2060, 0x2066, 0x2069, 0xd800, 0xdfff, 0xe000, 0xfeff, 0xffff,
        0xe0001, 0xe0041, 0x10ffff
      })
  void whatMovesHidesOrReordersTextIsShownAsANumberInEveryForm(int codePoint) {
    String raw = new StringBuilder().appendCodePoint(codePoint).toString();
    StringBuilder number = new StringBuilder();
    raw.chars().forEach(c -> number.append(String.format("\\u%04x", c)));
    assertFalse(SafeText.isVisible(codePoint));
    assertFalse(SafeText.isVisible("a" + raw));
    assertEquals("a" + number + "b", SafeText.of("a" + raw + "b"));
    assertEquals("a" + number + "b", SafeText.lines("a" + raw + "b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"jürgen 😀", "%s%n${jndi:x}", "Ω 漢字 שלום", "e\u0301", "\u00a0", "~", " "})
  void whatIsVisibleStaysAsItIs(String text) {
    assertTrue(SafeText.isVisible(text));
    assertEquals(text, SafeText.of(text));
    assertEquals(text, SafeText.lines(text));
  }

  @Test
  void endsOfLinesAreEscapedOnOneLineAndStayInLines() { // P2
    assertEquals("a\\r\\nb\\t\\\\", SafeText.of("a\r\nb\t\\"));
    assertEquals("a\\u000d\nb\t\\", SafeText.lines("a\r\nb\t\\"));
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
    assertTrue(SafeText.of("\0".repeat(1 << 20)).length() <= SafeText.MAX_CHARS);
  }
}
