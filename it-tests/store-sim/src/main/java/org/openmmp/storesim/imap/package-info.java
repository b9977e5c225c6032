/**
 * IMAP4rev1 as a simulated store speaks it (RFC 3501 and common extensions): the login phase with
 * its referrals, and enough behind it for real clients.
 *
 * <p>It may use Netty, Angus Mail for MIME, {@code storesim} and {@code storesim.mailbox}.
 * Everything of one connection runs on its event loop, but for the notice of a changed mailbox,
 * which comes on any thread and is passed on to the event loop. Octets in a {@code String} are
 * ISO-8859-1.
 */
@NullMarked
package org.openmmp.storesim.imap;

import org.jspecify.annotations.NullMarked;
