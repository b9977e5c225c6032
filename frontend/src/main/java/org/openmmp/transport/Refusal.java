package org.openmmp.transport;

import org.slf4j.event.Level;

/**
 * Why a client, or one of its commands, was refused without a login's being judged (rule B8.8); a
 * warning where an operator may be at fault.
 */
public enum Refusal {
  /** The process has all the connections that it takes (rule B6.7). */
  OVER_CONNECTIONS(Level.WARN, "as many connections as openmmp.limits.max-connections allows"),
  /** The client's address has all the connections that it may have (rule B6.3). */
  OVER_CONNECTIONS_OF_ADDRESS(
      Level.INFO, "as many connections as openmmp.limits.connections-per-address allows"),
  /** All clients that have not logged in take what they may together (rule B6.1). */
  OVER_BEFORE_LOGIN(
      Level.WARN, "as many clients before login as openmmp.limits.before-login allows"),
  /** An administrator keeps clients of that network out (rule B8.5). */
  BLOCKED(Level.INFO, "an administrator has blocked the client's network"),
  /** The relay serves the listed networks only (rule B5.1). */
  NOT_LISTED(Level.INFO, "the client is in none of openmmp.lmtp.client-networks"),
  /** A peer that is no load balancer at a listener for load balancers. */
  STRANGER(
      Level.WARN,
      "only load balancers of openmmp.proxy-protocol.networks may connect to this listener"),
  /** TLS in place of a PROXY header. */
  TLS_BEFORE_HEADER(
      Level.WARN, "TLS bytes where PROXY was expected: the load balancer sends no header"),
  /** Something else in place of a PROXY header. */
  NO_HEADER(Level.WARN, "no PROXY header where one was expected"),
  /** A header outside the grammar, or of no use. */
  BAD_HEADER(Level.WARN, "a PROXY header that cannot be used"),
  /** A header that did not come, or not to its end. */
  SLOW_HEADER(Level.WARN, "no whole PROXY header within openmmp.proxy-protocol.timeout"),
  /** A header at a plain listener that expects none. */
  HEADER_AT_PLAIN_PORT(
      Level.WARN, "PROXY bytes on a plain port: its listener has not proxy-protocol = required"),
  /** A header behind the header. */
  SECOND_HEADER(Level.WARN, "a second PROXY header behind the first"),
  /** A header at a TLS listener that expects none. */
  HEADER_AT_TLS_PORT(
      Level.WARN, "PROXY bytes on a TLS port: its listener has not proxy-protocol = required"),
  /** TLS at a listener for plain text. */
  TLS_AT_PLAIN_PORT(Level.INFO, "TLS bytes on a plain port"),
  /** Plain text at a listener for TLS. */
  PLAIN_AT_TLS_PORT(Level.INFO, "plain bytes on a TLS port"),
  /** A handshake with a client that failed, at an implicit port or behind STARTTLS. */
  TLS_HANDSHAKE(Level.INFO, "the TLS handshake failed"),
  /** A password, or the wish to send one, without TLS (rule B3.2). */
  PASSWORD_IN_CLEAR(Level.INFO, "a password without TLS"),
  /** A command that is unknown, malformed or not allowed there. */
  BAD_COMMAND(Level.INFO, "a command that is unknown, malformed or out of place");

  private final Level level;
  private final String text;

  Refusal(Level level, String text) {
    this.level = level;
    this.text = text;
  }

  /** How the log tells it. */
  public Level level() {
    return level;
  }

  /** One clause for the log. */
  public String text() {
    return text;
  }
}
