package org.openmmp.config;

/** Who may send a password without TLS (rule B3.2). */
public enum ClearTextPasswords {
  /** Nobody. */
  NEVER,
  /** Clients on the loopback interface. */
  LOOPBACK,
  /** Everybody. */
  ALWAYS
}
