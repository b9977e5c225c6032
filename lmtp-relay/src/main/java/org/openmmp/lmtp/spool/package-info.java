/**
 * The file of a message that is too long for memory, written once and read by every store's
 * delivery at its own pace.
 *
 * <p>It may use {@code java.*} and the relay's settings. One thread appends; readers may be on
 * other threads. All of it may block, and must not run on an event loop.
 */
@NullMarked
package org.openmmp.lmtp.spool;

import org.jspecify.annotations.NullMarked;
