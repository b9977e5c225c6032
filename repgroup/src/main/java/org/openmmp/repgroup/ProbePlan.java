package org.openmmp.repgroup;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * When each place that is wanted is probed: one probe at a time, {@value #FIRST_MILLIS} ms from
 * begin to begin, growing to {@value #LONGEST_MILLIS} ms while it stays wanted (rule B2.9). Places
 * that nobody waits for are probed every {@value #UNHURRIED_MILLIS} ms.
 *
 * <p>Where several front ends of a site probe a place, they take turns, so that it has one prober
 * at a time (rule B10.8): whoever probed it last is the last of them to do so again. One whose turn
 * it is and who does nothing is passed over {@value #LATE_MILLIS} ms later ({@value
 * #LATE_UNHURRIED_MILLIS} ms where nobody waits), by clocks that nobody compares. Whoever begins to
 * wait for a place finds it probed at once, by his own front end, whosever turn it is.
 *
 * <p>A place is one service's port at one host: groups that share a host share its probes. Belongs
 * to one thread at a time.
 *
 * @param <P> a place; equal places are one
 */
public final class ProbePlan<P> {
  private static final long FIRST_MILLIS = 250;
  private static final long LONGEST_MILLIS = 1_000;
  private static final long UNHURRIED_MILLIS = 5_000;

  /** In half of that time a probe is told and heard: rounds follow each other so fast. */
  private static final long LATE_MILLIS = 750;

  private static final long LATE_UNHURRIED_MILLIS = 2_500;

  /**
   * Slow enough that the login which began it all waits no longer than the first interval or two.
   */
  private static final double GROWTH = 1.1;

  /** No interval is longer than the longest, whatever its jitter; the shortest is a fifth less. */
  private static final double SPREAD = 0.2;

  private static final long NANOS_PER_MILLI = 1_000_000;

  /**
   * That a front end probes a place, for the others of its site.
   *
   * @param number of its own last probe there, counted over all front ends as far as it knows
   * @param hurried whether somebody waits for it there
   */
  public record Turn<P>(P place, long number, boolean hurried) {}

  private final Map<P, Pace> paces = new HashMap<>();

  /** What others tell of a place, by front end. */
  private Map<P, Map<Long, Turn<P>>> others = Map.of();

  private long self;

  /**
   * How far the probes of a place are.
   *
   * @param begun the probes that somebody waited for
   * @param slow whether nobody waits for it now
   * @param atNanos when the last one began, whosever it was
   * @param intervalNanos the next one follows so much later
   * @param ownNanos when our own last one began; null: none did
   * @param turn the number of the last one
   * @param by whose it was
   * @param ownTurn the number of our own last one; of none an older one
   */
  private record Pace(
      int begun,
      boolean slow,
      boolean underWay,
      long atNanos,
      long intervalNanos,
      @Nullable Long ownNanos,
      long turn,
      long by,
      long ownTurn) {
    Pace with(boolean nobodyWaits, boolean asking) {
      return new Pace(
          begun, nobodyWaits, asking, atNanos, intervalNanos, ownNanos, turn, by, ownTurn);
    }
  }

  /** The same where nobody's word asks for a probe. */
  public List<P> begin(Collection<P> wanted, Set<P> unhurried, long nowNanos, double random) {
    return begin(wanted, unhurried, Map.of(), nowNanos, random);
  }

  /**
   * Begins what is due.
   *
   * @param wanted all places that are wanted now; others are probed no more
   * @param unhurried those of them that nobody waits for
   * @param asked those that somebody's word of that moment asks to probe: at once, if no probe of
   *     ours has begun since
   * @param random in [0,1), for jitter
   * @return the places to probe now; {@link #ended} follows for each
   */
  public List<P> begin(
      Collection<P> wanted, Set<P> unhurried, Map<P, Long> asked, long nowNanos, double random) {
    Set<P> now = new HashSet<>(wanted);
    paces.entrySet().removeIf(each -> !each.getValue().underWay() && !now.contains(each.getKey()));
    List<P> due = new ArrayList<>();
    for (P place : now) {
      boolean slow = unhurried.contains(place);
      Pace pace = paces.get(place);
      if (pace == null && slow) {
        pace = elsewhere(place, nowNanos);
      }
      if (pace == null
          || (!pace.underWay()
              && (isDue(place, pace, slow, nowNanos) || asks(asked.get(place), pace)))) {
        int before = pace == null || slow ? 0 : pace.begun();
        double chance = others.containsKey(place) ? 0 : random; // others count on the whole
        long interval = slow ? jittered(UNHURRIED_MILLIS, chance) : interval(before, chance);
        long turn = pace == null ? newest(place).getValue().number() : pace.turn();
        paces.put(
            place,
            new Pace(
                slow ? 0 : before + 1,
                slow,
                true,
                nowNanos,
                interval,
                nowNanos,
                turn + 1,
                self,
                turn + 1));
        due.add(place);
      } else {
        paces.put(place, pace.with(slow, pace.underWay()));
      }
    }
    return due;
  }

  private static boolean asks(@Nullable Long asOfNanos, Pace pace) {
    Long own = pace.ownNanos();
    return asOfNanos != null && (own == null || own - asOfNanos < 0);
  }

  /** Nobody waits for a place that others probe: as if they had begun just now. Null: none does. */
  private @Nullable Pace elsewhere(P place, long nowNanos) {
    Map.Entry<Long, Turn<P>> newest = newest(place);
    long interval = UNHURRIED_MILLIS * NANOS_PER_MILLI;
    return others.containsKey(place)
        ? new Pace(
            0,
            true,
            false,
            nowNanos,
            interval,
            null,
            newest.getValue().number(),
            newest.getKey(),
            newest.getValue().number() - 1)
        : null;
  }

  /**
   * Other front ends tell which places they probe.
   *
   * @param own this front end among them
   * @param told by each other one that lives; what it told before is over
   */
  public void heard(long own, Map<Long, List<Turn<P>>> told, long nowNanos) {
    self = own;
    Map<P, Map<Long, Turn<P>>> all = new HashMap<>();
    told.forEach(
        (by, turns) ->
            turns.forEach(
                turn -> all.computeIfAbsent(turn.place(), first -> new TreeMap<>()).put(by, turn)));
    others = all;
    paces.replaceAll(
        (place, pace) -> others.containsKey(place) ? after(pace, place, nowNanos) : pace);
  }

  /** Somebody else has begun a probe, as it was heard just now; or two have, at one time. */
  private Pace after(Pace pace, P place, long nowNanos) {
    Map.Entry<Long, Turn<P>> newest = newest(place);
    boolean begun = newest.getValue().number() - pace.turn() > 0;
    boolean counts = begun && pace.begun() > 0;
    long interval = counts ? interval(pace.begun(), 0) : jittered(UNHURRIED_MILLIS, 0);
    return new Pace(
        pace.begun() + (counts ? 1 : 0),
        pace.slow(),
        pace.underWay(),
        begun ? nowNanos : pace.atNanos(),
        begun ? interval : pace.intervalNanos(),
        pace.ownNanos(),
        begun ? newest.getValue().number() : pace.turn(),
        begun || (newest.getValue().number() == pace.turn() && newest.getKey() > pace.by())
            ? newest.getKey()
            : pace.by(),
        pace.ownTurn());
  }

  /** The last probe that others tell of, and whose it was; of two of one number all take one. */
  private Map.Entry<Long, Turn<P>> newest(P place) {
    Map.Entry<Long, Turn<P>> newest = null;
    for (Map.Entry<Long, Turn<P>> each : others.getOrDefault(place, Map.of()).entrySet()) {
      if (newest == null || each.getValue().number() - newest.getValue().number() >= 0) {
        newest = each;
      }
    }
    return newest == null ? Map.entry(self, new Turn<>(place, 0, false)) : newest;
  }

  /** What this front end tells the others of the places that it probes. */
  public List<Turn<P>> told() {
    List<Turn<P>> all = new ArrayList<>();
    paces.forEach((place, pace) -> all.add(new Turn<>(place, pace.ownTurn(), !pace.slow())));
    return all;
  }

  /** A probe ended, however it did. */
  public void ended(P place) {
    paces.computeIfPresent(place, (same, pace) -> pace.with(pace.slow(), false));
  }

  /** When the next probe of a wanted place is due; empty if none waits for its time. */
  public OptionalLong nextNanos(long nowNanos) {
    OptionalLong left = OptionalLong.empty();
    for (Map.Entry<P, Pace> each : paces.entrySet()) {
      Pace pace = each.getValue();
      if (!pace.underWay()) {
        long wait = Math.max(0, dueNanos(each.getKey(), pace, pace.slow()) - nowNanos);
        left = OptionalLong.of(Math.min(wait, left.orElse(wait)));
      }
    }
    return left.isEmpty() ? left : OptionalLong.of(nowNanos + left.getAsLong());
  }

  /** Who begins to wait for a place finds it probed at once, however slowly it was until then. */
  private boolean isDue(P place, Pace pace, boolean slow, long nowNanos) {
    return nowNanos - dueNanos(place, pace, slow) >= 0 || (!slow && pace.begun() == 0);
  }

  private long dueNanos(P place, Pace pace, boolean slow) {
    long late = slow ? LATE_UNHURRIED_MILLIS : LATE_MILLIS;
    return pace.atNanos() + pace.intervalNanos() + rank(place, pace, slow) * late * NANOS_PER_MILLI;
  }

  /** How many others come before this front end, behind the one that probed last. */
  private int rank(P place, Pace pace, boolean slow) {
    if (!others.containsKey(place)) {
      return 0;
    }
    NavigableSet<Long> ring = ring(place, slow);
    return pace.by() < self
        ? ring.subSet(pace.by(), false, self, false).size()
        : ring.tailSet(pace.by(), false).size() + ring.headSet(self).size();
  }

  /** Whoever takes turns with us: where somebody waits here, those where somebody waits too. */
  private NavigableSet<Long> ring(P place, boolean slow) {
    NavigableSet<Long> ring = new TreeSet<>(Set.of(self));
    others
        .getOrDefault(place, Map.of())
        .forEach(
            (by, turn) -> {
              if (slow || turn.hurried()) {
                ring.add(by);
              }
            });
    return ring;
  }

  private static long interval(int before, double random) {
    return jittered(Math.min(LONGEST_MILLIS, FIRST_MILLIS * Math.pow(GROWTH, before)), random);
  }

  private static long jittered(double millis, double random) {
    return (long) (millis * (1 - SPREAD * random) * NANOS_PER_MILLI);
  }
}
