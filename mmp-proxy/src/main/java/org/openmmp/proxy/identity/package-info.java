/**
 * Who a client of the proxy is: what is known of its connection, and what it logs in with.
 *
 * <p>Pure values, safe for any thread but for the secret in credentials, which belongs to one
 * login. It may use directory and wire.
 */
@NullMarked
package org.openmmp.proxy.identity;

import org.jspecify.annotations.NullMarked;
