package org.openmmp.repgroup;

import org.jspecify.annotations.Nullable;

/**
 * How an attempt or a probe ended; the last one of each host is kept.
 *
 * @param outcome the outcome
 * @param scope whom it tells something about
 * @param referredTo the host of a usable referral, null if there is none
 * @param loggedIn whether the login succeeded beside the referral
 * @param reason the outcome in words
 * @param atNanos when it ended
 * @param random in [0,1), for jitter
 */
record AttemptReport(
    AttemptOutcome outcome,
    AttemptOutcome.Scope scope,
    @Nullable StoreHost referredTo,
    boolean loggedIn,
    String reason,
    long atNanos,
    double random) {

  /** The middle of the jitter, where there is none. */
  private static final double EVEN = 0.5;

  /** An end that refers nowhere, and after which nothing is drawn by chance. */
  static AttemptReport of(
      AttemptOutcome outcome, AttemptOutcome.Scope scope, String reason, long atNanos) {
    return new AttemptReport(outcome, scope, null, false, reason, atNanos, EVEN);
  }

  /** Whether the host answered as a replica that could serve read-only. */
  boolean replica() {
    return outcome == AttemptOutcome.REFERRED && loggedIn;
  }

  /** Whether the host let somebody in, or told him where to go. */
  boolean served() {
    return outcome == AttemptOutcome.ACCEPTED || outcome == AttemptOutcome.REFERRED;
  }
}
