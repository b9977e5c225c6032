package org.openmmp.repgroup;

/**
 * The three kinds of client that a replication group has; the columns are what each may do (rule
 * B2.16).
 */
public enum ClientKind {
  /** Writes: fails over, follows referrals, remembers the last successful master. */
  WRITER(true, true),
  /** Only reads: fails over, ignores referrals, remembers the last host that served it. */
  READER(true, false),
  /** Talks to exactly one host, the mail host. */
  SINGLE(false, false);

  private final boolean failsOver;
  private final boolean followsReferrals;

  ClientKind(boolean failsOver, boolean followsReferrals) {
    this.failsOver = failsOver;
    this.followsReferrals = followsReferrals;
  }

  /** Whether another host is tried when one fails. */
  public boolean failsOver() {
    return failsOver;
  }

  /** Whether a store's referral is followed. */
  public boolean followsReferrals() {
    return followsReferrals;
  }
}
