package org.openmmp.repgroup;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which names have sessions at which hosts of a group, counted: a refusal of one that has may be
 * his own limit (rules B2.17, B2.19).
 */
final class Guests {
  private record Guest(long name, StoreHost host) {}

  private final Map<Guest, Integer> sessions = new ConcurrentHashMap<>();

  /** A session begins; one without a name is not remembered. */
  void came(long name, StoreHost host) {
    if (name != 0) {
      sessions.merge(new Guest(name, host), 1, Integer::sum);
    }
  }

  /** A session is over. */
  void left(long name, StoreHost host) {
    sessions.computeIfPresent(
        new Guest(name, host), (guest, count) -> count == 1 ? null : count - 1);
  }

  /** Whether the name has a session at the host, of any service. */
  boolean at(long name, StoreHost host) {
    return name != 0 && sessions.containsKey(new Guest(name, host));
  }
}
