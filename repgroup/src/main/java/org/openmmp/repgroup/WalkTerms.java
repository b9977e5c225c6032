package org.openmmp.repgroup;

import org.jspecify.annotations.Nullable;

/**
 * What stays the same through a walk.
 *
 * @param id never used twice by a selector
 * @param kind the kind of client
 * @param caller who walks
 * @param patient whether it waits for a master as long as it has; if not, no longer than the group
 *     is without one (rule B5.17)
 * @param first a host to try before the others, null if there is none
 * @param beganNanos when the walk began
 * @param deadlineNanos when it fails if it has not succeeded
 */
record WalkTerms(
    long id,
    ClientKind kind,
    Caller caller,
    boolean patient,
    @Nullable StoreHost first,
    long beganNanos,
    long deadlineNanos) {

  /** Whether the group's affinity counts for this client. */
  boolean usesAffinity(ReplicationGroup group) {
    return group.affinity() && kind.failsOver();
  }
}
