package org.openmmp.transport;

import org.slf4j.event.Level;

/** What is wrong with the begin of a connection; a warning where an operator may be at fault. */
enum OpeningTrouble {
  STRANGER(
      Level.WARN,
      "only load balancers of openmmp.proxy-protocol.networks may connect to this listener"),
  TLS_BEFORE_HEADER(
      Level.WARN, "TLS bytes where PROXY was expected: the load balancer sends no header"),
  NO_HEADER(Level.WARN, "no PROXY header where one was expected"),
  BAD_HEADER(Level.WARN, "a PROXY header that cannot be used"),
  SLOW_HEADER(Level.WARN, "no whole PROXY header within openmmp.proxy-protocol.timeout"),
  HEADER_AT_PLAIN_PORT(
      Level.WARN, "PROXY bytes on a plain port: its listener has not proxy-protocol = required"),
  SECOND_HEADER(Level.WARN, "a second PROXY header behind the first"),
  HEADER_AT_TLS_PORT(
      Level.WARN, "PROXY bytes on a TLS port: its listener has not proxy-protocol = required"),
  TLS_AT_PLAIN_PORT(Level.INFO, "TLS bytes on a plain port"),
  PLAIN_AT_TLS_PORT(Level.INFO, "plain bytes on a TLS port");

  private final Level level;
  private final String text;

  OpeningTrouble(Level level, String text) {
    this.level = level;
    this.text = text;
  }

  Level level() {
    return level;
  }

  /** One clause for the log. */
  String text() {
    return text;
  }
}
