package org.openmmp.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
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

  @ParameterizedTest
  @CsvSource({
    "huey, huey",
    "HUEY.Example.COM., huey.example.com",
    "192.0.2.1, 192.0.2.1",
    "2001:DB8::1, 2001:db8::1",
    "::, ::",
    "::ffff:192.0.2.1, 192.0.2.1",
    "0:0:0:0:0:0:0:1, ::1",
    "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:192.0.2.1, 1:2:3:4:5:6:c000:201",
  })
  void aHostIsFolded(String text, String host) {
    assertEquals(Optional.of(host), HostName.orAddress(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "a..b",
        "-a",
        "a:143",
        "[::1]",
        "fe80::1%eth0",
        "256.0.0.1",
        "1.2.3",
        "1.2.3.4.5",
        "01.2.3.4",
        ":::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1::2::3",
        "12345::",
        "1.2.3.4::",
      })
  void whatIsNeitherNameNorAddressIsNoHost(String text) {
    assertEquals(Optional.empty(), HostName.orAddress(text));
  }
}
