package org.openmmp.repgroup;

/**
 * The right of one walk to search a group's master while the others wait for its answer (B2.9).
 *
 * @param owner the walk
 * @param proven whether its login is proven: only then proven ones wait for it
 * @param endsNanos when the others wait no longer
 */
record ProbeToken(long owner, boolean proven, long endsNanos) {}
