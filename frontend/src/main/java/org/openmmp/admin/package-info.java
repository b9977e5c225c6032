/**
 * The administrator's edge: HTTP answers for load balancers, scrapers and operators, and the meters
 * behind them.
 *
 * <p>It listens and counts, and is called by nothing but the mains, which wire it up: what it shows
 * comes in through {@link org.openmmp.admin.AdminSources}. It may use repgroup, directory, wire,
 * the records of config, Micrometer and Netty's HTTP codec. Requests are read on an event loop of
 * its own and answered on a few threads beside it, never on a loop of the mail servers; the meters
 * are called on whatever thread has news, and never block.
 */
@NullMarked
package org.openmmp.admin;

import org.jspecify.annotations.NullMarked;
