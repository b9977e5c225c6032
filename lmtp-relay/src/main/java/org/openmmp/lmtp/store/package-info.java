/**
 * The store's side of the relay: what is said on one connection from its greeting to its end, which
 * connections are kept between transactions, and how a dead store is asked whether it is back.
 *
 * <p>Pure: octets come in, and octets and events come out; it holds no channel, future or timer and
 * reads no clock. It may use the packages lmtp.protocol, repgroup, routing and wire, and knows no
 * client and no transaction. A conversation belongs to one thread, as does the pool of an event
 * loop.
 */
@NullMarked
package org.openmmp.lmtp.store;

import org.jspecify.annotations.NullMarked;
