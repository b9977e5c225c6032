/**
 * Pure protection against the many and the hostile: connection limits, login-failure penalty, an
 * even pace of rejections, and the reasons to end a connection.
 *
 * <p>It may use {@code java.*}, Caffeine and the package wire; it reads no clock and draws no
 * random number: times are {@code nowNanos} arguments of one arbitrary origin. Every table is
 * bounded. All classes are safe for any thread and never block; who must wait is told a {@link
 * java.time.Duration} and waits on a timer of its own.
 */
@NullMarked
package org.openmmp.guard;

import org.jspecify.annotations.NullMarked;
