/**
 * IMAP before login, on both sides: commands become steps, answers become octets (RFC 9051, RFC
 * 3501).
 *
 * <p>Pure codecs. It may use the packages wire, proxy.client, proxy.store and proxy.identity, the
 * records of config, and the protocol that a session is given in proxy.session; it holds no channel
 * and reads no clock. A dialogue is used on its session's event loop only; the settings and what
 * stores offer are shared by all threads. Octets in a {@code String} are ISO-8859-1.
 */
@NullMarked
package org.openmmp.proxy.imap;

import org.jspecify.annotations.NullMarked;
