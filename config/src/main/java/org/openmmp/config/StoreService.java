package org.openmmp.config;

import java.util.Locale;

/** A service of the stores, each with a port and a protection of its own. */
public enum StoreService {
  /** IMAP4. */
  IMAP,
  /** POP3. */
  POP3,
  /** LMTP. */
  LMTP;

  /** The one that listeners, metrics and logs call by that name. */
  public static StoreService named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }
}
