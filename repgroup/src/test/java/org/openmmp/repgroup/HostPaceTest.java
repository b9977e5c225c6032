package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.testkit.FakeClock;

@DisplayName("B2.31, B2.33: what is usual at a host")
class HostPaceTest {
  private static final Duration FLOOR = Duration.ofSeconds(1);
  private static final Duration CEILING = Duration.ofSeconds(5);

  private final FakeClock clock = new FakeClock();
  private final HostPace pace = new HostPace(clock.now());

  private void greets(int times, Duration after) {
    for (int i = 0; i < times; i++) {
      pace.greeted(after.toNanos(), clock.now());
    }
  }

  private long lateMillis() {
    return pace.lateNanos(Duration.ofMillis(50).toNanos(), clock.now()) / 1_000_000;
  }

  private long limitMillis() {
    return pace.greetingLimitNanos(FLOOR, CEILING, clock.now()) / 1_000_000;
  }

  @Test
  void hostOfWhichLittleIsKnownIsLateAfter200MillisAndHasAllItsTime() {
    assertEquals(200, lateMillis());
    greets(19, Duration.ofMillis(2));
    assertEquals(200, lateMillis());
    assertEquals(5_000, limitMillis());
  }

  @ParameterizedTest
  @CsvSource({
    "2, 50, 1000",
    "49, 50, 1000",
    "90, 98, 1000",
    "100, 114, 1146",
    "300, 327, 3276",
    "900, 917, 5000",
    "9000, 10485, 5000",
  })
  void lateIsWhatTakesLongerThanUsualAndTooLongTenTimesThat(int millis, int late, int limit) {
    greets(1_000, Duration.ofMillis(millis));
    assertEquals(late, lateMillis());
    assertEquals(limit, limitMillis());
  }

  @Test
  void oneInAThousandIsNotUsual() {
    greets(1_000, Duration.ofMillis(2));
    greets(1, Duration.ofSeconds(3));
    assertEquals(50, lateMillis());
    greets(1, Duration.ofSeconds(3));
    assertTrue(lateMillis() >= 3_000, () -> "after " + lateMillis());
  }

  @Test
  void whatWasUsualFadesByHalfInFiveMinutes() {
    greets(10_000, Duration.ofMillis(500));
    for (int i = 0; i < 12; i++) {
      clock.pass(Duration.ofMinutes(5));
      greets(10_000, Duration.ofMillis(2));
    }
    assertEquals(50, lateMillis());
    clock.pass(Duration.ofHours(3));
    assertEquals(200, lateMillis());
    assertEquals(5_000, limitMillis());
  }

  @Test
  void bucketsHoldEveryTimeAndErrByAFourthAtTheMost() {
    Random random = new Random(28);
    for (int i = 0; i < 10_000; i++) {
      long took = (long) Math.exp(random.nextDouble() * Math.log(60e9));
      HostPace own = new HostPace(clock.now());
      for (int n = 0; n < 20; n++) {
        own.greeted(took, clock.now());
      }
      long late = own.lateNanos(0, clock.now());
      assertTrue(late >= took && (late <= 64_000 || late <= took * 1.26), took + " late " + late);
    }
  }

  @Test
  void timesOutOfAnyBoundDoNoHarm() {
    pace.greeted(-1, clock.now());
    pace.greeted(Long.MAX_VALUE, clock.now());
    assertTrue(lateMillis() > 60_000);
  }
}
