package org.openmmp.wire;

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
