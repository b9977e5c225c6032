/**
 * The MMP proxy as a program: wires the rooms together, reads the command line, writes the log.
 *
 * <p>The only package of the proxy that says {@code new} across packages; it may use all of them.
 */
@NullMarked
package org.openmmp.proxy;

import org.jspecify.annotations.NullMarked;
