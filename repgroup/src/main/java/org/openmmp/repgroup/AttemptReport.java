package org.openmmp.repgroup;

import org.jspecify.annotations.Nullable;

/**
 * How an attempt ended.
 *
 * @param outcome the outcome
 * @param scope whom it is evidence about
 * @param referredTo the host of a usable referral, null if there is none
 * @param loggedIn whether the login succeeded beside the referral
 * @param reason the outcome in words
 * @param nowNanos when it ended
 * @param random in [0,1), for jitter
 */
record AttemptReport(
    AttemptOutcome outcome,
    AttemptOutcome.Scope scope,
    @Nullable StoreHost referredTo,
    boolean loggedIn,
    String reason,
    long nowNanos,
    double random) {

  /** Whether the host answered as a replica that could serve read-only. */
  boolean replica() {
    return outcome == AttemptOutcome.REFERRED && loggedIn;
  }

  /** Whether the host let somebody in, or told him where to go. */
  boolean served() {
    return outcome == AttemptOutcome.ACCEPTED || outcome == AttemptOutcome.REFERRED;
  }

  /** How an attempt ended, in the caller's words. */
  record LastOutcome(AttemptOutcome outcome, String reason, long atNanos) {}

  /** What is kept of it. */
  LastOutcome last() {
    return new LastOutcome(outcome, reason, nowNanos);
  }
}
