package org.openmmp.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the sessions of a store that dies leave (rule B2.29). */
class DeparturesTest {
  private static final Duration SPREAD = Duration.ofSeconds(15);
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final Departures departures = new Departures();
  private final long now = Long.MAX_VALUE - SECOND;

  private List<Long> all(int count) {
    List<Long> holds = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      holds.add(departures.holdNanos("huey", count, SPREAD, now));
    }
    return holds;
  }

  @Test
  void whatAStoreEndsNowAndThenIsToldAtOnce() {
    for (int i = 0; i < 100; i++) {
      long at = now + i * SECOND / 10;
      assertEquals(0, departures.holdNanos("huey", 5_000, SPREAD, at));
    }
  }

  @Test
  void firstOfACrowdAreToldAtOnce() {
    long atOnce = all(5_000).stream().filter(hold -> hold == 0).count();
    assertTrue(atOnce >= 20 && atOnce <= 21, "at once: " + atOnce);
  }

  @ParameterizedTest
  @CsvSource({"100, 50", "750, 50", "5000, 334", "60000, 4000"})
  void crowdLeavesEvenlyAndInTime(int sessions, int mostPerSecond) {
    List<Long> holds = all(sessions);
    assertTrue(holds.stream().allMatch(hold -> hold >= 0 && hold <= SPREAD.toNanos()));
    for (int second = 0; second < 15; second++) {
      long from = second * SECOND;
      long inIt = holds.stream().filter(hold -> hold > from && hold <= from + SECOND).count();
      assertTrue(inIt <= mostPerSecond + 1, inIt + " in second " + second);
    }
    long last = holds.get(sessions - 1);
    assertTrue(last <= Math.max(sessions, 1) * SECOND / 50, "few wait for no more than they must");
  }

  @Test
  void storesLeaveEachForItself() {
    all(1_000);
    assertEquals(0, departures.holdNanos("dewey", 1, SPREAD, now));
  }

  @Test
  void namesOfStoresThatNobodyConfiguredTakeNoEndlessRoom() {
    for (int i = 0; i < 100_000; i++) {
      departures.holdNanos("host" + i, 1, SPREAD, now);
    }
    assertEquals(0, departures.holdNanos("another", 1, SPREAD, now));
  }
}
