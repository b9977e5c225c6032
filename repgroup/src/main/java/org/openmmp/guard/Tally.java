package org.openmmp.guard;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongBiFunction;
import org.jspecify.annotations.Nullable;

/**
 * How many places each key has taken; it remembers only keys with a place, so that it is never
 * larger than the number of places.
 */
final class Tally<K> {
  private final ConcurrentHashMap<K, Integer> taken = new ConcurrentHashMap<>();

  /** Of keys with a place, so that each is computed once. */
  private final Map<K, Long> hashes = new HashMap<>();

  private @Nullable KeyedHash hashed;

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

  /**
   * The places, under their hashes, of keys that have at least so many here or are asked for; of
   * more than {@code most} those with the most.
   *
   * @param asked the hashes of keys of which every place counts
   */
  synchronized Map<Long, Integer> told(
      int least, Set<Long> asked, int most, KeyedHash by, ToLongBiFunction<KeyedHash, K> hash) {
    List<Map.Entry<K, Integer>> all = new ArrayList<>();
    if (asked.isEmpty() || by != hashed) {
      hashes.clear();
      hashed = by;
    } else if (hashes.size() > 2 * taken.size()) {
      hashes.keySet().retainAll(taken.keySet());
    }
    taken.forEach(
        (key, count) -> {
          if (count >= least
              || (!asked.isEmpty()
                  && asked.contains(
                      hashes.computeIfAbsent(key, each -> hash.applyAsLong(by, each))))) {
            all.add(Map.entry(key, count));
          }
        });
    if (all.size() > most) {
      all.sort(Map.Entry.<K, Integer>comparingByValue().reversed());
    }
    Map<Long, Integer> told = new HashMap<>();
    for (Map.Entry<K, Integer> each : all.subList(0, Math.min(most, all.size()))) {
      Long known = hashes.get(each.getKey());
      told.put(known == null ? hash.applyAsLong(by, each.getKey()) : known, each.getValue());
    }
    return told;
  }

  /** Keys that have a place. */
  int size() {
    return taken.size();
  }
}
