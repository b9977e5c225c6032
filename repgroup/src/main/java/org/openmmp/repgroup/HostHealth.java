package org.openmmp.repgroup;

import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one host of a group for one service.
 *
 * @param traffic the attempts
 * @param turn grows whenever the host served a login or failed anew: an attempt that fails although
 *     the turn is no longer its own says nothing new
 * @param confirmedNanos when it last greeted or answered; null: never
 * @param failure null unless it failed since its last answer
 * @param replica whether its last answers were a referral beside an accepted login
 * @param last how its last attempt ended; null: none did
 */
record HostHealth(
    Traffic traffic,
    long turn,
    @Nullable Long confirmedNanos,
    @Nullable Failure failure,
    boolean replica,
    @Nullable LastOutcome last) {

  /**
   * The attempts at a host.
   *
   * @param underWay begun and not ended
   * @param silent those of them that were not greeted yet
   * @param started since the memory began
   * @param begunNanos when the last one began; means nothing before the first
   */
  record Traffic(int underWay, int silent, long started, long begunNanos) {}

  /**
   * Failures in a row.
   *
   * @param inARow at least 1
   * @param atNanos when the last of them was reported
   * @param coolDownNanos how long from then the host is passed over
   */
  record Failure(int inARow, long atNanos, long coolDownNanos) {}

  /** How an attempt ended, in the caller's words. */
  record LastOutcome(AttemptOutcome outcome, String reason, long atNanos) {}

  /** A host that nothing is known of. */
  static final HostHealth UNKNOWN =
      new HostHealth(new Traffic(0, 0, 0, 0), 0, null, null, false, null);

  /** Whether it is passed over for now. */
  boolean cooling(long nowNanos) {
    return coolDownLeft(nowNanos) > 0;
  }

  /** What is left of the cool-down in nanoseconds; 0 or less if it is over. */
  long coolDownLeft(long nowNanos) {
    return failure == null ? 0 : failure.coolDownNanos() - (nowNanos - failure.atNanos());
  }

  /** Whether the last failure is at least that long ago; true if there was none. */
  boolean failedBefore(long nanosAgo, long nowNanos) {
    return failure == null || nowNanos - failure.atNanos() >= nanosAgo;
  }

  /** Whether it has failed since that moment and not answered afterwards. */
  boolean failedSince(long momentNanos) {
    return failure != null && failure.atNanos() - momentNanos >= 0;
  }

  /** Whether it greeted or answered within the window and has not failed since. */
  boolean confirmed(long windowNanos, long nowNanos) {
    return failure == null && confirmedNanos != null && nowNanos - confirmedNanos <= windowNanos;
  }

  /** Whether no attempt younger than the limit still waits for its greeting. */
  boolean quiet(long limitNanos, long nowNanos) {
    return traffic.silent() == 0 || nowNanos - traffic.begunNanos() >= limitNanos;
  }

  /** An attempt begins. */
  HostHealth dialled(long nowNanos) {
    Traffic more =
        new Traffic(traffic.underWay() + 1, traffic.silent() + 1, traffic.started() + 1, nowNanos);
    return new HostHealth(more, turn, confirmedNanos, failure, replica, last);
  }

  /** An attempt was greeted: that confirms a host which had not failed (rule B2.9). */
  HostHealth greeted(long nowNanos) {
    Traffic same =
        new Traffic(
            traffic.underWay(),
            Math.max(0, traffic.silent() - 1),
            traffic.started(),
            traffic.begunNanos());
    Long confirmed = failure == null ? Long.valueOf(nowNanos) : confirmedNanos;
    return new HostHealth(same, turn, confirmed, failure, replica, last);
  }

  /** An attempt is under way no longer. */
  HostHealth released(boolean greeted) {
    Traffic less =
        new Traffic(
            Math.max(0, traffic.underWay() - 1),
            Math.max(0, traffic.silent() - (greeted ? 0 : 1)),
            traffic.started(),
            traffic.begunNanos());
    return new HostHealth(less, turn, confirmedNanos, failure, replica, last);
  }

  /**
   * A login was answered: the host is alive, whatever it said.
   *
   * @param asReplica whether the host served as a replica; counts only if it served
   */
  HostHealth answered(AttemptReport report, boolean asReplica) {
    boolean served =
        report.outcome() == AttemptOutcome.ACCEPTED || report.outcome() == AttemptOutcome.REFERRED;
    return new HostHealth(
        traffic,
        served ? turn + 1 : turn,
        report.nowNanos(),
        null,
        served ? asReplica : replica,
        report.last());
  }

  /** An attempt failed; only one that began in the present turn begins or lengthens a cool-down. */
  HostHealth failed(long turnAtStart, AttemptReport report, GrowingPause coolDown) {
    if (turnAtStart != turn) {
      return new HostHealth(traffic, turn, confirmedNanos, failure, replica, report.last());
    }
    int inARow = failure == null ? 1 : failure.inARow() + 1;
    boolean grows = report.outcome().coolDown() == AttemptOutcome.CoolDown.GROWING;
    long period = coolDown.nanos(grows ? inARow : 1, report.random());
    Failure now = new Failure(inARow, report.nowNanos(), period);
    return new HostHealth(traffic, turn + 1, confirmedNanos, now, false, report.last());
  }

  /** A probe was greeted that began then: what failed before is outweighed (rule B2.18). */
  HostHealth probeGreeted(long beganNanos, AttemptReport report) {
    return failure == null || beganNanos - failure.atNanos() < 0
        ? this
        : new HostHealth(traffic, turn + 1, report.nowNanos(), null, false, report.last());
  }

  /** A probe failed: nothing new of a host that has failed. */
  HostHealth probeFailed(AttemptReport report) {
    return new HostHealth(traffic, turn, confirmedNanos, failure, replica, report.last());
  }
}
