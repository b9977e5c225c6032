package org.openmmp.repgroup;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One walk's round through its group: the cursor.
 *
 * @param beganNanos hosts that failed since then count as tried, whoever tried them
 * @param pauseNumber the {@linkplain MasterPause#number pause} that the round follows; -1: none
 * @param tried the walk's own attempts in this round
 * @param referral the last referral, while its target is still to be tried
 * @param extraFromNanos when the one extra round after temporary failures begins; null before it
 * @param readOnlyTried replicas where the walk tried to stay
 */
record Round(
    long beganNanos,
    long pauseNumber,
    Map<StoreHost, AttemptOutcome> tried,
    @Nullable Referred referral,
    @Nullable Long extraFromNanos,
    Set<StoreHost> readOnlyTried) {

  /** One host's word for another of its group. */
  record Referred(StoreHost by, StoreHost to) {}

  static Round first(long nowNanos) {
    return new Round(nowNanos, -1, Map.of(), null, null, Set.of());
  }

  /** A fresh round after the group's pause of that number. */
  Round after(long number, long nowNanos) {
    return new Round(nowNanos, number, Map.of(), null, extraFromNanos, readOnlyTried);
  }

  /** The one extra round after temporary failures. */
  Round extra(long fromNanos, long nowNanos) {
    return new Round(nowNanos, pauseNumber, Map.of(), null, fromNanos, readOnlyTried);
  }

  /** The host is being tried. */
  Round trying(StoreHost host) {
    return with(host, AttemptOutcome.ABANDONED, null);
  }

  /** The host was tried, and perhaps referred. */
  Round tried(StoreHost host, AttemptReport report) {
    StoreHost to = report.referredTo();
    boolean usable = to != null && !to.equals(host) && !tried.containsKey(to);
    return with(host, report.outcome(), usable && to != null ? new Referred(host, to) : null);
  }

  /** The walk tries to stay at a replica. */
  Round tryingReadOnly(StoreHost host) {
    Set<StoreHost> more = new HashSet<>(readOnlyTried);
    more.add(host);
    return new Round(beganNanos, pauseNumber, tried, referral, extraFromNanos, Set.copyOf(more));
  }

  /** Whether a host of this round answered so. */
  boolean saw(AttemptOutcome outcome) {
    return tried.containsValue(outcome);
  }

  private Round with(StoreHost host, AttemptOutcome outcome, @Nullable Referred next) {
    Map<StoreHost, AttemptOutcome> more = new HashMap<>(tried);
    more.put(host, outcome);
    return new Round(
        beganNanos, pauseNumber, Map.copyOf(more), next, extraFromNanos, readOnlyTried);
  }
}
