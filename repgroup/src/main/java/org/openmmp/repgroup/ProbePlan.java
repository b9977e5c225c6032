package org.openmmp.repgroup;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * When each place that is wanted is probed: one probe at a time, {@value #FIRST_MILLIS} ms from
 * begin to begin, growing to {@value #LONGEST_MILLIS} ms while it stays wanted (rule B2.9). Places
 * that nobody waits for are probed every {@value #UNHURRIED_MILLIS} ms.
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

  /**
   * Slow enough that the login which began it all waits no longer than the first interval or two.
   */
  private static final double GROWTH = 1.1;

  /** No interval is longer than the longest, whatever its jitter; the shortest is a fifth less. */
  private static final double SPREAD = 0.2;

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Map<P, Pace> paces = new HashMap<>();

  /** Its {@code begun} counts the probes that somebody waited for. */
  private record Pace(int begun, boolean underWay, long dueNanos) {}

  /**
   * Begins what is due.
   *
   * @param wanted all places that are wanted now; others are probed no more
   * @param unhurried those of them that nobody waits for
   * @param random in [0,1), for jitter
   * @return the places to probe now; {@link #ended} follows for each
   */
  public List<P> begin(Collection<P> wanted, Set<P> unhurried, long nowNanos, double random) {
    Set<P> now = new HashSet<>(wanted);
    paces.entrySet().removeIf(each -> !each.getValue().underWay() && !now.contains(each.getKey()));
    List<P> due = new ArrayList<>();
    for (P place : now) {
      Pace pace = paces.get(place);
      boolean slow = unhurried.contains(place);
      if (pace == null || (!pace.underWay() && isDue(pace, slow, nowNanos))) {
        int before = pace == null || slow ? 0 : pace.begun();
        long interval = slow ? jittered(UNHURRIED_MILLIS, random) : interval(before, random);
        paces.put(place, new Pace(slow ? 0 : before + 1, true, nowNanos + interval));
        due.add(place);
      }
    }
    return due;
  }

  /** A probe ended, however it did. */
  public void ended(P place) {
    paces.computeIfPresent(place, (same, pace) -> new Pace(pace.begun(), false, pace.dueNanos()));
  }

  /** When the next probe of a wanted place is due; empty if none waits for its time. */
  public OptionalLong nextNanos(long nowNanos) {
    OptionalLong left =
        paces.values().stream()
            .filter(pace -> !pace.underWay())
            .mapToLong(pace -> Math.max(0, pace.dueNanos() - nowNanos))
            .min();
    return left.isEmpty() ? left : OptionalLong.of(nowNanos + left.getAsLong());
  }

  /** Who begins to wait for a place finds it probed at once, however slowly it was until then. */
  private static boolean isDue(Pace pace, boolean slow, long nowNanos) {
    return nowNanos - pace.dueNanos() >= 0 || (!slow && pace.begun() == 0);
  }

  private static long interval(int before, double random) {
    return jittered(Math.min(LONGEST_MILLIS, FIRST_MILLIS * Math.pow(GROWTH, before)), random);
  }

  private static long jittered(double millis, double random) {
    return (long) (millis * (1 - SPREAD * random) * NANOS_PER_MILLI);
  }
}
