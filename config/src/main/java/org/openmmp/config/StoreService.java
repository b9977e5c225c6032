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

  /** The port that a group's hosts have for it. */
  public int port(GroupConfig group) {
    return switch (this) {
      case IMAP -> group.ports().imap();
      case POP3 -> group.ports().pop();
      case LMTP -> group.ports().lmtp();
    };
  }

  /** How connections to it are protected. */
  public GroupConfig.StoreTls tls(GroupConfig group) {
    return switch (this) {
      case IMAP -> group.tls().imap();
      case POP3 -> group.tls().pop();
      case LMTP -> group.tls().lmtp();
    };
  }
}
