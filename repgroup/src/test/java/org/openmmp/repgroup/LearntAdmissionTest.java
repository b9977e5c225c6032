package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many logins a host is given, as its answers teach (rule B2.28). */
class LearntAdmissionTest {
  private static final SelectorSettings SETTINGS = SelectorSettings.defaults();
  private static final SelectorSettings.AdmissionTerms TERMS = SETTINGS.admission();
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private Admission learnt = Admission.OPEN;
  private long now = Long.MAX_VALUE - 3 * SECOND; // the clock passes its end soon
  private long started;

  /** A second in which so many are let in, of so many names, each after so long. */
  private void second(int logins, int names, long millis, int underWay) {
    for (int i = 0; i < logins; i++) {
      started++;
      now += SECOND / logins;
      learnt =
          learnt.letIn(
              SETTINGS,
              1 + i % names,
              millis * 1_000_000,
              Math.min(limit(), underWay),
              started,
              now);
    }
  }

  private void refusals(int logins, int names, int every) {
    for (int i = 0; i < logins; i++) {
      started++;
      now += SECOND / logins;
      learnt =
          i % every == 0
              ? learnt.refused(SETTINGS, 1 + i % names, 20, started, now)
              : learnt.letIn(SETTINGS, 1 + i % names, 50_000_000, 20, started, now);
    }
  }

  private void seconds(int count, int logins, int names, long millis, int underWay) {
    for (int i = 0; i < count; i++) {
      second(logins, names, millis, underWay);
    }
  }

  private int limit() {
    return learnt.limit(SETTINGS);
  }

  @Test
  void nothingIsLimitedBeforeThereIsAReason() {
    seconds(20, 100, 50, 80, 30);
    assertEquals(64, limit());
    assertTrue(Double.isInfinite(learnt.rate(TERMS)));
  }

  @Test
  void slowAnswersOfManyLowerTheLimitDownToItsFloorAndNoFurther() {
    seconds(10, 100, 50, 80, 30);
    second(30, 20, 5_000, 64);
    second(30, 20, 5_000, 64);
    assertTrue(limit() < 64, "limit " + limit());
    for (int i = 0; i < 6; i++) {
      second(30, 20, 5_000, limit());
    }
    assertTrue(limit() >= TERMS.floor(), "limit " + limit());
  }

  @Test
  void limitComesBackWhileAnswersAreQuick() {
    slowAnswersOfManyLowerTheLimitDownToItsFloorAndNoFurther();
    seconds(20, 100, 50, 80, 30);
    assertEquals(64, limit());
  }

  /** Slow is not down: what takes long for everybody, however few they are, is how it is. */
  @Test
  void storeThatIsSlowForAnotherReasonThanACrowdIsNotThrottledForLong() {
    seconds(10, 100, 50, 80, 5);
    seconds(60, 20, 20, 3_000, 60);
    seconds(30, 20, 20, 3_000, 20);
    assertTrue(limit() > 30, "limit " + limit());
  }

  @Test
  void storeThatHasAlwaysBeenSlowIsNotThrottled() {
    seconds(30, 20, 20, 3_000, 60);
    assertEquals(64, limit());
  }

  @ParameterizedTest
  @CsvSource({
    "1, 100, a user with a slow mailbox",
    "2, 100, two of them",
    "20, 900, nobody waits a second"
  })
  void thatLowersNothing(int names, long millis, String what) {
    seconds(10, 100, 50, 80, 30);
    seconds(10, 30, names, names == 20 ? millis : 20_000, 64);
    assertEquals(64, limit(), what);
  }

  @Test
  void slowAnswersOfFewAmongQuickOnesLowerNothing() {
    seconds(10, 100, 50, 80, 30);
    for (int s = 0; s < 10; s++) {
      second(20, 10, 5_000, 64);
      second(100, 50, 80, 64);
      learnt =
          new Admission(
              learnt.underWay(), learnt.perSecond(), false, learnt.fell(), 0, 0, 80_000_000, null);
    }
    for (int i = 0; i < 400; i++) {
      started++;
      now += SECOND / 100;
      long took = (i % 4 == 0 ? 5_000 : 80) * 1_000_000L;
      learnt = learnt.letIn(SETTINGS, i, took, 64, started, now);
    }
    assertTrue(limit() > TERMS.floor());
  }

  @Test
  void refusalsOfManyLowerTheRateAndOfOneUserDoNot() {
    refusals(100, 1, 1);
    refusals(100, 1, 1);
    assertTrue(Double.isInfinite(learnt.rate(TERMS)));
    refusals(100, 50, 2);
    refusals(100, 50, 2);
    double rate = learnt.rate(TERMS);
    assertTrue(rate <= 100 * 0.75 && rate >= TERMS.floor(), "rate " + rate);
    for (int i = 0; i < 5; i++) {
      refusals(50, 50, 50);
    }
    assertTrue(learnt.rate(TERMS) > rate, "it grows again");
  }

