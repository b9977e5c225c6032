package org.openmmp.guard;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.KeyedHash.Pair;

/**
 * One login in the eyes of {@link LoginPenalty}; used by one thread at a time.
 *
 * <p>Ask {@link #delayBefore} once, then tell the end by {@link #accepted} or {@link #rejected}; a
 * login that came to neither (no store, no directory) is told nothing.
 */
public final class LoginTry {
  /** Keeps a good user behind an attacked address under a second late (R12). */
  static final Duration LONGEST_BEFORE = Duration.ofMillis(500);

  private final LoginPenalty penalty;
  private final Pair pair;
  private final @Nullable Long print;
  private final boolean exempt;
  private Duration waited = Duration.ZERO;

  LoginTry(LoginPenalty penalty, Pair pair, @Nullable Long print, boolean exempt) {
    this.penalty = penalty;
    this.pair = pair;
    this.print = print;
    this.exempt = exempt;
  }

  /**
   * Whether this very secret was the last to be accepted for this name, from any network; never so
   * for one that was not seen.
   */
  public boolean proven() {
    return print != null && penalty.accepts(pair.user(), print);
  }

  /** How long to wait before anybody is asked about this login: at most half a second. */
  public Duration delayBefore(long nowNanos) {
    if (exempt || proven()) {
      return Duration.ZERO;
    }
    Duration whole = penalty.delayFor(penalty.scoreBefore(pair, nowNanos));
    waited = whole.compareTo(LONGEST_BEFORE) < 0 ? whole : LONGEST_BEFORE;
    return waited;
  }

  /**
   * Counts a rejection, for whatever reason: wrong password, unknown or disabled user (R11). That
   * of a secret that was proven is not counted, and ends the proof: a password was changed, or a
   * store errs (rule B3.10).
   *
   * @return how long the answer has to wait now
   */
  public Duration rejected(long nowNanos) {
    boolean first = print != null && penalty.ends(pair.user(), print);
    if (exempt || first) {
      return Duration.ZERO;
    }
    Duration delay = penalty.delayFor(penalty.count(pair, print, nowNanos));
    Duration whole = delay.compareTo(penalty.firstDelay()) < 0 ? penalty.firstDelay() : delay;
    // What was waited before is part of it: known and unknown users end up alike.
    Duration rest = whole.minus(waited);
    return rest.isNegative() ? Duration.ZERO : rest;
  }

  /**
   * Remembers the secret, if it was seen, as the right one, and the user as known at this network.
   */
  public void accepted() {
    if (!exempt) {
      penalty.remember(pair, print);
    }
  }
}
