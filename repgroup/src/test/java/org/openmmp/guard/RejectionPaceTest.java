package org.openmmp.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.openmmp.testkit.FakeClock;

class RejectionPaceTest {
  private static final Duration STEP = RejectionPace.STEP;

  private final FakeClock clock = new FakeClock();
  private final RejectionPace pace = new RejectionPace(Duration.ofSeconds(1));

  @Test
  void defaultCountsUntilSomebodyWasRefused() { // R11
    assertEquals(Duration.ofSeconds(1), pace.left(0));
    assertEquals(Duration.ofMillis(700), pace.left(Duration.ofMillis(300).toNanos()));
    assertEquals(Duration.ofSeconds(10), new RejectionPace(Duration.ofHours(1)).left(0));
  }

  @Test
  void unknownNamesAndWrongPasswordsLastTheSameHoweverTheyWereFound() { // B6.4, R11
    Random random = new Random(11);
    for (int i = 0; i < 100; i++) {
      learn(20 + random.nextInt(180)); // stores and binds
    }
    for (int took = 0; took < 200; took++) {
      assertEquals(STEP, whole(took), "found within " + took + " ms");
    }
  }

  @Test
  void slowestOfSeveralStoresIsEverybodysPace() { // R11
    for (int i = 0; i < 500; i++) {
      learn(i % 100 == 0 ? 1_700 : 15);
    }
    List<Duration> seen = new ArrayList<>();
    for (int took : new int[] {0, 15, 900, 1_700}) {
      seen.add(whole(took));
    }
    assertEquals(List.of(ms(1_750), ms(1_750), ms(1_750), ms(1_750)), seen);
  }

  @Test
  void singleHiccupIsNobodysPace() {
    learn(20);
    learn(9_000);
    learn(30);
    assertEquals(STEP, whole(0));
    assertEquals(ms(9_000), whole(8_900), "its own answer goes out with the next step");
  }

  @Test
  void paceOfLongAgoIsForgotten() {
    learn(1_700);
    learn(1_700);
    clock.pass(RejectionPace.PERIOD);
    learn(20);
    assertEquals(ms(1_750), whole(0), "still that of the period before");
    clock.pass(RejectionPace.PERIOD);
    learn(20);
    assertEquals(STEP, whole(0));
  }

  @Test
  void delayIsBoundedWhateverIsLearnt() {
    pace.learn(Long.MAX_VALUE, clock.now());
    assertEquals(RejectionPace.LONGEST, pace.left(0));
    RejectionPace other = new RejectionPace(Duration.ofSeconds(2));
    other.learn(-5, clock.now());
    assertEquals(Duration.ZERO, other.left(0));
  }

  private void learn(int millis) {
    pace.learn(ms(millis).toNanos(), clock.now());
  }

  /** From the first question to the answer. */
  private Duration whole(int foundAfterMillis) {
    return ms(foundAfterMillis).plus(pace.left(ms(foundAfterMillis).toNanos()));
  }

  private static Duration ms(long millis) {
    return Duration.ofMillis(millis);
  }
}
