/**
 * One LMTP client's session and its mail transactions: the envelope, where each recipient goes, how
 * a delivery goes on at its stores, and the replies in their order (rules B5.1 to B5.7).
 *
 * <p>Pure: events come in with their time, steps come out. It may use the packages lmtp.protocol,
 * lmtp.store, directory, repgroup, routing and wire; it holds no channel, future or timer and reads
 * no clock. All objects of a session belong to one thread, as does the pool of an event loop; only
 * {@link org.openmmp.lmtp.transaction.HeardStores} and {@link
 * org.openmmp.lmtp.transaction.KnownMailboxes} are shared between threads.
 */
@NullMarked
package org.openmmp.lmtp.transaction;

import org.jspecify.annotations.NullMarked;
