/**
 * Where mail hosts lead and how to get there: routes, the stores' access data, the trust in
 * referrals, and the search for a store, the same for every server and protocol.
 *
 * <p>It may use repgroup and wire. What is immutable is safe for any thread; a search belongs to
 * one login or delivery and its thread.
 */
@NullMarked
package org.openmmp.routing;

import org.jspecify.annotations.NullMarked;
