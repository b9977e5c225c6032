package org.openmmp.guard;

import java.util.HashMap;
import java.util.Map;

/**
 * How many sessions users have, and how many connections addresses, at one front end or at several,
 * each under a hash that says nothing without the site's key. Immutable.
 */
public record HeldPlaces(Map<Long, Integer> users, Map<Long, Integer> addresses) {
  /** Of each kind, the most that one front end tells of. */
  public static final int MOST = 4_096;

  /** Nobody has any. */
  public static final HeldPlaces NONE = new HeldPlaces(Map.of(), Map.of());

  /** Keeps copies. */
  public HeldPlaces {
    users = Map.copyOf(users);
    addresses = Map.copyOf(addresses);
  }

  /** The sums. */
  public static HeldPlaces sum(Iterable<HeldPlaces> all) {
    Map<Long, Integer> users = new HashMap<>();
    Map<Long, Integer> addresses = new HashMap<>();
    for (HeldPlaces each : all) {
      each.users.forEach((hash, count) -> users.merge(hash, count, HeldPlaces::sum));
      each.addresses.forEach((hash, count) -> addresses.merge(hash, count, HeldPlaces::sum));
    }
    return new HeldPlaces(users, addresses);
  }

  private static int sum(int one, int other) {
    return (int) Math.min(Integer.MAX_VALUE / 2, (long) one + other);
  }
}
