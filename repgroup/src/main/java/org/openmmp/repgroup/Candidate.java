package org.openmmp.repgroup;

/**
 * A host in the order of attempts, and why it stands there or is passed over.
 *
 * @param host the host
 * @param reason passed over if not {@linkplain Reason.Kind#usable usable}
 */
public record Candidate(StoreHost host, Reason reason) {}
