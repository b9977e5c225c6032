/**
 * Netty without a protocol: listening, TLS, name resolution, connecting to stores, and the splice.
 *
 * <p>It may use the packages wire and repgroup, the records of config, Netty and Caffeine, and
 * knows neither IMAP nor POP3 nor LMTP. Unless a method says otherwise it is called on the event
 * loop of the channel that it is given, and never blocks.
 */
@NullMarked
package org.openmmp.transport;

import org.jspecify.annotations.NullMarked;
