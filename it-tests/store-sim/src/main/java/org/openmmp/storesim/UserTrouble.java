package org.openmmp.storesim;

/**
 * What goes wrong for one user at whatever node has his mailbox, while everybody else is served.
 * The columns are the store's words in each protocol; empty: it says nothing.
 */
public enum UserTrouble {
  /** Nothing. */
  NONE("", "", ""),
  /** His mailbox is locked up: nothing is ever answered, and the connection stays. */
  HANGS("", "", ""),
  /** The process that serves him ends: the connection closes without a word. */
  CRASHES("", "", ""),
  /** He has as many connections as he may, as Dovecot says it. */
  TOO_MANY_CONNECTIONS(
      "NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded",
      "[SYS/TEMP] Maximum number of connections from user+IP exceeded",
      "451 4.3.2 Too many concurrent deliveries for user"),
  /** He has tried too often. */
  OVER_LIMIT("NO [LIMIT] Too fast", "[LOGIN-DELAY] Too fast", "450 4.7.0 Too fast"),
  /** His account is disabled. */
  DISABLED(
      "NO [CONTACTADMIN] Account is disabled",
      "[SYS/PERM] Account is disabled",
      "450 4.2.1 Account is disabled"),
  /** The store's own mistake, each time that it opens his mailbox. */
  SERVER_BUG(
      "NO [SERVERBUG] Internal error occurred",
      "[SYS/TEMP] Internal error occurred",
      "451 4.3.0 Internal error occurred");

  private final String imap;
  private final String pop3;
  private final String lmtp;

  UserTrouble(String imap, String pop3, String lmtp) {
    this.imap = imap;
    this.pop3 = pop3;
    this.lmtp = lmtp;
  }

  /** The tagged response to his login, without its tag. */
  public String imap() {
    return imap;
  }

  /** What follows {@code -ERR} in the reply to his login. */
  public String pop3() {
    return pop3;
  }

  /** The reply to him as a recipient. */
  public String lmtp() {
    return lmtp;
  }

  /** Whether the store says nothing. */
  public boolean wordless() {
    return this == HANGS || this == CRASHES;
  }
}
