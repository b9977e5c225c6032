package org.openmmp.repgroup;

import org.jspecify.annotations.Nullable;

/**
 * What a walk does next.
 *
 * @param kind attempt, wait or fail
 * @param host the host of an attempt, or the one whose full queue is waited for; else null
 * @param reason why
 * @param untilNanos for {@link Kind#WAIT}: when to ask again if nothing changed before; for the
 *     others the login deadline
 * @param version for {@link Kind#WAIT}: what {@link AttemptWalk#awaitChange} compares with
 */
public record Choice(
    Kind kind, @Nullable StoreHost host, Reason reason, long untilNanos, long version) {

  /** The kinds of choice. */
  public enum Kind {
    /** Log in at the host. */
    ATTEMPT,
    /** Log in at the host and stay there although it refers to a master (rule B2.11). */
    ATTEMPT_READ_ONLY,
    /** Wait for a change or until the time given, then ask again. */
    WAIT,
    /** The login is over: no store of the group answered. */
    FAIL_NO_STORE,
    /** The login is over: stores answered, and none is master. */
    FAIL_NO_MASTER;

    /** Whether a host is to be dialled. */
    public boolean attempt() {
      return this == ATTEMPT || this == ATTEMPT_READ_ONLY;
    }

    /** Whether the walk is over. */
    public boolean failed() {
      return this == FAIL_NO_STORE || this == FAIL_NO_MASTER;
    }
  }

  /**
   * The host to dial.
   *
   * @throws IllegalStateException if there is none to dial
   */
  public StoreHost target() {
    if (host == null || !kind.attempt()) {
      throw new IllegalStateException("nothing to dial: " + reason);
    }
    return host;
  }
}
