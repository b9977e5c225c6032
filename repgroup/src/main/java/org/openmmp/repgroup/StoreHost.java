package org.openmmp.repgroup;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A message store host, known by its configured name: two names on one machine are two hosts (rule
 * B2.14).
 *
 * @param name a host name or an address literal, in lower case, without the one trailing dot
 */
public record StoreHost(String name) {
  /** The longest name in octets (RFC 1035 section 2.3.4). */
  private static final int LONGEST = 255;

  private static final Pattern HOST_NAME =
      Pattern.compile("[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*");
  private static final Pattern NUMERIC_END = Pattern.compile("(.*\\.)?([0-9]+|0x[0-9a-f]*)");

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
    if (text.length() > LONGEST || text.chars().anyMatch(c -> c > '~')) {
      return false;
    }
    String folded = fold(text);
    return HOST_NAME.matcher(folded).matches() || IPV6.matcher(folded).matches();
  }

  /** Whether the name is an address, in any form that a resolver would take for one. */
  boolean isAddress() {
    return name.indexOf(':') >= 0 || NUMERIC_END.matcher(name).matches();
  }

  /** The form in which names of hosts and groups are compared. */
  static String fold(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  @Override
  public String toString() {
    return name;
  }
}
