package org.openmmp.repgroup;

/**
 * An attempt under way, with what was known when it began.
 *
 * @param host where
 * @param reason why there
 * @param readOnly whether the session would stay at a replica
 * @param turn the host's {@linkplain HostHealth#turn turn} then
 * @param generation the group's {@linkplain GroupHealth#generation generation} then
 * @param greeted whether the host greeted
 * @param holdsPlace whether it counts among the attempts under way at the host
 */
record Attempt(
    StoreHost host,
    Reason reason,
    boolean readOnly,
    long turn,
    long generation,
    boolean greeted,
    boolean holdsPlace) {

  Attempt withGreeting() {
    return new Attempt(host, reason, readOnly, turn, generation, true, holdsPlace);
  }

  Attempt withoutPlace() {
    return new Attempt(host, reason, readOnly, turn, generation, greeted, false);
  }
}
