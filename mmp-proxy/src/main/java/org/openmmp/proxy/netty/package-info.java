/**
 * The adapter between sessions and sockets: handlers turn a channel's events into calls, and a
 * session's steps into writes, look-ups, dials and timers.
 *
 * <p>It may use proxy.session and what it is made of, transport, directory and repgroup. The
 * client's and the store's channel of a session share one event loop, and everything here runs on
 * it.
 */
@NullMarked
package org.openmmp.proxy.netty;

import org.jspecify.annotations.NullMarked;
