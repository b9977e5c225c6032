package org.openmmp.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PrintableTest {
  // P2, P4
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "jörg@example.com | jörg@example.com",
        "%s%n${jndi:x} | %s%n${jndi:x}",
        "a\\u000a | a\\\\u000a",
      })
  void harmlessTextStaysAsItIs(String text, String printable) {
    assertEquals(printable, Printable.of(text));
  }

  // P2
  @Test
  void whatCouldMoveOrHideTextIsShownAsANumber() {
    assertEquals("a\\u000d\\u000ab", Printable.of("a\r\nb"));
    assertEquals("\\u001b[2J", Printable.of("\u001b[2J"));
    assertEquals("\\u202e\\u200b\\u2028", Printable.of("\u202e\u200b\u2028"));
    assertEquals("\\ud800x", Printable.of("\ud800x"));
  }

  @Test
  void longTextIsCut() {
    assertEquals("a".repeat(200) + "…", Printable.of("a".repeat(5000)));
  }
}
