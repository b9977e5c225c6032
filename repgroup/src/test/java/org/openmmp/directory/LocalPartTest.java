package org.openmmp.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalPartTest {
  @ParameterizedTest // B5.2
  @CsvSource({
    "alice, +, alice, ''",
    "alice+x, +, alice, +x",
    "alice+, +, alice, +",
    "alice+x-y, +-, alice, +x-y",
    "alice-x+y, +-, alice, -x+y",
    "alice+x, '', alice+x, ''",
    "+x, +, +x, ''",
    "++x, +, +, +x",
    "'', +, '', ''",
  })
  void detailBeginsAtTheFirstDelimiterBehindTheFirstCharacter(
      String text, String delimiters, String mailbox, String detail) {
    assertEquals(new LocalPart(mailbox, detail), LocalPart.of(text, delimiters));
  }

  @Test
  void mailboxHasADomainOrNone() {
    assertEquals("alice@example.com", LocalPart.of("alice+x", "+").mailboxAt("example.com"));
    assertEquals("alice", LocalPart.of("alice+x", "+").mailboxAt(""));
  }
}
