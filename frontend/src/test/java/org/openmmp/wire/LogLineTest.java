package org.openmmp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;

final class LogLineTest {
  @Test
  void pairsStandInOrderAndEmptyTextsAreLeftOut() { // B8.6
    assertEquals(
        "login user=ann@a.example hops=2 why=\"first in list\"",
        LogLine.of(false, "login")
            .with("user", "ann@a.example")
            .with("host", "")
            .with("hops", 2)
            .with("why", "first in list")
            .toString());
  }

  @Test
  void jsonIsOneObject() { // B8.6
    assertEquals(
        "{\"event\":\"login\",\"user\":\"a\\\"b\\\\\\\\c\",\"hops\":2}",
        LogLine.of(true, "login").with("user", "a\"b\\c").with("hops", 2).toString());
  }

  @Test
  void aNameCannotForgeALineOrAPair() { // P2, P4
    for (boolean json : new boolean[] {false, true}) {
      String line =
          LogLine.of(json, "login").with("user", "x\r\nlogin user=root\" y=\"z\u2028").toString();
      assertFalse(line.chars().anyMatch(c -> c < ' ' || c == 0x2028), line);
    }
    assertEquals(
        "login user=\"a\\\" b=c\"", LogLine.of(false, "login").with("user", "a\" b=c").toString());
  }

  @Test
  void aLongValueIsCut() { // P5
    String line = LogLine.of(false, "login").with("user", "u".repeat(100_000)).toString();
    assertEquals("login user=".length() + LogLine.MAX_VALUE_CHARS, line.length());
  }
}
