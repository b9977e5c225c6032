package org.openmmp.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LoginNameTest {
  // B1.1
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "alice                | @  | example.com | alice     | example.com | alice@example.com",
        "alice                | @  | ''          | alice     | ''          | alice",
        "alice@example.org    | @  | example.com | alice     | example.org | alice@example.org",
        "Alice@Example.ORG.   | @  | example.com | alice     | example.org | alice@example.org",
        "alice+box@ex.org     | @  | example.com | alice+box | ex.org      | alice+box@ex.org",
        "alice%ex.org         | @% | example.com | alice     | ex.org      | alice@ex.org",
        "a%b@ex.org           | @% | example.com | a%b       | ex.org      | a%b@ex.org",
        "a@b@ex.org           | @  | example.com | a@b       | ex.org      | a@b@ex.org",
        "alice%evil           | @  | example.com | alice%evil | example.com | alice%evil@example.com",
        "Barry Jones          | @  | Example.com | barry jones | example.com | barry jones@example.com",
        "a\\b                 | @  | ''          | a\\b      | ''          | a\\b",
        "ａｌｉｃｅ＠ｅｘ.org  | @  | ''          | alice     | ex.org      | alice@ex.org",
        "jörg@bücher.example  | @  | ''          | jörg      | bücher.example | jörg@bücher.example",
      })
  void nameIsSplitAtTheLastDelimiterAndFolded(
      String typed,
      String delimiters,
      String defaultDomain,
      String user,
      String domain,
      String login)
      throws UnusableValueException {
    LoginName name = LoginName.parse(typed, delimiters, defaultDomain);

    assertEquals(new LoginName(typed, user, domain), name);
    assertEquals(login, name.login());
  }

  // P2, P9, P10, R10
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "@",
        "@example.com",
        "alice@",
        "alice@.",
        "alice@example..com",
        "alice@.example.com",
        "alice@evil:143",
        "alice@evil/x",
        "alice@[127.0.0.1]",
        "alice@(x)",
        "alice@exa mple",
        " alice",
        "alice @example.com",
        "al  ice",
        "al\u00a0\u00a0ice",
        "al\rice",
        "al\nice",
        "al\0ice",
        "al\tice",
        "al\u007fice",
        "al\u0085ice",
        "al\u2028ice",
        "al\u200bice",
        "al\u00adice",
        "\ufeffalice",
        "al\u202eice",
        "al\ufffdice",
        "al\ud800ice",
        "al\udfffice",
        "alice@exa\0mple.com",
      })
  void nameThatCannotBeOneIsRefused(String typed) {
    assertThrows(
        UnusableValueException.class, () -> LoginName.parse(typed, "@", "example.com"), typed);
  }

  // P11
  @Test
  void nameOfEndlessLengthIsRefusedEvenIfOnlyFoldingMakesItLong() {
    assertThrows(UnusableValueException.class, () -> LoginName.parse("a".repeat(321), "@", ""));
    assertThrows(
        UnusableValueException.class, () -> LoginName.parse("\ufdfa".repeat(300), "@", ""));
  }

  // P10
  @ParameterizedTest
  @ValueSource(strings = {"Jörg", "JO\u0308RG", "jo\u0308rg", "Ｊörg"})
  void spellingsThatLdapMatchesAreOneIdentity(String typed) throws UnusableValueException {
    assertEquals("jörg", LoginName.parse(typed, "@", "").user());
  }

  @Test
  void foldingTwiceChangesNothing() throws UnusableValueException {
    for (String typed : new String[] {"\u0130x", "K\u212a", "ﬃ", "ẞ", "Σς", "\u03d2\u0301"}) {
      String once = LoginName.parse(typed, "@", "").user();
      assertEquals(once, LoginName.parse(once, "@", "").user(), typed);
    }
  }
}
