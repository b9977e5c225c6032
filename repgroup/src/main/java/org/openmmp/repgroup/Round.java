package org.openmmp.repgroup;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One walk's round through its group: the cursor.
 *
 * @param beganNanos when it began
 * @param pauseNumber the {@linkplain MasterPause#number pause} that the round follows; -1: none
 * @param tried the hosts that have answered this walk in this round, or whose answer only concerns
 *     it; one that failed for everybody may be asked again once it greets
 * @param referral the last referral, while its target is still to be tried
 * @param named the hosts that referrals of this round named
 * @param readOnlyTried replicas where the walk tried to stay
 * @param trouble what this login alone met at the first host that had it; null: nothing
 * @param last the same of the last attempt; null if that was another matter
 * @param rest null unless the walk does nothing for a while
 * @param asksAgain whether one more try was made where this login alone had trouble
 * @param allFailedNanos when the walk first found that every host had failed; null: not yet
 * @param left the hosts that were left before their time, with their {@linkplain HostHealth#turn
 *     turn} then: they are asked again if a store names them, or if no other is left
 */
record Round(
    long beganNanos,
    long pauseNumber,
    Map<StoreHost, AttemptOutcome> tried,
    @Nullable Referred referral,
    Set<StoreHost> named,
    Set<StoreHost> readOnlyTried,
    @Nullable Trouble trouble,
    @Nullable Trouble last,
    @Nullable Rest rest,
    boolean asksAgain,
    @Nullable Long allFailedNanos,
    Map<StoreHost, Long> left) {

  /** One host's word for another of its group. */
  record Referred(StoreHost by, StoreHost to) {}

  /**
   * What one login alone met at a host (rule B2.19).
   *
   * @param host where
   * @param outcome what
   * @param tookNanos how long after the attempt's begin
   * @param guest whether its name has a session there
   */
  record Trouble(StoreHost host, AttemptOutcome outcome, long tookNanos, boolean guest) {}

  /**
   * A time in which the walk does nothing.
   *
   * @param why the reason
   * @param untilNanos when it goes on
   * @param then where it goes on; null: wherever the order says
   */
  record Rest(Reason.Kind why, long untilNanos, @Nullable StoreHost then) {
    /** How long a login leaves a host alone that has no room for it, from the first time on. */
    private static final GrowingPause WHILE_FULL =
        new GrowingPause(Duration.ofMillis(250), Duration.ofSeconds(1));

    /**
     * The pause of a walk whose host had no room for it, so many times (rule B5.18).
     *
     * @param times 1 for the first
     */
    static Rest whileFull(StoreHost host, int times, long nowNanos, double random) {
      long until = nowNanos + WHILE_FULL.nanos(times, random);
      return new Rest(Reason.Kind.STORE_FULL, until, host);
    }
  }

  static Round first(long nowNanos) {
    return new Round(
        nowNanos, -1, Map.of(), null, Set.of(), Set.of(), null, null, null, false, null, Map.of());
  }

  /** A fresh round after the group's pause of that number. */
  Round after(long number, long nowNanos) {
    return new Round(
        nowNanos,
        number,
        Map.of(),
        null,
        Set.of(),
        readOnlyTried,
        trouble,
        null,
        null,
        asksAgain,
        allFailedNanos,
        Map.of());
  }

  /** The walk rests. */
  Round resting(@Nullable Rest other) {
    return new Round(
        beganNanos,
        pauseNumber,
        tried,
        referral,
        named,
        readOnlyTried,
        trouble,
        last,
        other,
        asksAgain,
        allFailedNanos,
        left);
  }

  /** One more try will be made at the host that this login had trouble with. */
  Round askingAgain(Rest before) {
    Map<StoreHost, AttemptOutcome> without = new HashMap<>(tried);
    without.remove(before.then());
    return new Round(
        beganNanos,
        pauseNumber,
        Map.copyOf(without),
        referral,
        named,
        readOnlyTried,
        trouble,
        null,
        before,
        true,
        allFailedNanos,
        left);
  }

  /** The walk has found that every host has failed. */
  Round findingAllFailed(long nowNanos) {
    return allFailedNanos != null
        ? this
        : new Round(
            beganNanos,
            pauseNumber,
            tried,
            referral,
            named,
            readOnlyTried,
            trouble,
            last,
            rest,
            asksAgain,
            nowNanos,
            left);
  }

  /** The host is being tried. */
  Round trying(StoreHost host) {
    return with(host, AttemptOutcome.ABANDONED, null, null);
  }

  /**
   * The host was tried, and perhaps referred.
   *
   * @param met what this login alone met there; null: nothing
   */
  Round tried(StoreHost host, AttemptReport report, @Nullable Trouble met) {
    if (report.scope().blamesHost()) {
      return without(host);
    }
    StoreHost to = report.referredTo();
    boolean usable = to != null && !to.equals(host) && !tried.containsKey(to);
    Round next =
        with(host, report.outcome(), usable && to != null ? new Referred(host, to) : null, met);
    return to == null ? next : next.naming(to);
  }

  /** The same, but what was met last does not end the login. */
  Round undecided() {
    return new Round(
        beganNanos,
        pauseNumber,
        tried,
        referral,
        named,
        readOnlyTried,
        trouble,
        null,
        rest,
        asksAgain,
        allFailedNanos,
        left);
  }

  /** The walk tries to stay at a replica. */
  Round tryingReadOnly(StoreHost host) {
    Set<StoreHost> more = new HashSet<>(readOnlyTried);
    more.add(host);
    return new Round(
        beganNanos,
        pauseNumber,
        tried,
        referral,
        named,
        Set.copyOf(more),
        trouble,
        last,
        null,
        asksAgain,
        allFailedNanos,
        left);
  }

  /** Whether a host of this round answered so. */
  boolean saw(AttemptOutcome outcome) {
    return tried.containsValue(outcome);
  }

  private Round naming(StoreHost to) {
    Set<StoreHost> more = new HashSet<>(named);
    more.add(to);
    return new Round(
        beganNanos,
        pauseNumber,
        tried,
        referral,
        Set.copyOf(more),
        readOnlyTried,
        trouble,
        last,
        rest,
        asksAgain,
        allFailedNanos,
        left);
  }

  private Round with(
      StoreHost host, AttemptOutcome outcome, @Nullable Referred next, @Nullable Trouble met) {
    return new Round(
        beganNanos,
        pauseNumber,
        GroupHealth.with(tried, host, outcome),
        next,
        named,
        readOnlyTried,
        trouble == null ? met : trouble,
        met,
        null,
        asksAgain,
        allFailedNanos,
        left);
  }

  /** The host is left before its time. */
  Round leaving(StoreHost host, long turn) {
    Map<StoreHost, Long> more = new HashMap<>(left);
    more.put(host, turn);
    Round without = without(host);
    return new Round(
        beganNanos,
        pauseNumber,
        without.tried,
        null,
        named,
        readOnlyTried,
        trouble,
        null,
        null,
        asksAgain,
        allFailedNanos,
        Map.copyOf(more));
  }

  private Round without(StoreHost host) {
    Map<StoreHost, AttemptOutcome> less = new HashMap<>(tried);
    less.remove(host);
    return new Round(
        beganNanos,
        pauseNumber,
        Map.copyOf(less),
        null,
        named,
        readOnlyTried,
        trouble,
        null,
        null,
        asksAgain,
        allFailedNanos,
        left);
  }
}
