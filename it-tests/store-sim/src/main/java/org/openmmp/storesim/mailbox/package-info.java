/**
 * Mail in memory: users, their mailboxes, messages with flags; no protocol in it.
 *
 * <p>It may use {@code java.*} only. Every method may be called on any thread and never blocks for
 * long; listeners are called on the thread that made the change.
 */
@NullMarked
package org.openmmp.storesim.mailbox;

import org.jspecify.annotations.NullMarked;
