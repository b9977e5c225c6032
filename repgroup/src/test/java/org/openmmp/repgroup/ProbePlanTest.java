package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When hosts are probed (rule B2.9). */
class ProbePlanTest {
  private static final long MILLI = 1_000_000;

  private final ProbePlan<String> plan = new ProbePlan<>();

  // B2.9
  @Test
  void aPlaceIsProbedAtOnceWhenItBecomesWanted() {
    assertEquals(List.of("a"), plan.begin(List.of("a"), Set.of(), 0, 0));
    assertEquals(OptionalLong.empty(), plan.nextNanos(0));
  }

  // B2.9
  @Test
  void whoeverWantsItAPlaceHasOneProbeAtATime() {
    plan.begin(List.of("a", "a"), Set.of(), 0, 0);
    assertEquals(List.of(), plan.begin(List.of("a"), Set.of(), 10_000 * MILLI, 0));
    plan.ended("a");
    assertEquals(List.of("a"), plan.begin(List.of("a"), Set.of(), 10_000 * MILLI, 0));
  }

  // B2.9
  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - 1_000 * MILLI, Long.MIN_VALUE})
  void intervalsCountFromBeginToBegin(long start) {
    plan.begin(List.of("a"), Set.of(), start, 0);
    plan.ended("a");
    assertEquals(OptionalLong.of(start + 250 * MILLI), plan.nextNanos(start + 200 * MILLI));
    assertEquals(List.of(), plan.begin(List.of("a"), Set.of(), start + 249 * MILLI, 0));
    assertEquals(List.of("a"), plan.begin(List.of("a"), Set.of(), start + 250 * MILLI, 0));
  }

  // B2.9
  @Test
  void aProbeThatTookLongerThanItsIntervalIsFollowedAtOnce() {
    plan.begin(List.of("a"), Set.of(), 0, 0);
    plan.ended("a");
    assertEquals(OptionalLong.of(700 * MILLI), plan.nextNanos(700 * MILLI));
  }

  // B2.9
  @Test
  void aPlaceThatNobodyWaitsForIsProbedSlowlyAndAtOnceWhenSomebodyComes() {
    List<String> a = List.of("a");
    assertEquals(a, plan.begin(a, Set.of("a"), 0, 0));
    plan.ended("a");
    assertEquals(OptionalLong.of(5_000 * MILLI), plan.nextNanos(0));
    assertEquals(List.of(), plan.begin(a, Set.of("a"), 4_999 * MILLI, 0));
    assertEquals(a, plan.begin(a, Set.of("a"), 5_000 * MILLI, 0));
    assertEquals(List.of(), plan.begin(a, Set.of(), 5_001 * MILLI, 0), "one probe at a time");
    plan.ended("a");
    assertEquals(a, plan.begin(a, Set.of(), 5_002 * MILLI, 0), "somebody waits");
    plan.ended("a");
    assertEquals(OptionalLong.of(5_252 * MILLI), plan.nextNanos(5_002 * MILLI));
    // He goes: what is due comes at its time, and slowly from then on.
    assertEquals(List.of(), plan.begin(a, Set.of("a"), 5_251 * MILLI, 0));
    assertEquals(a, plan.begin(a, Set.of("a"), 5_252 * MILLI, 0));
    plan.ended("a");
    assertEquals(OptionalLong.of(10_252 * MILLI), plan.nextNanos(5_252 * MILLI));
  }

  // B2.9
  @Test
  void intervalsGrowToASecondAndNeverBeyond() {
    Random random = new Random(1);
    List<Long> intervals = new ArrayList<>();
    long now = 0;
    for (int probe = 0; probe < 60; probe++) {
      assertEquals(List.of("a"), plan.begin(List.of("a"), Set.of(), now, random.nextDouble()));
      plan.ended("a");
      long next = plan.nextNanos(now).orElseThrow();
      intervals.add(next - now);
      now = next;
    }
    assertTrue(intervals.get(0) >= 200 * MILLI && intervals.get(0) <= 250 * MILLI);
    assertTrue(intervals.stream().allMatch(each -> each <= 1_000 * MILLI), intervals.toString());
    assertTrue(intervals.subList(20, 60).stream().allMatch(each -> each >= 800 * MILLI));
    assertTrue(intervals.stream().distinct().count() > 20, "no two front ends keep step");
  }

  // B2.9
  @Test
  void nobodyIsProbedWhomNobodyWants() {
    plan.begin(List.of("a", "b"), Set.of(), 0, 0);
    plan.ended("a");
    plan.ended("b");
    assertEquals(List.of("b"), plan.begin(List.of("b"), Set.of(), 5_000 * MILLI, 0));
    plan.ended("b");
    assertEquals(List.of(), plan.begin(List.of(), Set.of(), 9_000 * MILLI, 0));
    assertEquals(OptionalLong.empty(), plan.nextNanos(9_000 * MILLI));
  }

  // B2.9
  @Test
  void aPlaceThatIsWantedAgainBeginsAtTheShortInterval() {
    long now = 0;
    for (int probe = 0; probe < 30; probe++) {
      plan.begin(List.of("a"), Set.of(), now, 0);
      plan.ended("a");
      now += 1_000 * MILLI;
    }
    plan.begin(List.of(), Set.of(), now, 0);
    plan.begin(List.of("a"), Set.of(), now, 0);
    plan.ended("a");
    assertEquals(OptionalLong.of(now + 250 * MILLI), plan.nextNanos(now));
  }

  // B2.9
  @Test
  void aProbeUnderWayIsWaitedForThoughNobodyWantsItAnyMore() {
    plan.begin(List.of("a"), Set.of(), 0, 0);
    plan.begin(List.of(), Set.of(), 1, 0);
    assertEquals(List.of(), plan.begin(List.of("a"), Set.of(), 2, 0));
    plan.ended("a");
    assertEquals(List.of("a"), plan.begin(List.of("a"), Set.of(), 300 * MILLI, 0));
  }
}
