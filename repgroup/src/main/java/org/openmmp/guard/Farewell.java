package org.openmmp.guard;

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
  /** The process is going down. */
  SHUTTING_DOWN,
  /** Plain text was waiting behind the command that begins TLS (rule B6.2). */
  INJECTION,
  /** A mistake of ours. */
  INTERNAL_ERROR
}
