package org.openmmp.repgroup;

import org.jspecify.annotations.Nullable;

/**
 * One attempt of a walk, for the session's log line.
 *
 * @param host where
 * @param reason why there
 * @param outcome how it ended; null while it is under way
 * @param said the outcome in words, as it was reported; empty while it is under way
 */
public record WalkStep(
    StoreHost host, Reason reason, @Nullable AttemptOutcome outcome, String said) {}
