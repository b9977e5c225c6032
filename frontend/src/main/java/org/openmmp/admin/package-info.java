/**
 * The administrator's edge: HTTP answers for load balancers, scrapers and operators, and the meters
 * behind them.
 *
 * <p>It listens and counts, and is called by nothing but the mains, which wire it up: what it shows
 * comes in through small interfaces. It may use repgroup, directory, wire, the records of config,
 * Micrometer and the JDK. Requests are answered on a few threads of its own, never on an event
 * loop; the meters are called on whatever thread has news, and never block.
 */
@NullMarked
package org.openmmp.admin;

import org.jspecify.annotations.NullMarked;
