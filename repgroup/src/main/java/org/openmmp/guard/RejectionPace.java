package org.openmmp.guard;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long it lasts until a client of one service hears that its name or password is wrong, whoever
 * found that and however fast (rule B6.4, R11): the directory that knows no such name, or checks
 * the password, or a store, of which one may be slower than another.
 *
 * <p>Every refusal waits for the same time, the one that the slowest of the last minutes took,
 * rounded up. It is the slowest but one, so that a single hiccup is nobody's pace.
 */
public final class RejectionPace {
  /** No answer is held back longer, whatever was learnt. */
  static final Duration LONGEST = Duration.ofSeconds(10);

  /** Times are rounded up to whole ones of these, which hides how much the same store varies. */
  static final Duration STEP = Duration.ofMillis(250);

  /** Times that were learnt count for one such period and the next. */
  static final Duration PERIOD = Duration.ofMinutes(10);

  private final long defaultNanos;
  private @Nullable Period present;
  private @Nullable Period before;

  /** The two slowest refusals since a time. */
  private record Period(long sinceNanos, int refusals, long slowest, long second) {
    Period with(long tookNanos) {
      return new Period(
          sinceNanos,
          Math.min(2, refusals + 1),
          Math.max(slowest, tookNanos),
          Math.max(second, Math.min(slowest, tookNanos)));
    }

    /** The slowest but one; of a single refusal that one. */
    long pace() {
      return refusals == 1 ? slowest : second;
    }
  }

  /**
   * Begins with nothing learnt.
   *
   * @param defaultPace what counts until somebody was refused
   */
  public RejectionPace(Duration defaultPace) {
    defaultNanos = stepped(Math.min(LONGEST.toNanos(), defaultPace.toNanos()));
  }

  /**
   * Learns from one refusal.
   *
   * @param tookNanos from the first question about the login to the word of who checked it
   */
  public synchronized void learn(long tookNanos, long nowNanos) {
    long took = Math.max(0, Math.min(LONGEST.toNanos(), tookNanos));
    Period last = present;
    if (last != null && nowNanos - last.sinceNanos() < PERIOD.toNanos()) {
      present = last.with(took);
    } else {
      before = last;
      present = new Period(nowNanos, 1, took, 0);
    }
  }

  /**
   * How long an answer is still to be held back.
   *
   * @param tookNanos as for {@link #learn}
   */
  public synchronized Duration left(long tookNanos) {
    long pace = paceNanos();
    long over = tookNanos - pace;
    long until = over <= 0 ? pace : pace + stepped(over);
    return Duration.ofNanos(Math.max(0, until - tookNanos));
  }

  private long paceNanos() {
    if (present == null) {
      return defaultNanos;
    }
    return stepped(Math.max(present.pace(), before == null ? 0 : before.pace()));
  }

  private static long stepped(long nanos) {
    long step = STEP.toNanos();
    return (nanos + step - 1) / step * step;
  }
}
