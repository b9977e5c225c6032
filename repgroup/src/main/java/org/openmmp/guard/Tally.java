package org.openmmp.guard;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many places each key has taken; it remembers only keys with a place, so that it is never
 * larger than the number of places.
 */
final class Tally<K> {
  private final ConcurrentHashMap<K, Integer> taken = new ConcurrentHashMap<>();

  /**
   * Takes a place for the key unless it has {@code limit} of them; 0 is no limit.
   *
   * @param elsewhere how many of them it has where others count
   */
  boolean take(K key, int limit, int elsewhere) {
    boolean[] added = new boolean[1];
    taken.compute(
        key,
        (k, count) -> {
          int before = count == null ? 0 : count;
          added[0] = limit == 0 || before + elsewhere < limit;
          return added[0] ? Integer.valueOf(before + 1) : count;
        });
    return added[0];
  }

  /** Whether the key has all of its places; 0 is no limit. */
  boolean full(K key, int limit, int elsewhere) {
    return limit != 0 && taken.getOrDefault(key, 0) + elsewhere >= limit;
  }

  /** Gives one place of the key back. */
  void giveBack(K key) {
    taken.computeIfPresent(key, (k, count) -> count > 1 ? count - 1 : null);
  }

  /** Of the keys with at least so many places the first ones, those with the most first. */
  List<Map.Entry<K, Integer>> largest(int least, int most) {
    List<Map.Entry<K, Integer>> all = new ArrayList<>();
    taken.forEach(
        (key, count) -> {
          if (count >= least) {
            all.add(Map.entry(key, count));
          }
        });
    all.sort(Map.Entry.<K, Integer>comparingByValue().reversed());
    return all.size() > most ? all.subList(0, most) : all;
  }

  /** Keys that have a place. */
  int size() {
    return taken.size();
  }
}
