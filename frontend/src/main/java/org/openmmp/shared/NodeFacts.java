package org.openmmp.shared;

/**
 * What a front end tells the others of itself.
 *
 * @param fingerprint its group table's
 * @param version the program's
 * @param clients how many are connected now
 * @param draining whether it is about to stop
 */
public record NodeFacts(String fingerprint, String version, int clients, boolean draining) {}
