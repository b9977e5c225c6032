/**
 * The adapter between the relay's sessions and sockets: handlers turn a channel's events into
 * calls, and a session's steps into writes, look-ups, connections, timers and spooling.
 *
 * <p>It may use lmtp.transaction, lmtp.store, lmtp.protocol, lmtp.spool, transport, guard,
 * directory and repgroup. A client's channel and those of its stores share one event loop, and
 * everything here runs on it but for the reading and writing of files, which has threads of its
 * own.
 */
@NullMarked
package org.openmmp.lmtp.netty;

import org.jspecify.annotations.NullMarked;
