package org.openmmp.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SearchTemplateTest {
  private static final LookupRequest REQUEST =
      new LookupRequest("Alice", "", "imap", false, "192.0.2.7", "2001:db8::1");

  // B1.1
  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      value = {
        "(mail={login})                       | (mail=alice@example.com)",
        "(&(uid={user})(ou={domain}))         | (&(uid=alice)(ou=example.com))",
        "(|(uid={original})(host={clientIp})) | (|(uid=Alice)(host=192.0.2.7))",
        "(serverAddress={serverIp})           | (serverAddress=2001:db8::1)",
        "(mail={user}+*@{domain})             | (mail=alice+*@example.com)",
        "(uid:caseExactMatch:={user})         | (uid:caseExactMatch:=alice)",
      })
  void filterIsExpanded(String template, String expanded) {
    assertEquals(
        expanded,
        SearchTemplate.filter(template)
            .expand(new LoginName("Alice", "alice", "example.com"), REQUEST));
  }

  // P3; RFC 4515 section 3
  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      value = {
        "*             | \\2a",
        "a)(mail=*     | a\\29\\28mail=\\2a",
        "\\2a          | \\5c2a",
        "a\\b          | a\\5cb",
        "*)(|(uid=*))  | \\2a\\29\\28|\\28uid=\\2a\\29\\29",
        "jörg          | jörg",
        "{domain}      | {domain}",
        "%s%n${jndi:x} | %s%n${jndi:x}",
      })
  void whatAClientTypedIsNeverPartOfTheFilter(String user, String escaped) {
    assertEquals(
        "(uid=" + escaped + ")",
        SearchTemplate.filter("(uid={user})").expand(new LoginName(user, user, ""), REQUEST));
  }

  @Test
  void nulIsEscapedInAFilter() {
    assertEquals("a\\00b", SearchTemplate.escapeFilter("a\0b"));
  }

  // P3; RFC 4514 section 2.4
  @ParameterizedTest
  @CsvSource(
      delimiterString = " | ",
      quoteCharacter = '`',
      value = {
        "example.com | example.com",
        "a,dc=evil   | a\\,dc\\=evil",
        "`#a#`       | \\#a#",
        "` a `       | `\\ a\\ `",
        "a+b;c<d>e\"f\\g | a\\+b\\;c\\<d\\>e\\\"f\\\\g",
      })
  void whatAClientTypedIsNeverPartOfADn(String domain, String escaped) {
    assertEquals(
        "ou=" + escaped + ",dc=example",
        SearchTemplate.dn("ou={domain},dc=example")
            .expand(new LoginName("x", "x", domain), REQUEST));
  }

  @Test
  void controlCharactersAreEscapedInADn() {
    assertEquals("a\\00\\0d\\0a\\7f", SearchTemplate.escapeDn("a\0\r\n\u007f"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "uid={user}",
        "(uid={user}",
        "(uid={user}))",
        "({user}=x)",
        "(|{user})",
        "(uid={user)",
        "(uid=user})",
        "(uid={password})",
        "(uid={attr:uid})",
        "(uid={})",
        "(uid=x){user}",
      })
  void badFilterIsAnErrorAtOnce(String template) {
    assertThrows(IllegalArgumentException.class, () -> SearchTemplate.filter(template), template);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{domain}", "{domain}=x", "dc=x,{domain}", "dc={nothing}"})
  void badDnIsAnErrorAtOnce(String template) {
    assertThrows(IllegalArgumentException.class, () -> SearchTemplate.dn(template), template);
  }

  @Test
  void unknownPlaceholderIsNamedWithTheAcceptedOnes() {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> SearchTemplate.filter("(uid={pass})"));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains("{pass}") && message.contains("{clientIp}"), message);
  }

  // B1.7
  @Test
  void otherValuesAreThoseTheTemplateUses() {
    LoginName name = new LoginName("Alice", "alice", "example.com");
    assertEquals("", SearchTemplate.filter("(uid={user})").otherValues(name, REQUEST));
    assertEquals(
        "Alice\000192.0.2.7\0",
        SearchTemplate.filter("(|(uid={original})(h={clientIp}))").otherValues(name, REQUEST));
  }
}
