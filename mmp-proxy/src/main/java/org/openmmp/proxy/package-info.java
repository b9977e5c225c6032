/**
 * The MMP proxy as a server of the program: wires sessions, protocols and listeners together, logs
 * and counts them.
 *
 * <p>The only package of the proxy that says {@code new} across packages; it may use all of them,
 * and program and admin. Listeners are opened and closed on the thread that starts the program;
 * what is logged and counted comes from the event loops.
 */
@NullMarked
package org.openmmp.proxy;

import org.jspecify.annotations.NullMarked;
