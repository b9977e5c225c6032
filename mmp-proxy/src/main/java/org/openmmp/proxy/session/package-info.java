/**
 * Pure orchestration of one client's session before the hand-over: look up, walk the group, log in.
 *
 * <p>It may use the packages proxy.client, proxy.store, proxy.identity, repgroup, directory,
 * routing, wire and guard and the records of config; it holds no channel, future, timer or buffer
 * and reads no clock. Events go in, steps come out; the adapter carries the steps out. The objects
 * of one session are used on that session's event loop only.
 */
@NullMarked
package org.openmmp.proxy.session;

import org.jspecify.annotations.NullMarked;
