package org.openmmp.repgroup;

import java.util.Locale;

/**
 * A message store host, known by its configured name: two names on one machine are two hosts (rule
 * B2.14).
 *
 * @param name a host name or an address literal, in lower case, without the one trailing dot
 */
public record StoreHost(String name) {
  /** Folds the name: case and one trailing dot do not count (rule B2.1). */
  public StoreHost {
    name = fold(name);
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a store host has a name");
    }
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
