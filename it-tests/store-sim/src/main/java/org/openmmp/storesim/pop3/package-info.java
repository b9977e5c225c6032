/**
 * POP3 as a simulated store speaks it (RFC 1939, 2449, 5034 and 2595): the login phase with its
 * referrals, and the transaction and update states behind it.
 *
 * <p>It may use Netty, {@code storesim}, {@code storesim.session} and {@code storesim.mailbox}.
 * Everything of one connection runs on its event loop. Octets in a {@code String} are ISO-8859-1.
 */
@NullMarked
package org.openmmp.storesim.pop3;

import org.jspecify.annotations.NullMarked;
