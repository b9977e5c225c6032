package org.openmmp.guard;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Places whose holders may be gone, by key: the oldest makes room where somebody would else be
 * turned away. It is never larger than the number of places.
 */
final class DoubtfulPlaces<K> {
  private final ConcurrentHashMap<K, Map<Permit, Runnable>> held = new ConcurrentHashMap<>();

  /** From now on the holder of that place is ended by {@code end} if another needs it. */
  void add(K key, Permit place, Runnable end) {
    held.compute(
        key,
        (k, before) -> {
          Map<Permit, Runnable> all = before == null ? new LinkedHashMap<>() : before;
          all.put(place, end);
          return all;
        });
  }

  /** The place is free, or its holder is there after all. */
  void remove(K key, Permit place) {
    held.computeIfPresent(
        key,
        (k, all) -> {
          all.remove(place);
          return all.isEmpty() ? null : all;
        });
  }

  /** Frees the oldest place of the key and ends its holder; false if there is none. */
  boolean free(K key) {
    AtomicReference<Map.@Nullable Entry<Permit, Runnable>> oldest = new AtomicReference<>();
    held.computeIfPresent(
        key,
        (k, all) -> {
          Map.Entry<Permit, Runnable> first = Map.Entry.copyOf(all.entrySet().iterator().next());
          all.remove(first.getKey());
          oldest.set(first);
          return all.isEmpty() ? null : all;
        });
    Map.Entry<Permit, Runnable> found = oldest.get();
    if (found == null) {
      return false;
    }
    found.getKey().close();
    found.getValue().run();
    return true;
  }

  /** Keys with such a place. */
  int size() {
    return held.size();
  }
}
