package org.openmmp.storesim.mailbox;

import java.util.Collection;
import java.util.NavigableSet;
import java.util.TreeSet;

/** How a set of flags is changed by another. */
public enum FlagChange {
  /** The given flags instead of those there. */
  REPLACE,
  /** The given flags as well. */
  ADD,
  /** All but the given flags. */
  REMOVE;

  NavigableSet<String> apply(Collection<String> old, Collection<String> given) {
    NavigableSet<String> result = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    if (this != REPLACE) {
      result.addAll(old);
    }
    if (this == REMOVE) {
      given.forEach(result::remove);
    } else {
      result.addAll(given);
    }
    return result;
  }
}
