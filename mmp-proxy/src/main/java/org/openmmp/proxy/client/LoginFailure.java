package org.openmmp.proxy.client;

/** Why a login did not succeed, in no protocol's words; each protocol renders it by one switch. */
public enum LoginFailure {
  /**
   * The name or the password is wrong, or the user may not log in: all look the same (B1.4, B6.4).
   */
  BAD_CREDENTIALS(false),
  /** This user cannot log in by this mechanism; by another one that is offered, perhaps. */
  MECHANISM_UNAVAILABLE(true),
  /** The store lets nobody into this mailbox for now; its words are passed on. */
  MAILBOX_BUSY(true),
  /** The store refused this user, and not for the password; its words are passed on. */
  REFUSED_BY_STORE(true),
  /** No directory server answered. */
  DIRECTORY_DOWN(true),
  /** The entry cannot be used for now: inactive, without mail host, twice there. */
  USER_UNAVAILABLE(true),
  /** No store of the group answered. */
  NO_STORE_ANSWERED(true),
  /** Stores answered, and none is master. */
  NO_MASTER(true),
  /** The mail host or the referral's target is none that this proxy may use. */
  NO_TRUSTED_STORE(true),
  /** Too many logins, sessions or connections (rule B6.3). */
  OVER_LIMIT(true),
  /** The proxy is going down. */
  SHUTTING_DOWN(true);

  private final boolean temporary;

  LoginFailure(boolean temporary) {
    this.temporary = temporary;
  }

  /** Whether the client should keep its password and try again. */
  public boolean temporary() {
    return temporary;
  }
}
