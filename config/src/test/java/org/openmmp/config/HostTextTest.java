package org.openmmp.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hosts and networks are told from what only looks like them. */
class HostTextTest {
  @ParameterizedTest
  @CsvSource({
    "huey, huey",
    "HUEY.Example.COM., huey.example.com",
    "store_1.example.com, store_1.example.com",
    "1und1.example, 1und1.example",
    "192.0.2.1, 192.0.2.1",
    "2001:DB8::1, 2001:db8::1",
    "::1, ::1",
    "::, ::",
    "::ffff:192.0.2.1, 192.0.2.1",
    "0:0:0:0:0:0:0:1, ::1",
    "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:192.0.2.1, 1:2:3:4:5:6:c000:201",
  })
  void aHostIsFolded(String text, String host) {
    assertEquals(Optional.of(host), HostText.host(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "a..b",
        "-a",
        "a-",
        "a b",
        "a/b",
        "a:143",
        "[::1]",
        "[::1]:143",
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
        "ü.example",
        "a123456789012345678901234567890123456789012345678901234567890123.example",
      })
  void whatIsNoHostIsNone(String text) {
    assertEquals(Optional.empty(), HostText.host(text));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.0.0.0/8",
    "0.0.0.0/0, 0.0.0.0/0",
    "192.0.2.1, 192.0.2.1/32",
    "2001:db8::/32, 2001:db8::/32",
    "::1, ::1/128",
  })
  void aNetworkHasItsBits(String text, String network) {
    assertEquals(Optional.of(network), HostText.network(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0/33", "::/129", "10/8", "a/8", "10.0.0.0/", "10.0.0.0/08", "/8"})
  void whatIsNoNetworkIsNone(String text) {
    assertEquals(Optional.empty(), HostText.network(text));
  }
}
