package org.openmmp.repgroup;

import java.util.Locale;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.HostName;

/**
 * A message store host, known by its configured name: two names on one machine are two hosts (rule
 * B2.14).
 *
 * @param name a host name or an address literal, in lower case, without the one trailing dot; an
 *     IPv6 address as RFC 5952 writes it
 */
public record StoreHost(String name) {
  /** Folds the name: case and one trailing dot do not count (rule B2.1). */
  public StoreHost {
    name = fold(name);
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a store host has a name");
    }
  }

  /**
   * Whether the text can be a bare host name (RFC 1123 section 2.1, underscores allowed) or an
   * address literal, without brackets, zone, port or user.
   */
  public static boolean isName(String text) {
    // A letter beyond ASCII may fold into ASCII and is no host's name for that.
    if (text.chars().anyMatch(c -> c > '~')) {
      return false;
    }
    String folded = fold(text);
    return HostName.isOne(folded) || AddressLiteral.parse(folded) != null;
  }

  /** Whether the name is an address, in any form that a resolver would take for one. */
  boolean isAddress() {
    return AddressLiteral.looksLikeOne(name);
  }

  /**
   * The form in which names of hosts and groups are compared: lower case, without one trailing dot,
   * and of an IPv6 address the text of RFC 5952.
   */
  static String fold(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    String folded = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    return AddressLiteral.canonical(folded);
  }

  @Override
  public String toString() {
    return name;
  }
}
