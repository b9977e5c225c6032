/**
 * LMTP at a simulated store: it delivers into the group's mailboxes, keeps what it got octet for
 * octet, and fails at whatever point a test wants (RFC 2033).
 *
 * <p>It may use Netty, {@code storesim}, and the relay's codecs of commands and replies; the end of
 * data it finds in its own way, so that it can disagree. A connection's objects are used on its
 * event loop; scripts and transcripts by any thread. Octets in a {@code String} are ISO-8859-1.
 */
@NullMarked
package org.openmmp.storesim.lmtp;

import org.jspecify.annotations.NullMarked;
