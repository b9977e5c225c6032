package org.openmmp.repgroup;

/**
 * What a probe asks: one service's port at one host, whichever groups list it.
 *
 * @param host by its configured name (rule B2.14)
 */
public record ProbePlace(Service service, StoreHost host, int port) {}
