package org.openmmp.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class StoreNameTemplateTest {
  private static final LoginName ALICE = new LoginName("Alice", "alice", "example.com");

  // B1.3
  @ParameterizedTest
  @CsvSource({
    "{login},alice@example.com",
    "{user},alice",
    "{user}%{domain},alice%example.com",
    "{attr:uid},A7",
    "{attr:uid}@{domain},A7@example.com",
  })
  void nameForTheStoreIsExpanded(String template, String expected) throws UnusableValueException {
    assertEquals(expected, expand(template, "A7"));
  }

  // B1.3, P1
  @ParameterizedTest
  @ValueSource(strings = {"", "a\rb", "a\nb", "a\0b", "a\tb", "a\u0085b"})
  void valueThatWouldBreakTheStoresCommandIsRefused(String value) {
    assertThrows(UnusableValueException.class, () -> expand("{attr:uid}", value));
  }

  @Test
  void attributeWithoutOneValueIsNeverGuessed() {
    StoreNameTemplate template = StoreNameTemplate.parse("{attr:uid}");
    assertThrows(UnusableValueException.class, () -> template.expand(ALICE, name -> List.of()));
    assertThrows(
        UnusableValueException.class, () -> template.expand(ALICE, name -> List.of("a", "b")));
  }

  @Test
  void endlessNameIsRefused() {
    assertThrows(UnusableValueException.class, () -> expand("{attr:uid}", "a".repeat(513)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{password}", "{attr:}", "{attr:a b}", "{user", "user}"})
  void badTemplateIsAnErrorAtOnce(String template) {
    assertThrows(IllegalArgumentException.class, () -> StoreNameTemplate.parse(template));
  }

  @Test
  void attributesOfTheTemplateAreKnown() {
    assertEquals(
        List.of("uid", "ou"),
        List.copyOf(StoreNameTemplate.parse("{attr:uid}.{user}.{attr:ou}").attributes()));
  }

  private static String expand(String template, String uid) throws UnusableValueException {
    Map<String, List<String>> entry = Map.of("uid", List.of(uid));
    return StoreNameTemplate.parse(template)
        .expand(ALICE, name -> entry.getOrDefault(name, List.of()));
  }
}
