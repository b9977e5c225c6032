package org.openmmp.proxy.client;

/** Why a login did not succeed, in no protocol's words; each protocol renders it by one switch. */
public enum LoginFailure {
  /**
   * The name or the password is wrong, or the user may not log in: all look the same (B1.4, B6.4).
   */
  BAD_CREDENTIALS(false, Cause.CLIENT),
  /** The same while the mailbox is being restored: perhaps it is only not there yet (B2.27). */
  IN_RECOVERY(true, Cause.STORE),
  /** This user cannot log in by this mechanism; by another one that is offered, perhaps. */
  MECHANISM_UNAVAILABLE(true, Cause.CLIENT),
  /** The store lets nobody into this mailbox for now; its words are passed on. */
  MAILBOX_BUSY(true, Cause.CLIENT),
  /** The store refused this user, and not for the password; its words are passed on. */
  REFUSED_BY_STORE(true, Cause.CLIENT),
  /** No directory server answered. */
  DIRECTORY_DOWN(true, Cause.DIRECTORY),
  /** The entry cannot be used for now: inactive, without mail host, twice there. */
  USER_UNAVAILABLE(true, Cause.DIRECTORY),
  /** No store of the group answered. */
  NO_STORE_ANSWERED(true, Cause.STORE),
  /** Stores answered, and none is master. */
  NO_MASTER(true, Cause.STORE),
  /** The mail host or the referral's target is none that this proxy may use. */
  NO_TRUSTED_STORE(true, Cause.OURS),
  /** Too many logins, sessions or connections (rule B6.3). */
  OVER_LIMIT(true, Cause.OURS),
  /** An administrator keeps the user or the client out. */
  BLOCKED(true, Cause.OURS),
  /** The proxy is going down. */
  SHUTTING_DOWN(true, Cause.OURS);

  /** Whose doing a failed login is, as counts of them tell it apart. */
  public enum Cause {
    /** The user's own: a wrong password, a disabled account, a mailbox that is held or full. */
    CLIENT,
    /** The directory does not answer, or what it says of the user cannot be used. */
    DIRECTORY,
    /** No store that could serve the user answers. */
    STORE,
    /** This front end's limits, settings or end. */
    OURS
  }

  private final boolean temporary;
  private final Cause cause;

  LoginFailure(boolean temporary, Cause cause) {
    this.temporary = temporary;
    this.cause = cause;
  }

  /** Whose doing it is. */
  public Cause cause() {
    return cause;
  }

  /** Whether the client should keep its password and try again. */
  public boolean temporary() {
    return temporary;
  }
}
