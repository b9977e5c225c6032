/**
 * The client's side of the proxy before the hand-over, whatever the protocol: commands, SASL, what
 * is offered, what is answered, and the steps that come of it.
 *
 * <p>Pure: octets come in, and steps come out; it holds no channel, future or timer and reads no
 * clock. It may use proxy.identity, proxy.store (for a store's words, and for an attempt in a
 * step), directory, guard, wire and the records of config, and knows no session. All of a dialogue
 * belongs to one thread.
 */
@NullMarked
package org.openmmp.proxy.client;

import org.jspecify.annotations.NullMarked;
