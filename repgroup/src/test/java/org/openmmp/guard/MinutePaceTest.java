package org.openmmp.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openmmp.testkit.FakeClock;

/** The log tells of a trouble at once, and then within bounds (rules B2.22, B3.10). */
class MinutePaceTest {
  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

  private final long begin = new FakeClock().now();

  @Test // B3.10
  void eachIsToldAtOnceAndThenOnceAMinuteWithItsNumber() {
    MinutePace<String> pace = new MinutePace<>(2);
    assertEquals(1, pace.timesToTell("huey", begin));
    for (int i = 0; i < 1_000; i++) {
      assertEquals(0, pace.timesToTell("huey", begin + MINUTE - 1));
    }
    assertEquals(1, pace.timesToTell("dewey", begin + MINUTE - 1));
    assertEquals(1_001, pace.timesToTell("huey", begin + MINUTE));
    assertEquals(1, pace.timesToTell("huey", begin + 2 * MINUTE));
  }

  @Test // B3.10
  void noMoreThanItsBoundAreToldWithinAMinute() {
    MinutePace<Integer> pace = new MinutePace<>(20);
    int told = 0;
    for (int store = 0; store < 10_000; store++) {
      told += pace.timesToTell(store, begin) > 0 ? 1 : 0;
    }
    assertEquals(20, told);
    assertEquals(0, pace.timesToTell(9_999, begin + MINUTE - 1));
    assertEquals(1, pace.timesToTell(9_999, begin + MINUTE));
  }
}
