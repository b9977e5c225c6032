package org.openmmp.repgroup;

import org.jspecify.annotations.Nullable;

/**
 * How an attempt ended.
 *
 * @param outcome the outcome
 * @param referredTo the host of a usable referral, null if there is none
 * @param loggedIn whether the login succeeded beside the referral
 * @param reason the outcome in words
 * @param nowNanos when it ended
 * @param random in [0,1), for jitter
 */
record AttemptReport(
    AttemptOutcome outcome,
    @Nullable StoreHost referredTo,
    boolean loggedIn,
    String reason,
    long nowNanos,
    double random) {

  /** Whether the host answered as a replica that could serve read-only. */
  boolean replica() {
    return outcome == AttemptOutcome.REFERRED && loggedIn;
  }

  /** Whether the outcome shows that the host is alive. */
  boolean alive() {
    return outcome.coolDown() == AttemptOutcome.CoolDown.NONE
        && outcome != AttemptOutcome.ABANDONED;
  }

  HostHealth.LastOutcome last() {
    return new HostHealth.LastOutcome(outcome, reason, nowNanos);
  }
}
