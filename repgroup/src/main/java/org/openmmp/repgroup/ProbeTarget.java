package org.openmmp.repgroup;

/**
 * A host that should be asked for its greeting, without a credential (rule B2.9).
 *
 * @param group for whose sake
 * @param service what to connect to
 * @param host the host
 */
public record ProbeTarget(ReplicationGroup group, Service service, StoreHost host) {}
