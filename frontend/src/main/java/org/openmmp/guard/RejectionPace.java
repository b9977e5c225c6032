package org.openmmp.guard;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long the stores of one service lately took to refuse credentials, so that the answer about an
 * unknown user, which no store was asked for, takes as long (rule B6.4, R11).
 *
 * <p>It hands out one of the latest times by chance, and so imitates their spread and not just
 * their mean.
 */
public final class RejectionPace {
  /** Times that are kept. */
  private static final int KEPT = 64;

  /** No answer is held back longer, whatever was learnt. */
  static final Duration LONGEST = Duration.ofSeconds(10);

  private final long defaultNanos;
  private final AtomicLongArray times = new AtomicLongArray(KEPT);
  private final AtomicInteger learnt = new AtomicInteger();

  /**
   * Begins with nothing learnt.
   *
   * @param defaultPace what counts until a store has refused somebody; at most 10 s
   */
  public RejectionPace(Duration defaultPace) {
    defaultNanos = bounded(defaultPace.toNanos());
    for (int i = 0; i < KEPT; i++) {
      times.set(i, defaultNanos);
    }
  }

  /**
   * Learns from one refusal by a store.
   *
   * @param tookNanos from the directory's answer to the store's
   */
  public void learn(long tookNanos) {
    int slot = learnt.getAndUpdate(n -> n + 1 == 2 * KEPT ? KEPT : n + 1) % KEPT;
    times.set(slot, bounded(tookNanos));
  }

  /**
   * How long to hold back an answer that no store was asked for, from the directory's answer on.
   *
   * @param random 0 (inclusive) to 1 (exclusive), new for each answer
   */
  public Duration delay(double random) {
    int known = Math.min(KEPT, learnt.get());
    return Duration.ofNanos(known == 0 ? defaultNanos : times.get((int) (random * known)));
  }

  private static long bounded(long nanos) {
    return Math.max(0, Math.min(LONGEST.toNanos(), nanos));
  }
}
