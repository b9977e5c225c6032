/**
 * What sessions of every protocol have in common at a simulated store: lines one at a time, TLS
 * that begins in the middle, logins and the faults that meet them.
 *
 * <p>It may use Netty and {@code storesim}, and knows no protocol. Everything of one connection
 * runs on its event loop. Octets in a {@code String} are ISO-8859-1.
 */
@NullMarked
package org.openmmp.storesim.session;

import org.jspecify.annotations.NullMarked;
