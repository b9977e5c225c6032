package org.openmmp.repgroup;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The places at one store and their holders (rule B2.10): a quarter is kept for known logins and a
 * quarter for the others, if any came lately; the rest goes to anybody.
 *
 * <p>Nobody takes so many that none is left for others: as many places as one known name, or one
 * network of the others, holds already must stay free for the rest of its kind. So a guesser only
 * delays himself. Immutable.
 *
 * @param known those of known logins
 * @param others those of the others
 * @param byTurn how many each name and each network has; none has 0
 * @param knownCameNanos when the last known login asked for a place; null: none did
 * @param othersCameNanos when the last of the others asked for one; null: none did
 */
record Places(
    int known,
    int others,
    Map<Turn, Integer> byTurn,
    @Nullable Long knownCameNanos,
    @Nullable Long othersCameNanos) {
  /** Nobody has one, and nobody came. */
  static final Places EMPTY = new Places(0, 0, Map.of(), null, null);

  /** For how long places are kept for those who came. */
  private static final Duration KEPT_FOR = Duration.ofMinutes(5);

  /** How exact the time is by which those who came are remembered. */
  private static final Duration EXACTNESS = Duration.ofSeconds(10);

  private static final int PART_KEPT = 4;

  /**
   * Those who take one turn together.
   *
   * @param known whether it is a name of known logins
   * @param name the name's hash, 0 for a network
   * @param network empty for a name
   */
  record Turn(boolean known, long name, String network) {
    /** The turn that the caller takes. */
    static Turn of(Caller caller) {
      return caller.known()
          ? new Turn(true, caller.name(), "")
          : new Turn(false, 0, caller.network());
    }

    /** Whether nothing is known to tell its members from others. */
    boolean anybody() {
      return known ? name == 0 : network.isEmpty();
    }
  }

  /** How many are taken. */
  int taken() {
    return known + others;
  }

  /**
   * How many are left for known logins, or for the others.
   *
   * @param limit how many there are
   */
  int left(boolean toKnown, int limit, long nowNanos) {
    int kept = limit == 1 ? 0 : Math.max(1, limit / PART_KEPT);
    boolean otherKindCame = lately(toKnown ? othersCameNanos : knownCameNanos, nowNanos);
    int most = otherKindCame ? limit - kept : limit;
    return Math.min(limit - taken(), most - (toKnown ? known : others));
  }

  /**
   * Whether the caller may take a place now.
   *
   * @param limit how many there are
   */
  boolean free(Caller caller, int limit, long nowNanos) {
    return free(Turn.of(caller), limit, nowNanos);
  }

  /** The same of whoever takes that turn. */
  boolean free(Turn turn, int limit, long nowNanos) {
    int left = left(turn.known(), limit, nowNanos);
    return turn.anybody() ? left > 0 : left > byTurn.getOrDefault(turn, 0);
  }

  /** The same with so many more taken, of known logins or of the others, in nobody's turn. */
  Places more(boolean ofKnown, int by) {
    return ofKnown
        ? new Places(Math.max(0, known + by), others, byTurn, knownCameNanos, othersCameNanos)
        : new Places(known, Math.max(0, others + by), byTurn, knownCameNanos, othersCameNanos);
  }

  /** The same with a place for the caller. */
  Places taking(Caller caller) {
    return with(caller, 1);
  }

  /** The same without one of the caller's. */
  Places leaving(Caller caller) {
    return with(caller, -1);
  }

  /** The same once the caller has asked for a place; this itself if that tells nothing new. */
  Places asked(Caller caller, long nowNanos) {
    Long last = caller.known() ? knownCameNanos : othersCameNanos;
    if (last != null && nowNanos - last < EXACTNESS.toNanos()) {
      return this;
    }
    return caller.known()
        ? new Places(known, others, byTurn, nowNanos, othersCameNanos)
        : new Places(known, others, byTurn, knownCameNanos, nowNanos);
  }

  private Places with(Caller caller, int more) {
    Turn turn = Turn.of(caller);
    Map<Turn, Integer> counts = byTurn;
    if (!turn.anybody()) {
      int had = byTurn.getOrDefault(turn, 0);
      counts = had + more > 0 ? with(turn, had + more) : without(turn);
    }
    boolean ofKnown = caller.known();
    return new Places(
        ofKnown ? Math.max(0, known + more) : known,
        ofKnown ? others : Math.max(0, others + more),
        counts,
        knownCameNanos,
        othersCameNanos);
  }

  private Map<Turn, Integer> with(Turn turn, int count) {
    if (byTurn.isEmpty()) {
      return Map.of(turn, count);
    }
    Map<Turn, Integer> changed = new HashMap<>(byTurn);
    changed.put(turn, count);
    return Map.copyOf(changed);
  }

  private Map<Turn, Integer> without(Turn turn) {
    boolean has = byTurn.containsKey(turn);
    if (!has || byTurn.size() == 1) {
      return has ? Map.of() : byTurn;
    }
    Map<Turn, Integer> left = new HashMap<>(byTurn);
    left.remove(turn);
    return Map.copyOf(left);
  }

  private static boolean lately(@Nullable Long cameNanos, long nowNanos) {
    return cameNanos != null && nowNanos - cameNanos < KEPT_FOR.toNanos();
  }
}
