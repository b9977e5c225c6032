/**
 * LMTP's octets, on both sides: commands, envelope addresses, replies, extensions, the message
 * behind DATA (RFC 2033, RFC 5321).
 *
 * <p>Pure codecs. It may use the package wire; it holds no channel and reads no clock. Values are
 * immutable and may be shared; readers and scanners belong to one connection and are not safe for
 * two threads at once.
 *
 * <p>Commands are text: an octet sequence that is no UTF-8 becomes U+FFFD there, which no address
 * and no parameter may hold. Replies are octets: their strings are ISO-8859-1, so that nothing is
 * lost.
 */
@NullMarked
package org.openmmp.lmtp.protocol;

import org.jspecify.annotations.NullMarked;
