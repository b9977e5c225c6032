package org.openmmp.storesim;

/** What one host of a group is at the moment. */
public enum NodeRole {
  /** Accepts writes; in a shared-disk group, the host that runs. */
  MASTER,
  /** Answers read-only and refers to the master. */
  REPLICA,
  /** Not running until an operator starts it. */
  STANDBY,
  /** Was running and is not any more. */
  DOWN;

  /** Whether the host's ports are open. */
  public boolean running() {
    return this == MASTER || this == REPLICA;
  }
}
