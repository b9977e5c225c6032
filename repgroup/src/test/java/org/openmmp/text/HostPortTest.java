package org.openmmp.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HostPortTest {
  @ParameterizedTest
  @CsvSource({
    "Dewey.Example.COM, dewey.example.com, 0",
    "dewey:110, dewey, 110",
    "dewey:, dewey, 0",
    "'', '', 0",
    "192.0.2.9:1, 192.0.2.9, 1",
    "[::1], ::1, 0",
    "[2001:DB8::7]:65535, 2001:db8::7, 65535",
    "[0:0:0:0:0:0:0:1]:1, ::1, 1",
    "[::FFFF:192.0.2.9], 192.0.2.9, 0",
    "mail_store.example.com.:143, mail_store.example.com., 143",
    "010.0.0.1, 010.0.0.1, 0",
    "0X7f.1:1, 0x7f.1, 1",
  })
  void hostAndPortAreRead(String text, String host, int port) { // R6
    assertEquals(new HostPort(host, port), HostPort.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dewey:0",
        "dewey:65536",
        "dewey:-1",
        "dewey:1x",
        "dewey:1:2",
        "::1",
        "[::1",
        "[]",
        "[::1]x",
        "[::1]:0",
        "[::1]:65536",
        "[fe80::1%25eth0]",
        "[fe80::1%eth0]:143",
        "[010.0.0.1]",
        "[dewey]",
        "[192.0.2.9]",
        "de wey",
        "de%77ey",
        "d\u00e4wey",
        "a@dewey"
      })
  void anythingElseIsNone(String text) { // R6
    assertNull(HostPort.parse(text));
    assertNull(HostPort.parse("x".repeat(256)));
  }
}
