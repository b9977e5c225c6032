package org.openmmp.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HostNameTest {
  private static final String LABEL = "a".repeat(63);

  @ParameterizedTest
  @ValueSource(
      strings = {"huey", "HUEY.Example", "mail_store.example.com", "_a.b", "1und1.example", "a--b"})
  void aNameIsMadeOfLabels(String text) {
    assertTrue(HostName.isOne(text));
    assertTrue(HostName.isOne(text + "." + LABEL));
    assertFalse(HostName.isOne(text + "." + LABEL + "a"), "a label of 64 octets");
    assertFalse(HostName.isOne(text + "."), "a trailing dot is folded away before");
  }

  @ParameterizedTest
  @CsvSource({"61, true", "62, false", "63, false"})
  void aNameHas253OctetsAtMost(int last, boolean isOne) {
    String text = (LABEL + ".").repeat(3) + "b".repeat(last);
    assertEquals(isOne, HostName.isOne(text), text.length() + " octets");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "a..b",
        ".a",
        "-a",
        "a-",
        "a-.b",
        "a.-b",
        "a b",
        "a/b",
        "a:143",
        "[::1]",
        "[::1]:143",
        "::1",
        "fe80::1%eth0",
        "192.0.2.1",
        "010.0.0.1",
        "0x7f.1",
        "127.1",
        "1",
        "store.7",
        "\u00fc.example",
        "a\u0000",
        "a@b",
        "\u212a.example"
      })
  void anythingElseIsNone(String text) {
    assertFalse(HostName.isOne(text));
  }
}
