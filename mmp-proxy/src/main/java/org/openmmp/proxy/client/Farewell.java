package org.openmmp.proxy.client;

/**
 * Why the proxy ends a connection before the hand-over, without or beside an answer to a command.
 */
public enum Farewell {
  /** The client was silent, or too slow, before login. */
  IDLE,
  /** Too many bad commands, or a line or literal over its limit. */
  PROTOCOL_ABUSE,
  /** Too many failed logins on one connection. */
  TOO_MANY_FAILURES,
  /** A connection limit is reached. */
  OVER_LIMIT,
  /** An administrator keeps clients of that network out. */
  BLOCKED,
  /** The proxy is going down. */
  SHUTTING_DOWN,
  /** Plain text was waiting behind STARTTLS (rule B6.2). */
  INJECTION,
  /** A mistake of ours. */
  INTERNAL_ERROR
}
