package org.openmmp.repgroup;

/**
 * A group's common pause after a round that found no master (rule B2.11).
 *
 * @param number never used twice in one memory: a walk knows by it whether it has taken part
 * @param proven whether a proven login found it: only then proven ones take part
 * @param rounds without a master in a row; 0: it is forgotten, and but tells since when there was
 *     none
 * @param sinceNanos when the first of these rounds had ended
 * @param lengthNanos how long it lasts
 * @param endsNanos when the next round may begin
 */
record MasterPause(
    long number, boolean proven, int rounds, long sinceNanos, long lengthNanos, long endsNanos) {
  /** How many of the longest pauses it is remembered for when nobody asks any more. */
  private static final int REMEMBERED_PAUSES = 2;

  /** The same, over at that moment. */
  MasterPause overAt(long nowNanos) {
    return pausing(nowNanos)
        ? new MasterPause(number, proven, rounds, sinceNanos, lengthNanos, nowNanos)
        : this;
  }

  /** What is left of it while somebody asks for the group now and then (rule B5.17). */
  MasterPause faded() {
    return new MasterPause(number, proven, 0, sinceNanos, lengthNanos, endsNanos);
  }

  /** Whether it concerns that caller, as long as it is not forgotten. */
  boolean concerns(Caller caller) {
    return proven || !caller.proven();
  }

  /** Whether logins still have to wait. */
  boolean pausing(long nowNanos) {
    return nowNanos - endsNanos < 0;
  }

  /** Whether it is too old to say anything of the present. */
  boolean forgotten(GrowingPause retry, long nowNanos) {
    return nowNanos - endsNanos >= REMEMBERED_PAUSES * retry.max().toNanos();
  }
}
