package org.openmmp.repgroup;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How long one host usually takes until it is connected and until it greets, both from the dial on:
 * counts in steps of a quarter of an octave, which fade by half every five minutes. Fixed in size;
 * on any thread. An increment that is lost while the counts fade does no harm.
 */
final class HostPace {
  private static final int STEPS = 4;
  private static final int STEP_BITS = 2;

  /** Below this power of two, in microseconds, nothing is told apart. */
  private static final int FIRST_OCTAVE = 6;

  private static final int OCTAVES = 20;
  private static final int BUCKETS = 1 + OCTAVES * STEPS;
  private static final long NANOS_PER_MICRO = 1_000;
  private static final long FADES_NANOS = Duration.ofMinutes(5).toNanos();
  private static final int MOST_HALVINGS = 31;

  /** With fewer recent ones little is known. */
  private static final int ENOUGH = 20;

  /** Of so many times, all but one are what is usual. */
  private static final int RARELY = 1_000;

  /** All but one of so many are what most take. */
  private static final int TENTH = 10;

  /** A host of which little is known is late after this, or after the longest that was seen. */
  private static final long LATE_UNKNOWN_NANOS = Duration.ofMillis(200).toNanos();

  /** What is given up may take so much longer than what is usual. */
  private static final int FORBEARANCE = 10;

  private final AtomicIntegerArray connects = new AtomicIntegerArray(BUCKETS);
  private final AtomicIntegerArray greetings = new AtomicIntegerArray(BUCKETS);
  private final AtomicLong fadedNanos;

  HostPace(long nowNanos) {
    fadedNanos = new AtomicLong(nowNanos);
  }

  /** It was connected that long after the dial. */
  void connected(long tookNanos, long nowNanos) {
    fade(nowNanos);
    connects.getAndIncrement(bucket(tookNanos));
  }

  /** It greeted that long after the dial. */
  void greeted(long tookNanos, long nowNanos) {
    fade(nowNanos);
    greetings.getAndIncrement(bucket(tookNanos));
  }

  /**
   * After which time from the dial on its greeting is later than usual (rule B2.31): 99.9 % of the
   * recent ones came sooner.
   */
  long lateNanos(long atLeastNanos, long nowNanos) {
    fade(nowNanos);
    int known = sum(greetings);
    long usual = withoutNanos(known / RARELY, greetings);
    return Math.max(usual, known < ENOUGH ? LATE_UNKNOWN_NANOS : atLeastNanos);
  }

  /** How long a connect may take before others are tried (rule B2.33). */
  long connectLimitNanos(Duration floor, Duration ceiling, long nowNanos) {
    return limitNanos(connects, floor, ceiling, nowNanos);
  }

  /** The same of a greeting, from the connect on. */
  long greetingLimitNanos(Duration floor, Duration ceiling, long nowNanos) {
    return limitNanos(greetings, floor, ceiling, nowNanos);
  }

  /** How long 99.9 % of its recent greetings took at the most; 0 if little is known. */
  long usualGreetingNanos(long nowNanos) {
    fade(nowNanos);
    int known = sum(greetings);
    return known < ENOUGH ? 0 : withoutNanos(known / RARELY, greetings);
  }

  /** How long nine tenths of its recent greetings took at the most; 0 if little is known. */
  long mostGreetingsNanos(long nowNanos) {
    fade(nowNanos);
    int known = sum(greetings);
    return known < ENOUGH ? 0 : withoutNanos(known / TENTH, greetings);
  }

  private long limitNanos(
      AtomicIntegerArray counts, Duration floor, Duration ceiling, long nowNanos) {
    fade(nowNanos);
    int known = sum(counts);
    if (known < ENOUGH) {
      return ceiling.toNanos();
    }
    long wanted = Math.max(floor.toNanos(), FORBEARANCE * withoutNanos(known / RARELY, counts));
    return Math.min(wanted, ceiling.toNanos());
  }

  private static int sum(AtomicIntegerArray counts) {
    int sum = 0;
    for (int i = 0; i < BUCKETS; i++) {
      sum += counts.get(i);
    }
    return sum;
  }

  /** The end of the last bucket that has any, but for the longest ones; 0 if there are none. */
  private static long withoutNanos(int longest, AtomicIntegerArray counts) {
    int beyond = longest;
    for (int i = BUCKETS - 1; i >= 0; i--) {
      beyond -= counts.get(i);
      if (beyond < 0) {
        return endNanos(i);
      }
    }
    return 0;
  }

  private static int bucket(long nanos) {
    long micros = Math.max(0, nanos) / NANOS_PER_MICRO;
    if (micros >> FIRST_OCTAVE == 0) {
      return 0;
    }
    int octave = Long.SIZE - 1 - Long.numberOfLeadingZeros(micros);
    int step = (int) (micros >> (octave - STEP_BITS)) & (STEPS - 1);
    return Math.min(1 + (octave - FIRST_OCTAVE) * STEPS + step, BUCKETS - 1);
  }

  private static long endNanos(int bucket) {
    if (bucket == 0) {
      return (1L << FIRST_OCTAVE) * NANOS_PER_MICRO;
    }
    int octave = FIRST_OCTAVE + (bucket - 1) / STEPS;
    long step = STEPS + (bucket - 1) % STEPS + 1L;
    return (step << (octave - STEP_BITS)) * NANOS_PER_MICRO;
  }

  private void fade(long nowNanos) {
    long before = fadedNanos.get();
    long halvings = (nowNanos - before) / FADES_NANOS;
    if (halvings > 0 && fadedNanos.compareAndSet(before, before + halvings * FADES_NANOS)) {
      int bits = (int) Math.min(halvings, MOST_HALVINGS);
      for (int i = 0; i < BUCKETS; i++) {
        connects.set(i, connects.get(i) >> bits);
        greetings.set(i, greetings.get(i) >> bits);
      }
    }
  }
}
