/**
 * Pure bytes: framing, SASL mechanisms and messages, URLs, response codes, secrets and safe text.
 *
 * <p>It may use {@code java.*} only and reads no clock. Values are immutable unless they say
 * otherwise; parsers and framers belong to one connection and are not safe for two threads at once.
 * Octets held in a {@code String} are ISO-8859-1, one char an octet, so that nothing is lost.
 */
@NullMarked
package org.openmmp.wire;

import org.jspecify.annotations.NullMarked;
