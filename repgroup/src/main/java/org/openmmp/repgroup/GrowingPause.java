package org.openmmp.repgroup;

import java.time.Duration;

/**
 * A time that doubles with every repetition up to a limit, spread by a fifth to both sides so that
 * many who wait do not come back at one moment.
 *
 * @param first the first time, greater than zero
 * @param max never exceeded, at least {@code first}
 */
public record GrowingPause(Duration first, Duration max) {
  private static final int MOST_DOUBLINGS = 40;
  private static final double SPREAD = 0.2;
  private static final int MOST_ROUNDS = 10;

  /** The middle of the jitter. */
  private static final double EVEN = 0.5;

  /** Checks the bounds. */
  public GrowingPause {
    if (first.isNegative() || first.isZero() || max.compareTo(first) < 0) {
      throw new IllegalArgumentException("a growing pause needs 0 < first <= max");
    }
  }

  /**
   * The n-th time in nanoseconds.
   *
   * @param n 1 for the first
   * @param random in [0,1)
   */
  long nanos(int n, double random) {
    double longest = (double) max.toNanos();
    double grown = (double) first.toNanos() * Math.pow(2, Math.min(n - 1, MOST_DOUBLINGS));
    double spread = Math.min(grown, longest) * (1 - SPREAD + 2 * SPREAD * random);
    return (long) Math.min(spread, longest);
  }

  /** The number of rounds, up to {@value #MOST_ROUNDS}, that pauses between them leave time for. */
  int roundsWithin(long nanos) {
    long left = nanos;
    int rounds = 1;
    while (rounds < MOST_ROUNDS && left >= nanos(rounds, EVEN)) {
      left -= nanos(rounds++, EVEN);
    }
    return rounds;
  }
}
