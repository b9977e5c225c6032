package org.openmmp.config;

import java.time.Duration;

/**
 * How sessions end when a front end or a store is taken out of use: {@code openmmp.drain}.
 *
 * @param limit how long they may go on, 0 to a day; zero: not at all
 * @param lead how long a front end goes on accepting while it says that it is not ready; part of
 *     the limit
 * @param spread the time over which sessions are told goodbye, each at a safe point; no longer than
 *     what is left of the limit
 * @param afterLoss the time over which the sessions of a store that died end here, 0 to a minute;
 *     zero: at once
 */
public record DrainConfig(Duration limit, Duration lead, Duration spread, Duration afterLoss) {}
