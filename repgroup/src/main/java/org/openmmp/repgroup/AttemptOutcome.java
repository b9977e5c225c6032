package org.openmmp.repgroup;

/**
 * How one attempt at one store host ended; the columns are the policy that follows from it (rule
 * B2.5). It depends on how far the attempt had come whom an outcome concerns: see {@link #scope}.
 */
public enum AttemptOutcome {
  /** The login was accepted, without a usable referral. */
  ACCEPTED(CoolDown.NONE, Next.STOP, Scope.GOOD, Scope.GOOD),
  /** A probe was greeted; no login has this outcome. */
  GREETED(CoolDown.NONE, Next.STOP, Scope.GOOD, Scope.GOOD),
  /** The host answered with a usable referral; it is healthy. */
  REFERRED(CoolDown.NONE, Next.TARGET, Scope.GOOD, Scope.GOOD),
  /** The store refused the credentials: final, and no other host hears them. */
  AUTH_REJECTED(CoolDown.NONE, Next.STOP, Scope.GOOD, Scope.GOOD),
  /**
   * The host has the mailbox and lets nobody in for now, as another session holds it: final too,
   * for no other host could say more.
   */
  MAILBOX_BUSY(CoolDown.NONE, Next.STOP, Scope.GOOD, Scope.GOOD),
  /**
   * The store refused this user for a reason other than the password: final, in the store's words
   * (rule B3.10).
   */
  USER_REFUSED(CoolDown.NONE, Next.STOP, Scope.GOOD, Scope.GOOD),
  /** The name has no address. */
  UNRESOLVED(CoolDown.GROWING, Next.OTHER_HOST, Scope.HOST, Scope.HOST),
  /**
   * The host's machine refused the connection: it is there, and the network is, but nobody listens.
   */
  CONNECTION_REFUSED(CoolDown.GROWING, Next.OTHER_HOST, Scope.SERVICE_OF_HOST, Scope.LOGIN_ALONE),
  /**
   * Connect timed out, no greeting in time, or closed before one; behind a name no answer: silence
   * to the limit, a BYE, or a close.
   */
  UNREACHABLE(CoolDown.GROWING, Next.OTHER_HOST, Scope.SERVICE_OF_HOST, Scope.LOGIN_ALONE),
  /**
   * This machine knows no way to the host's network: ours is gone, or a part of it (rule B2.25). No
   * cool-down, and no reason to have another master.
   */
  NETWORK_UNREACHABLE(CoolDown.NONE, Next.OTHER_HOST, Scope.SERVICE_OF_HOST, Scope.LOGIN_ALONE),
  /** Handshake failed, name did not match, or STARTTLS was missing though required. */
  TLS_FAILED(CoolDown.GROWING, Next.OTHER_HOST, Scope.SERVICE_OF_HOST, Scope.LOGIN_ALONE),
  /** Greeted with BYE, {@code -ERR} or 421. */
  REFUSED_GREETING(CoolDown.SHORT, Next.OTHER_HOST, Scope.SERVICE_OF_HOST, Scope.LOGIN_ALONE),
  /** A temporary refusal of this login, or this host lacks what this login needs. */
  TEMPORARY_FAILURE(CoolDown.NONE, Next.OTHER_HOST, Scope.LOGIN_ALONE, Scope.LOGIN_ALONE),
  /**
   * It does not know the mailboxes that the group took mail for (rule B5.20): a doubt about this
   * service of the host, and a verdict once another host of the group greets.
   */
  MAILBOXES_LOST(CoolDown.GROWING, Next.OTHER_HOST, Scope.SERVICE_OF_HOST, Scope.LOGIN_ALONE),
  /** Outside the grammar, or over a limit. */
  PROTOCOL_VIOLATION(CoolDown.GROWING, Next.OTHER_HOST, Scope.SERVICE_OF_HOST, Scope.LOGIN_ALONE),
  /**
   * It had not greeted when the login went on to another host, earlier than the limits for connect
   * and greeting (rules B2.31, B2.33): it says nothing of the host, which a probe asks with all the
   * time that there is, and which the login comes back to where no other lets it in.
   */
  LEFT(CoolDown.NONE, Next.OTHER_HOST, Scope.OURSELVES, Scope.OURSELVES),
  /**
   * The attempt was given up for our own reasons (the client left, the deadline passed before
   * anything was tried, no local port was left): it says nothing of the host.
   */
  ABANDONED(CoolDown.NONE, Next.STOP, Scope.OURSELVES, Scope.OURSELVES);

  /** Whom an outcome tells something about. */
  public enum Scope {
    /** The host served, or refused this login as it should: it is alive. */
    GOOD,
    /** The host, for all services. */
    HOST,
    /** This service of the host. */
    SERVICE_OF_HOST,
    /** This login and nobody else: it may go on to the next host. */
    LOGIN_ALONE,
    /** This front end. */
    OURSELVES;

    /** Whether the host has failed for others too. */
    public boolean blamesHost() {
      return this == HOST || this == SERVICE_OF_HOST;
    }
  }

  /** How long a host that is to blame is passed over afterwards. */
  public enum CoolDown {
    /** Not at all. */
    NONE,
    /** For the first cool-down period, which does not grow. */
    SHORT,
    /** For a period that grows with every failure in a row. */
    GROWING
  }

  /** How the walk goes on. */
  public enum Next {
    /** The walk is over. */
    STOP,
    /** The referral's target. */
    TARGET,
    /** Another host of the group, if there is one that may be asked. */
    OTHER_HOST
  }

  private final CoolDown coolDown;
  private final Next next;
  private final Scope beforeName;
  private final Scope behindName;

  AttemptOutcome(CoolDown coolDown, Next next, Scope beforeName, Scope behindName) {
    this.coolDown = coolDown;
    this.next = next;
    this.beforeName = beforeName;
    this.behindName = behindName;
  }

  /** How long the host is passed over after this outcome, if it is to blame. */
  public CoolDown coolDown() {
    return coolDown;
  }

  /** How a walk goes on after this outcome. */
  public Next next() {
    return next;
  }

  /** Whom this outcome tells something about, in an attempt that had come that far. */
  public Scope scope(AttemptStage reached) {
    return reached.namesClient() ? behindName : beforeName;
  }

  /** Whether nobody accepted the connection, or said anything on it. */
  public boolean nobodyAnswered() {
    return this == UNREACHABLE || this == CONNECTION_REFUSED;
  }

  /** Whether a living host refused this one login, which says nothing of the next. */
  boolean refusesLogin() {
    return this == AUTH_REJECTED || this == MAILBOX_BUSY || this == USER_REFUSED;
  }
}
