/**
 * The LMTP relay as a server of the program: wires sessions, pools and listeners together, logs and
 * counts them.
 *
 * <p>The only package of the relay that says {@code new} across packages; it may use all of them,
 * and program and admin. Listeners are opened and closed on the thread that starts the program;
 * what is logged and counted comes from the event loops.
 */
@NullMarked
package org.openmmp.lmtp;

import org.jspecify.annotations.NullMarked;
