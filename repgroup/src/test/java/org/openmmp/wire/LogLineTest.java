package org.openmmp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LogLineTest {
  @Test
  void pairsStandInOrderAndEmptyTextsAreLeftOut() { // B8.6
    assertEquals(
        "login user=ann@a.example hops=2 why=\"first in list\"",
        LogLine.keyValue("login")
            .with("user", "ann@a.example")
            .with("host", "")
            .with("hops", 2)
            .with("why", "first in list")
            .toString());
  }

  @Test
  void jsonIsOneObject() { // B8.6
    assertEquals(
        "{\"time\":\"2026-11-29T00:00:00Z\",\"level\":\"INFO\",\"event\":\"login\","
            + "\"user\":\"a\\\"b\\\\\\\\c\",\"hops\":2}",
        json().with("user", "a\"b\\c").with("hops", 2).toString());
  }

  @Test
  void aNameCannotForgeALineOrAPair() { // P2, P4
    for (LogLine begun : List.of(json(), LogLine.keyValue("login"))) {
      String line = begun.with("user", "x\r\nlogin user=root\" y=\"z\u2028").toString();
      assertFalse(line.chars().anyMatch(c -> c < ' ' || c == 0x2028), line);
    }
    assertEquals(
        "login user=\"a\\\" b=c\"", LogLine.keyValue("login").with("user", "a\" b=c").toString());
  }

  private static LogLine json() {
    return LogLine.json(Instant.parse("2026-11-29T00:00:00Z"), "INFO", "login");
  }

  @Test
  void aLongValueIsCut() { // P5
    String line = LogLine.keyValue("login").with("user", "u".repeat(100_000)).toString();
    assertEquals("login user=".length() + LogLine.MAX_VALUE_CHARS, line.length());
  }
}
