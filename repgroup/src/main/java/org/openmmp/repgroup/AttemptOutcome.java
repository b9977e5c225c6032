package org.openmmp.repgroup;

/** How one attempt at one store host ended; the columns are the policy that follows from it. */
public enum AttemptOutcome {
  /** The login was accepted, without a usable referral. */
  ACCEPTED(CoolDown.NONE, Next.STOP),
  /** A probe was greeted; no login has this outcome. */
  GREETED(CoolDown.NONE, Next.STOP),
  /** The host answered with a usable referral; it is healthy. */
  REFERRED(CoolDown.NONE, Next.TARGET),
  /** The store refused the credentials: final, and no other host hears them (rule B2.5). */
  AUTH_REJECTED(CoolDown.NONE, Next.STOP),
  /**
   * The host has the mailbox and lets nobody in for now, as another session holds it: final too,
   * for no other host could say more.
   */
  MAILBOX_BUSY(CoolDown.NONE, Next.STOP),
  /** Name not resolved, connect refused or timed out, no greeting, or closed before an answer. */
  UNREACHABLE(CoolDown.GROWING, Next.OTHER_HOST),
  /** Handshake failed, name did not match, or STARTTLS was missing though required. */
  TLS_FAILED(CoolDown.GROWING, Next.OTHER_HOST),
  /** Greeted with BYE, {@code -ERR} or 421. */
  REFUSED_GREETING(CoolDown.SHORT, Next.OTHER_HOST),
  /** A temporary refusal; it may be one mailbox, so the host is not blamed. */
  TEMPORARY_FAILURE(CoolDown.NONE, Next.OTHER_HOST),
  /** Outside the grammar, or over a limit. */
  PROTOCOL_VIOLATION(CoolDown.GROWING, Next.OTHER_HOST),
  /**
   * The attempt was given up for a reason of ours (the client left, the deadline passed before
   * anything was tried, no local port was left): it says nothing of the host.
   */
  ABANDONED(CoolDown.NONE, Next.STOP);

  /** How long the host is passed over afterwards. */
  public enum CoolDown {
    /** Not at all. */
    NONE,
    /** For the first cool-down period, which does not grow. */
    SHORT,
    /** For a period that grows with every failure in a row. */
    GROWING
  }

  /** What the walk does afterwards. */
  public enum Next {
    /** The walk is over. */
    STOP,
    /** The referral's target. */
    TARGET,
    /** The next host of the group. */
    OTHER_HOST
  }

  private final CoolDown coolDown;
  private final Next next;

  AttemptOutcome(CoolDown coolDown, Next next) {
    this.coolDown = coolDown;
    this.next = next;
  }

  /** How long the host is passed over after this outcome. */
  public CoolDown coolDown() {
    return coolDown;
  }

  /** What a walk does after this outcome. */
  public Next next() {
    return next;
  }

  /** Whether a living host refused this one login, which says nothing of the next. */
  boolean refusesLogin() {
    return this == AUTH_REJECTED || this == MAILBOX_BUSY;
  }
}