  @Test
  void rateThatNobodyComesNearEnds() {
    refusalsOfManyLowerTheRateAndOfOneUserDoNot();
    seconds(30, 10, 5, 80, 1);
    assertTrue(Double.isInfinite(learnt.rate(TERMS)));
  }

  @Test
  void slowStartDoublesEachSecondUntilFewerCome() {
    learnt = learnt.beginning(TERMS, started, now);
    assertEquals(50, learnt.rate(TERMS));
    for (int i = 0; i < 4; i++) {
      second((int) learnt.rate(TERMS), 50, 80, 30);
    }
    assertTrue(learnt.starting());
    assertTrue(learnt.rate(TERMS) >= 200, "rate " + learnt.rate(TERMS));
    assertTrue(learnt.rate(TERMS) <= 800, "rate " + learnt.rate(TERMS));
    seconds(10, 10, 5, 80, 1);
    assertTrue(Double.isInfinite(learnt.rate(TERMS)), "it ends by itself");
  }

  @Test
  void noMoreBeginInASecondThanTheRateAllows() {
    learnt = learnt.beginning(TERMS, started, now);
    int began = 0;
    for (int milli = 0; milli < 1_000; milli++) {
      now += 1_000_000;
      while (learnt.due(TERMS, now)) {
        learnt = learnt.taking(TERMS, now);
        began++;
      }
    }
    assertTrue(began >= 50 && began <= 56, "began " + began);
    assertFalse(learnt.due(TERMS, now));
    long turn = learnt.turnNanos(TERMS, now);
    assertTrue(turn > 0 && turn <= SECOND / 50, "turn " + turn);
    assertTrue(learnt.due(TERMS, now + turn));
  }

  /** A host that begins slowly refuses many in some second, and takes all from then on. */
  @ParameterizedTest
  @CsvSource({"0, 1, 3", "0, 10, 10", "3, 1, 4", "3, 2, 11"})
  void rateThatFellComesBackWithinSeconds(int calmSeconds, int times, int within) {
    learnt = learnt.beginning(TERMS, started, now);
    for (int i = 0; i < calmSeconds; i++) {
      second((int) learnt.rate(TERMS), 50, 80, 30);
    }
    for (double at = learnt.rate(TERMS); learnt.starting(); now += (long) (SECOND / at)) {
      started++;
      learnt = learnt.refused(SETTINGS, started, 20, started, now);
    }
    double fell = learnt.fell();
    assertTrue(learnt.rate(TERMS) <= 0.75 * fell, "rate " + learnt.rate(TERMS));
    int seconds = 0;
    while (learnt.rate(TERMS) < 0.95 * times * fell) {
      second((int) learnt.rate(TERMS), 50, 80, 30);
      seconds++;
    }
    assertTrue(seconds <= within, seconds + " s to " + times + " times " + fell);
  }

  /**
   * A store with so many workers serves so many a second, and fewer by a power of by how many times
   * more are at it. As many as are allowed are at it all the time.
   */
  @ParameterizedTest
  @CsvSource({
    "100, 16, 0, 0.9",
    "20, 12, 0, 0.9",
    "300, 48, 0, 0.9",
    "5, 8, 0, 0.9",
    "100, 16, 0.5, 0.55",
    "20, 12, 0.5, 0.55",
    "300, 48, 0.5, 0.8",
    "100, 16, 1, 0.4",
    "300, 48, 1, 0.7"
  })
  void storeThatSlowsWithItsLoadIsGivenWhatItCan(
      int perSecond, int workers, double power, double atLeast) {
    seconds(10, 10, 10, 1_000L * workers / perSecond, 4);
    ArrayDeque<Long> began = new ArrayDeque<>();
    learnt = learnt.beginning(TERMS, started, now);
    double work = 0;
    int served = 0;
    int watched = 0;
    for (int milli = 0; milli < 120_000; milli++) {
      now += 1_000_000;
      while (began.size() < limit() && learnt.due(TERMS, now)) {
        learnt = learnt.taking(TERMS, now);
        started++;
        began.add(now);
      }
      double crowded = began.size() / (double) workers;
      work += perSecond / 1_000.0 * Math.min(crowded, Math.pow(Math.max(1, crowded), -power));
      while (work >= 1 && !began.isEmpty()) {
        work--;
        int underWay = began.size();
        learnt = learnt.letIn(SETTINGS, served++, now - began.remove(), underWay, started, now);
      }
      watched = milli == 60_000 ? served : watched;
    }
    double share = (served - watched) / 60.0 / perSecond;
    assertTrue(share >= atLeast, "it serves " + share + " of what it can");
  }

  @Test
  void switchedOffItLearnsNothingAndCostsNothing() {
    SelectorSettings off = SETTINGS.with(SelectorSettings.AdmissionTerms.off());
    Admission before = learnt;
    for (int i = 0; i < 100; i++) {
      now += SECOND / 10;
      learnt = learnt.letIn(off, i, 20 * SECOND, 64, started, now);
      learnt = learnt.refused(off, i, 64, started, now);
      learnt = learnt.taking(off.admission(), now);
      learnt = learnt.beginning(off.admission(), started, now);
    }
    assertSame(before, learnt);
  }
}
