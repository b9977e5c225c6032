package org.openmmp.repgroup;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The queue for {@link Places} at one store: known logins first, as far as no places are kept for
 * the others; known names take turns, and so do the networks of the others, and within a turn it is
 * first come, first served (rule B2.10). Safe for any thread.
 *
 * @param <W> who waits
 */
final class PlaceQueue<W> {
  private final Map<Places.Turn, NavigableMap<Long, W>> known = new LinkedHashMap<>();
  private final Map<Places.Turn, NavigableMap<Long, W>> others = new LinkedHashMap<>();
  private int size;

  /**
   * Enters.
   *
   * @param number smaller for those who came earlier; no two are the same
   */
  synchronized void add(Caller caller, long number, W who) {
    queues(caller)
        .computeIfAbsent(Places.Turn.of(caller), turn -> new TreeMap<>())
        .put(number, who);
    size++;
  }

  /** Leaves, if it is there; another that has come with its number since then stays. */
  synchronized void remove(Caller caller, long number, W who) {
    Places.Turn turn = Places.Turn.of(caller);
    NavigableMap<Long, W> queue = queues(caller).get(turn);
    if (queue != null && queue.remove(number, who)) {
      size--;
      if (queue.isEmpty()) {
        queues(caller).remove(turn);
      }
    }
  }

  /** Takes out the next for whom there is a place; null if there is none, or nobody waits. */
  synchronized @Nullable W next(Places places, int limit, long nowNanos) {
    W next = next(known, places, limit, nowNanos);
    return next == null ? next(others, places, limit, nowNanos) : next;
  }

  /** All who wait now. */
  synchronized List<W> all() {
    return Stream.of(known, others)
        .flatMap(turns -> turns.values().stream())
        .flatMap(queue -> queue.values().stream())
        .toList();
  }

  synchronized int size() {
    return size;
  }

  private @Nullable W next(
      Map<Places.Turn, NavigableMap<Long, W>> turns, Places places, int limit, long nowNanos) {
    if (places.left(turns == known, limit, nowNanos) <= 0) {
      return null;
    }
    Iterator<Map.Entry<Places.Turn, NavigableMap<Long, W>>> each = turns.entrySet().iterator();
    while (each.hasNext()) {
      Map.Entry<Places.Turn, NavigableMap<Long, W>> turn = each.next();
      NavigableMap<Long, W> queue = turn.getValue();
      if (places.free(turn.getKey(), limit, nowNanos)) {
        W first = queue.pollFirstEntry().getValue();
        size--;
        each.remove();
        if (!queue.isEmpty()) {
          turns.put(turn.getKey(), queue);
        }
        return first;
      }
    }
    return null;
  }

  private Map<Places.Turn, NavigableMap<Long, W>> queues(Caller caller) {
    return caller.known() ? known : others;
  }
}
