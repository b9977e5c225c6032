package org.openmmp.testkit;

import java.time.Duration;
import java.util.stream.LongStream;

/**
 * A clock that moves only when it is told to, starting where arithmetic on nanoseconds breaks: a
 * moment after it, times are negative.
 *
 * <p>Not safe for use by two threads at once.
 */
public final class FakeClock {
  /** An overflow seven seconds later. */
  private static final long NEAR_OVERFLOW = Long.MAX_VALUE - Duration.ofSeconds(7).toNanos();

  private long nowNanos;

  /** A clock that overflows seven seconds after its start. */
  public FakeClock() {
    this(NEAR_OVERFLOW);
  }

  /** A clock that starts there. */
  public FakeClock(long originNanos) {
    this.nowNanos = originNanos;
  }

  /** Origins that reveal times which are compared instead of subtracted. */
  public static LongStream origins() {
    return LongStream.of(0, -1, Long.MIN_VALUE, NEAR_OVERFLOW);
  }

  /** The time. */
  public long now() {
    return nowNanos;
  }

  /** The time after that much more has passed. */
  public long in(Duration later) {
    return nowNanos + later.toNanos();
  }

  /** Moves on. */
  public void pass(Duration time) {
    nowNanos += time.toNanos();
  }

  /** Moves to a time that is not over yet; stays if it is. */
  public void passUntil(long thenNanos) {
    if (thenNanos - nowNanos > 0) {
      nowNanos = thenNanos;
    }
  }
}
