package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Front ends of a site take turns at asking a store whether it is back (rule B10.8): in virtual
 * time, over an engine that each writes to and reads from in its rounds, with clocks an hour apart.
 */
class OneProberTest {
  private static final long MILLI = 1_000_000;
  private static final long STEP_MILLIS = 25;
  private static final String STORE = "store";

  private final Map<Long, Entry> engine = new HashMap<>();
  private final List<FrontEnd> all = new ArrayList<>();
  private long nowMillis;
  private boolean up;
  private Random random = new Random(1);

  /** What one front end has written. */
  private record Entry(long number, List<ProbePlan.Turn<String>> turns, boolean back) {}

  /** What one front end knows of another's sign of life. */
  private record Seen(long number, long grownMillis) {}

  /** One front end; its own clock is some time from the world's. */
  private final class FrontEnd {
    private final long id = random.nextLong();
    private final long clock = random.nextLong();
    private final ProbePlan<String> plan = new ProbePlan<>();
    private final Map<Long, Seen> seen = new HashMap<>();
    private final boolean hurried;
    private boolean alive = true;
    private boolean attached = true;
    private boolean reaches = true;
    private boolean drops;
    private int failures;
    private long number;
    private long roundMillis;
    private @Nullable Long endsMillis;
    private boolean greets;
    private @Nullable Long toldBackMillis;
    private @Nullable Long foundMillis;
    private final List<Long> probes = new ArrayList<>();

    FrontEnd(boolean hurried) {
      this.hurried = hurried;
      roundMillis = nowMillis + random.nextInt(1_000);
    }

    private long ownNanos(long millis) {
      return clock + millis * MILLI;
    }

    private void live() {
      if (!alive) {
        return;
      }
      if (endsMillis != null && nowMillis >= endsMillis) {
        endsMillis = null;
        plan.ended(STORE);
        foundMillis = greets && foundMillis == null ? Long.valueOf(nowMillis) : foundMillis;
        roundMillis = greets ? Math.min(roundMillis, nowMillis + 50) : roundMillis;
      }
      probe();
      if (nowMillis >= roundMillis) {
        round();
      }
    }

    private void probe() {
      Map<String, Long> asked = new HashMap<>();
      if (toldBackMillis != null) {
        asked.put(STORE, ownNanos(toldBackMillis));
      }
      List<String> wanted = foundMillis == null ? List.of(STORE) : List.of();
      Set<String> slow = hurried ? Set.of() : Set.of(STORE);
      if (!plan.begin(wanted, slow, asked, ownNanos(nowMillis), random.nextDouble()).isEmpty()) {
        probes.add(nowMillis);
        greets = up && reaches;
        endsMillis = nowMillis + (greets || !drops ? 10 : 2_000);
        roundMillis = Math.min(roundMillis, nowMillis + 50);
      }
    }

    private void round() {
      boolean waits = hurried && foundMillis == null && !seen.isEmpty();
      long pause = waits ? 250 : 1_000;
      roundMillis = nowMillis + pause * (90 + random.nextInt(21)) / 100;
      if (!attached) {
        failures++;
        if (failures == 3) {
          seen.clear();
          plan.heard(id, Map.of(), ownNanos(nowMillis));
        }
        return;
      }
      failures = 0;
      engine.put(id, new Entry(++number, plan.told(), foundMillis != null));
      Map<Long, List<ProbePlan.Turn<String>>> told = new HashMap<>();
      engine.forEach(
          (other, entry) -> {
            if (other == id) {
              return;
            }
            Seen before = seen.get(other);
            boolean grown = before != null && entry.number() > before.number();
            seen.put(
                other,
                before == null
                    ? new Seen(entry.number(), nowMillis - 60_000)
                    : grown ? new Seen(entry.number(), nowMillis) : before);
            if (grown || (before != null && nowMillis - before.grownMillis() <= 2_500)) {
              told.put(other, entry.turns());
              if (entry.back() && toldBackMillis == null) {
                toldBackMillis = nowMillis;
              }
            }
          });
      plan.heard(id, told, ownNanos(nowMillis));
    }
  }

  private void begin(int count, Predicate<Integer> hurried) {
    for (int i = 0; i < count; i++) {
      all.add(new FrontEnd(hurried.test(i)));
    }
  }

  private void pass(long millis) {
    for (long end = nowMillis + millis; nowMillis < end; nowMillis += STEP_MILLIS) {
      all.forEach(FrontEnd::live);
    }
  }

