/**
 * The body of one message, received once and read by every store's delivery at its own pace.
 *
 * <p>It may use {@code java.*} and the relay's settings. One thread appends; readers may be on
 * other threads. Nothing blocks while the message is in memory; afterwards appending and reading
 * touch a file and must not run on an event loop.
 */
@NullMarked
package org.openmmp.lmtp.spool;

import org.jspecify.annotations.NullMarked;
