package org.openmmp.guard;

import java.util.Locale;

/**
 * Why a server ends the connection of a client that would go on; each protocol has its own words
 * for it.
 */
public enum Farewell {
  /** The client was silent, or too slow. */
  IDLE,
  /** Too many bad commands, one that is over its limit, or another protocol. */
  PROTOCOL_ABUSE,
  /** Too many failed logins on one connection. */
  TOO_MANY_FAILURES,
  /** A connection limit is reached. */
  OVER_LIMIT,
  /** An administrator keeps clients of that network out. */
  BLOCKED,
  /** Clients of that network are not served. */
  NOT_LISTED,
  /** An administrator ended that session. */
  KICKED,
  /** The store of that session is taken out of use. */
  DRAINED,
  /** The store of that session does not answer. */
  STORE_SILENT,
  /** The store of that session has failed, and no other one could go on with it. */
  STORE_LOST,
  /** The process is going down. */
  SHUTTING_DOWN,
  /** Plain text was waiting behind the command that begins TLS (rule B6.2). */
  INJECTION,
  /** A mistake of ours. */
  INTERNAL_ERROR;

  /** Its name in the log. */
  public String cause() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether the words name the session, so that whoever is asked finds its line in the log. */
  public boolean namesSession() {
    return switch (this) {
      case KICKED, DRAINED, STORE_SILENT, STORE_LOST, SHUTTING_DOWN, INTERNAL_ERROR -> true;
      case IDLE, PROTOCOL_ABUSE, TOO_MANY_FAILURES, OVER_LIMIT, BLOCKED, NOT_LISTED, INJECTION ->
          false;
    };
  }
}
