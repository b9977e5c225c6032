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
 * the others, and of them those who had a session that their store ended just now; known names take
 * turns, and so do the networks of the others, and within a turn it is first come, first served
 * (rules B2.10, B2.28). Safe for any thread.
 *
 * @param <W> who waits
 */
final class PlaceQueue<W> {
  /**
   * Where a second has a number of logins, this part of them is left to the others, and this part
   * to known names that lost no session: neither waits for the end of a crowd.
   */
  private static final int PART = 4;

  /**
   * So many turns of theirs may known names have saved up that lost no session: a few of them wait
   * for one turn, and not for four.
   */
  private static final int MOST_SAVED = 16;

  private final Map<Places.Turn, NavigableMap<Long, W>> returning = new LinkedHashMap<>();
  private final Map<Places.Turn, NavigableMap<Long, W>> known = new LinkedHashMap<>();
  private final Map<Places.Turn, NavigableMap<Long, W>> others = new LinkedHashMap<>();
  private int size;

  /** What known names that lost no session have saved up, in parts of a turn. */
  private int savedByKnown = MOST_SAVED * PART;

  private int savedByOthers;

  /** Whether no more than a number of them get a place in a second, as far as it is known. */
  private boolean rated;

  /**
   * Enters.
   *
   * @param back whether its user's session was ended by a store just now
   * @param number smaller for those who came earlier; no two are the same
   */
  synchronized void add(Caller caller, boolean back, long number, W who) {
    queues(caller, back)
        .computeIfAbsent(Places.Turn.of(caller), turn -> new TreeMap<>())
        .put(number, who);
    size++;
  }

  /** Leaves, if it is there; another that has come with its number since then stays. */
  synchronized void remove(Caller caller, boolean back, long number, W who) {
    Places.Turn turn = Places.Turn.of(caller);
    Map<Places.Turn, NavigableMap<Long, W>> queues = queues(caller, back);
    NavigableMap<Long, W> queue = queues.get(turn);
    if (queue != null && queue.remove(number, who)) {
      size--;
      if (queue.isEmpty()) {
        queues.remove(turn);
      }
    }
  }

  /**
   * Takes out the next for whom there is a place; null if there is none, or nobody waits.
   *
   * @param counted whether no more than a number of them get one in a second
   */
  synchronized @Nullable W next(Places places, int limit, boolean counted, long nowNanos) {
    rated = counted;
    W next = null;
    if (counted && savedByKnown >= PART) {
      next = next(known, places, limit, nowNanos);
    }
    if (next == null && counted && savedByOthers >= PART) {
      next = next(others, places, limit, nowNanos);
    }
    if (next == null) {
      next = next(returning, places, limit, nowNanos);
    }
    if (next == null) {
      next = next(known, places, limit, nowNanos);
    }
    if (next == null) {
      next = next(others, places, limit, nowNanos);
    }
    return next;
  }

  /**
   * Who was taken out has taken the place. Several may be called to one, and those who come too
   * late have had no turn: nothing of theirs is used up.
   */
  synchronized void took(Caller caller, boolean back) {
    Map<Places.Turn, NavigableMap<Long, W>> turns = queues(caller, back);
    if (rated) {
      int ofKnown = turns == known && !returning.isEmpty() ? PART : 0;
      int ofOthers = turns == others ? PART : 0;
      savedByKnown = Math.max(0, Math.min(savedByKnown + 1 - ofKnown, MOST_SAVED * PART));
      savedByOthers = Math.max(0, Math.min(savedByOthers + 1 - ofOthers, PART));
    }
  }

  /** One of those who wait; null if nobody does. */
  synchronized @Nullable W first() {
    return Stream.of(returning, known, others)
        .flatMap(turns -> turns.values().stream())
        .findFirst()
        .map(queue -> queue.firstEntry().getValue())
        .orElse(null);
  }

  /** All who wait now. */
  synchronized List<W> all() {
    return Stream.of(returning, known, others)
        .flatMap(turns -> turns.values().stream())
        .flatMap(queue -> queue.values().stream())
        .toList();
  }

  synchronized int size() {
    return size;
  }

  private @Nullable W next(
      Map<Places.Turn, NavigableMap<Long, W>> turns, Places places, int limit, long nowNanos) {
    if (places.left(turns != others, limit, nowNanos) <= 0) {
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

  private Map<Places.Turn, NavigableMap<Long, W>> queues(Caller caller, boolean back) {
    return !caller.known() ? others : back ? returning : known;
  }
}
