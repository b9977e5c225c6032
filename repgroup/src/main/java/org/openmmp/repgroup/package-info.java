/**
 * Which store next: replication groups, their health and affinity, the order of attempts.
 *
 * <p>Pure policy. It may use {@code java.*} only, reads no clock, draws no random number, blocks no
 * thread and never hears of a protocol: times come in as {@code nowNanos} (any origin; only
 * differences count), randomness as a number, a service as a value. Every method may be called on
 * any thread; what is shared is replaced by compare-and-set.
 */
@NullMarked
package org.openmmp.repgroup;

import org.jspecify.annotations.NullMarked;