  private long probesSince(long millis) {
    return all.stream()
        .mapToLong(each -> each.probes.stream().filter(at -> at >= millis).count())
        .sum();
  }

  @ParameterizedTest
  @CsvSource({"1,true", "2,true", "3,true", "20,true", "2,false", "7,false"})
  @DisplayName("B10.8: in quiet times the site probes a store once in an interval, by turns")
  void oneProbeInAnInterval(int count, boolean hurried) {
    begin(count, any -> hurried);
    pass(60_000);
    long from = nowMillis;
    pass(200_000);
    long probes = probesSince(from);
    long shortest = hurried ? 800 : 4_000;
    assertTrue(probes <= 200_000 / shortest + 1, probes + " probes");
    assertTrue(probes >= 200_000 / (shortest * 8 / 5), probes + " probes");
    for (FrontEnd each : all) {
      long own = each.probes.stream().filter(at -> at >= from).count();
      assertTrue(own >= probes / count / 2 - 1, own + " of " + probes);
      assertTrue(own <= 2 * probes / count + 2, own + " of " + probes);
    }
  }

  @Test
  @DisplayName("B10.8: who takes turns with nobody probes as it always did")
  void aloneAsBefore() {
    begin(3, any -> true);
    all.forEach(each -> each.attached = false);
    pass(60_000);
    long from = nowMillis;
    pass(100_000);
    for (FrontEnd each : all) {
      assertTrue(each.probes.stream().filter(at -> at >= from).count() >= 95);
    }
  }

  @Test
  @DisplayName("B10.8: where somebody waits, those where nobody does hold up nobody")
  void whoWaitsIsNotHeldUp() {
    begin(5, i -> i == 2);
    pass(60_000);
    long from = nowMillis;
    pass(100_000);
    assertTrue(all.get(2).probes.stream().filter(at -> at >= from).count() >= 95);
    assertEquals(all.get(2).probes.stream().filter(at -> at >= from).count(), probesSince(from));
  }

  /** The longest interval and the longest wait for one that does nothing. */
  private static long turnMillis(boolean hurried) {
    return hurried ? 1_750 + 350 : 7_500 + 1_200;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("B10.8: whoever dies or is cut off, a store that is back is found within its bound")
  void foundWhoeverDies(boolean hurried) {
    for (int seed = 1; seed <= 80; seed++) {
      schedule(seed, hurried);
    }
  }

  private void schedule(int seed, boolean hurried) {
    random = new Random(seed);
    engine.clear();
    all.clear();
    nowMillis = 0;
    up = false;
    int count = 2 + random.nextInt(seed % 10 == 0 ? 19 : 4);
    begin(count, any -> hurried);
    all.forEach(each -> each.drops = random.nextBoolean());
    for (int i = random.nextInt(12); i >= 0; i--) {
      pass(random.nextInt(8_000));
      FrontEnd one = all.get(random.nextInt(count));
      switch (random.nextInt(5)) {
        case 0 -> one.alive = random.nextBoolean();
        case 1 -> one.attached = random.nextBoolean();
        case 2 -> one.reaches = random.nextBoolean();
        case 3 -> engine.clear(); // it lost everything
        default -> all.forEach(each -> each.attached = random.nextBoolean());
      }
    }
    FrontEnd finder = all.get(random.nextInt(count));
    finder.alive = true;
    finder.reaches = true;
    up = true;
    long from = nowMillis;
    long bound = count * turnMillis(hurried) + 5_000;
    pass(bound);
    String why = "seed " + seed + ", " + count + " front ends, hurried " + hurried;
    for (FrontEnd each : all) {
      boolean mayFind = each.alive && each.reaches;
      Long found = each.foundMillis;
      assertEquals(mayFind, found != null, why);
      if (found != null && !each.attached) {
        long own = turnMillis(hurried) + 5_000; // until it has noticed that it is alone
        assertTrue(found - from <= own, why + ": alone after " + (found - from));
      }
    }
    long first =
        all.stream()
            .filter(each -> each.attached && each.foundMillis != null)
            .mapToLong(each -> each.foundMillis)
            .min()
            .orElse(from);
    for (FrontEnd each : all) {
      Long found = each.foundMillis;
      if (found != null && each.attached) {
        assertTrue(found - first <= 6_000, why + ": " + (found - first) + " behind the first");
      }
    }
  }
}
