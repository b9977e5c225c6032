package org.openmmp.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.wire.Network;

/** Rule B8.8: lines about refused clients are few, and what they do not tell is summed up. */
class LinePaceTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private enum Kind {
    ONE,
    OTHER
  }

  private static Network network(int i) {
    return Network.parse("10." + i / 256 + "." + i % 256 + ".0/24");
  }

  private static int told(LinePace<Kind> pace, Network from, int tries, long now) {
    int told = 0;
    for (int i = 0; i < tries; i++) {
      told += pace.mayTell(Kind.ONE, from, now) ? 1 : 0;
    }
    return told;
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MAX_VALUE - 5, Long.MIN_VALUE})
  void oneNetworkHasTenLinesInASecondAndLeavesOthersTheirs(long origin) {
    LinePace<Kind> pace = new LinePace<>(Kind.class, origin);
    assertEquals(10, told(pace, network(1), 1_000, origin));
    assertEquals(10, told(pace, network(2), 1_000, origin));
    assertEquals(0, told(pace, network(1), 5, origin + SECOND - 1));
    assertEquals(10, told(pace, network(1), 1_000, origin + SECOND));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MAX_VALUE - 5, Long.MIN_VALUE})
  void allNetworksTogetherHaveAHundred(long origin) {
    LinePace<Kind> pace = new LinePace<>(Kind.class, origin);
    int told = 0;
    for (int i = 0; i < 50_000; i++) {
      told += pace.mayTell(Kind.ONE, network(i), origin) ? 1 : 0;
    }
    assertEquals(100, told);
    assertTrue(pace.mayTell(Kind.ONE, network(7), origin + SECOND));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MAX_VALUE - 5, Long.MIN_VALUE})
  void whatStayedUntoldIsInOneSummaryAMinuteLater(long origin) {
    LinePace<Kind> pace = new LinePace<>(Kind.class, origin);
    told(pace, network(1), 15, origin);
    assertFalse(pace.mayTell(Kind.OTHER, network(1), origin));
    assertEquals(Map.of(), pace.summary(origin + 60 * SECOND - 1));
    assertEquals(Map.of(Kind.ONE, 5L, Kind.OTHER, 1L), pace.summary(origin + 60 * SECOND));
    assertEquals(Map.of(), pace.summary(origin + 600 * SECOND), "each refusal is told once");
    told(pace, network(1), 11, origin + 700 * SECOND);
    assertEquals(Map.of(), pace.summary(origin + 701 * SECOND), "the minute begins with the first");
    assertEquals(Map.of(Kind.ONE, 1L), pace.rest());
  }
}
