/**
 * POP3 before login, on both sides: commands become steps, replies become octets (RFC 1939, RFC
 * 2449, RFC 2595, RFC 3206, RFC 5034, RFC 6856).
 *
 * <p>Pure codecs. It may use the packages wire, proxy.client, proxy.store and proxy.identity, the
 * records of config, and the protocol that a session is given in proxy.session; it holds no channel
 * and reads no clock. A dialogue is used on its session's event loop only; the settings and what
 * stores offer are shared by all threads. Octets in a {@code String} are ISO-8859-1.
 */
@NullMarked
package org.openmmp.proxy.pop3;

import org.jspecify.annotations.NullMarked;
