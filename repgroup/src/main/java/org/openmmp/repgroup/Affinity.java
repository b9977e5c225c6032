package org.openmmp.repgroup;

/**
 * A group's last successful master.
 *
 * @param host the host
 * @param sinceNanos when it became that
 * @param why why it was tried then
 */
record Affinity(StoreHost host, long sinceNanos, Reason why) {}
