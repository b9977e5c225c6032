package org.openmmp.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RejectionPaceTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  @Test
  void defaultCountsUntilAStoreHasRefusedSomebody() { // R11
    assertEquals(
        Duration.ofMillis(200), new RejectionPace(Duration.ofMillis(200)).delay(0.999999999));
    assertEquals(Duration.ofSeconds(10), new RejectionPace(Duration.ofHours(1)).delay(0));
  }

  @Test
  void answerTakesOneOfTheTimesThatStoresTook() { // R11
    var pace = new RejectionPace(Duration.ofSeconds(2));
    pace.learn(5 * MILLI);
    assertEquals(Duration.ofMillis(5), pace.delay(0.999999999));
    pace.learn(7 * MILLI);
    assertEquals(Duration.ofMillis(5), pace.delay(0.49));
    assertEquals(Duration.ofMillis(7), pace.delay(0.51));
  }

  @Test
  void onlyTheLatestTimesCount() {
    var pace = new RejectionPace(Duration.ofSeconds(2));
    for (int i = 0; i < 1_000; i++) {
      pace.learn(3 * MILLI);
    }
    for (int i = 0; i < 64; i++) {
      pace.learn(40 * MILLI);
    }
    for (int i = 0; i < 64; i++) {
      assertEquals(Duration.ofMillis(40), pace.delay(i / 64.0));
    }
  }

  @Test
  void delayIsBoundedWhateverIsLearnt() {
    var pace = new RejectionPace(Duration.ofSeconds(2));
    pace.learn(Long.MAX_VALUE);
    assertEquals(Duration.ofSeconds(10), pace.delay(0));
    var other = new RejectionPace(Duration.ofSeconds(2));
    other.learn(-5);
    assertEquals(Duration.ZERO, other.delay(0));
  }

  @Test
  void mediansOfKnownAndUnknownUsersAreAlike() { // R11
    var random = new Random(11);
    var pace = new RejectionPace(Duration.ofSeconds(2));
    List<Long> stores = new ArrayList<>();
    List<Long> imitated = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      long took = (20 + random.nextInt(60)) * MILLI;
      stores.add(took);
      pace.learn(took);
      imitated.add(pace.delay(random.nextDouble()).toNanos());
    }
    stores.sort(null);
    imitated.sort(null);
    assertEquals(stores.get(1_000), imitated.get(1_000), 4.0 * MILLI);
    assertEquals(stores.get(200), imitated.get(200), 4.0 * MILLI);
    assertEquals(stores.get(1_800), imitated.get(1_800), 4.0 * MILLI);
  }
}
