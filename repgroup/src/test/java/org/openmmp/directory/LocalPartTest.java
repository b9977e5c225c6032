package org.openmmp.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalPartTest {
  @ParameterizedTest // B5.2, B5.11
  @CsvSource({
    "alice, +, alice|",
    "alice+x, +, alice+x| alice|+x",
    "alice+, +, alice+| alice|+",
    "c++, +, c++| c+|+ c|++",
    "alice+x-y, +-, alice+x-y| alice+x|-y alice|+x-y",
    "alice+x, '', alice+x|",
    "+x, +, +x|",
    "++x, +, ++x| +|+x",
    "'', +, |",
    "a+b+c+d, +, a+b+c+d| a+b+c|+d a+b|+c+d a|+b+c+d",
    "a+b+c+d+e, +, a+b+c+d+e| a+b+c+d|+e a+b+c|+d+e a|+b+c+d+e",
  })
  void wholeLocalPartComesBeforeThoseWithADetail(String text, String delimiters, String forms) {
    assertEquals(
        List.of(forms.split(" ", -1)),
        LocalPart.forms(text, delimiters).stream()
            .map(form -> form.mailbox() + "|" + form.detail())
            .toList());
  }

  @Test // B5.11
  void strangersDelimitersMakeNoMoreThanFourForms() {
    List<LocalPart> forms = LocalPart.forms("a" + "+".repeat(60), "+");
    assertEquals(4, forms.size());
    assertEquals("a", forms.get(3).mailbox());
    assertTrue(forms.stream().allMatch(form -> (form.mailbox() + form.detail()).length() == 61));
  }

  @Test
  void mailboxHasADomainOrNone() {
    assertEquals("alice@example.com", new LocalPart("alice", "+x").mailboxAt("example.com"));
    assertEquals("alice", new LocalPart("alice", "+x").mailboxAt(""));
  }
}
