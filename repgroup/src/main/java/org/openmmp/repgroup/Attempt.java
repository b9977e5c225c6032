package org.openmmp.repgroup;

/**
 * An attempt under way, with what was known when it began.
 *
 * @param host where
 * @param reason why there
 * @param readOnly whether the session would stay at a replica
 * @param start what was known when it began
 * @param stage how far it has come
 * @param greeted whether the host greeted, or others wait for its greeting no longer
 * @param holdsPlace whether it counts among the attempts under way at the host
 */
record Attempt(
    StoreHost host,
    Reason reason,
    boolean readOnly,
    Start start,
    AttemptStage stage,
    boolean greeted,
    boolean holdsPlace) {

  /**
   * What was known when an attempt began.
   *
   * @param nanos the time
   * @param turn the host's {@linkplain HostHealth#turn turn}
   * @param generation the group's {@linkplain GroupHealth#generation generation}
   * @param strayed whether the login went on by itself, past a host that only it had trouble with
   * @param kept whether the connection is an older one
   */
  record Start(long nanos, long turn, long generation, boolean strayed, boolean kept) {}

  /** An attempt that begins. */
  Attempt(StoreHost host, Reason reason, boolean readOnly, Start start) {
    this(host, reason, readOnly, start, AttemptStage.CONNECTING, false, true);
  }

  Attempt withGreeting() {
    return new Attempt(host, reason, readOnly, start, stage, true, holdsPlace);
  }

  Attempt at(AttemptStage reached) {
    return new Attempt(host, reason, readOnly, start, reached, greeted, holdsPlace);
  }

  Attempt withoutPlace() {
    return new Attempt(host, reason, readOnly, start, stage, greeted, false);
  }

  /** The same on a new connection. */
  Attempt afresh() {
    Start newer =
        new Start(start.nanos(), start.turn(), start.generation(), start.strayed(), false);
    return new Attempt(host, reason, readOnly, newer, AttemptStage.CONNECTING, greeted, holdsPlace);
  }

  /** The same on a connection that stands for long, and has heard names. */
  Attempt onKeptConnection() {
    Start older = new Start(start.nanos(), start.turn(), start.generation(), start.strayed(), true);
    return new Attempt(host, reason, readOnly, older, AttemptStage.NAMED, greeted, holdsPlace);
  }
}
