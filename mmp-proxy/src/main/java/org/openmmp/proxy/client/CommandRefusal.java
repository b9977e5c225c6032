package org.openmmp.proxy.client;

/** Why a command before login was refused without a login's being tried (rule B8.8). */
public enum CommandRefusal {
  /** It is unknown, malformed, or out of place. */
  BAD_COMMAND,
  /** It is, or leads to, a password without TLS (rule B3.2). */
  PASSWORD_IN_CLEAR
}
