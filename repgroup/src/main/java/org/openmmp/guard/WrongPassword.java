package org.openmmp.guard;

import org.openmmp.wire.Network;

/**
 * A wrong password, for the other front ends of a site: of whom, from where, and which, as hashes
 * under a key that all of them have.
 *
 * @param userHigh half of the user's hash
 * @param userLow the other half
 * @param network the client's
 * @param print the password's, with its user; means nothing if it was not seen
 * @param seen whether it was
 */
public record WrongPassword(
    long userHigh, long userLow, Network network, long print, boolean seen) {}
