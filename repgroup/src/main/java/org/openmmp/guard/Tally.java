package org.openmmp.guard;

import java.util.concurrent.ConcurrentHashMap;

/**
 * How many places each key has taken; it remembers only keys with a place, so that it is never
 * larger than the number of places.
 */
final class Tally<K> {
  private final ConcurrentHashMap<K, Integer> taken = new ConcurrentHashMap<>();

  /** Takes a place for the key unless it has {@code limit} of them; 0 is no limit. */
  boolean take(K key, int limit) {
    boolean[] added = new boolean[1];
    taken.compute(
        key,
        (k, count) -> {
          int before = count == null ? 0 : count;
          added[0] = limit == 0 || before < limit;
          return added[0] ? Integer.valueOf(before + 1) : count;
        });
    return added[0];
  }

  /** Whether the key has all of its places; 0 is no limit. */
  boolean full(K key, int limit) {
    return limit != 0 && taken.getOrDefault(key, 0) >= limit;
  }

  /** Gives one place of the key back. */
  void giveBack(K key) {
    taken.computeIfPresent(key, (k, count) -> count > 1 ? count - 1 : null);
  }

  /** Keys that have a place. */
  int size() {
    return taken.size();
  }
}
