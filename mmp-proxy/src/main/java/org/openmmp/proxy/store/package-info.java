/**
 * The store's side of a login, whatever the protocol: the dialogue with one store from its greeting
 * to its answer, in which form credentials go to it, and what it offers.
 *
 * <p>Pure: octets come in, and steps come out; it holds no channel, future or timer and reads no
 * clock. It may use proxy.identity, routing, repgroup, guard and wire, and knows neither clients'
 * dialogues nor sessions. A dialogue belongs to one thread; what stores offer is remembered for
 * all.
 */
@NullMarked
package org.openmmp.proxy.store;

import org.jspecify.annotations.NullMarked;
