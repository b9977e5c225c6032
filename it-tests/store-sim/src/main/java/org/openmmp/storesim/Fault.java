package org.openmmp.storesim;

/** A way in which a running node misbehaves; the column says whether its group notices. */
public enum Fault {
  /** None: it behaves. */
  NONE(false),
  /** Refuses connections. */
  REFUSE(false),
  /** Does not answer the first packet of a connection: its queue of connections is full. */
  BLACK_HOLE(false),
  /** Resets each connection once it is accepted. */
  RESET(false),
  /** Accepts and says nothing, as a stopped process does; sessions under way fall silent too. */
  HANG(true),
  /** Greets, then says nothing more. */
  HANG_AFTER_GREETING(false),
  /** Takes the credentials, then says nothing more. */
  HANG_AT_LOGIN(false),
  /** Greets with a refusal: {@code * BYE}, {@code -ERR}. */
  GREET_BYE(false),
  /** Answers each login with a temporary error: {@code NO [UNAVAILABLE]}, {@code [SYS/TEMP]}. */
  TEMPORARY_ERROR(false),
  /** Refuses good logins because another session holds the mailbox: {@code [IN-USE]}. */
  MAILBOX_IN_USE(false),
  /** Closes the connection when it has the credentials. */
  DROP_AT_LOGIN(false);

  private final boolean lostToGroup;

  Fault(boolean lostToGroup) {
    this.lostToGroup = lostToGroup;
  }

  /** Whether the other nodes lose this one and, if it was master, hold an election. */
  public boolean lostToGroup() {
    return lostToGroup;
  }
}
