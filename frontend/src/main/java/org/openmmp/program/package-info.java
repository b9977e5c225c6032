/**
 * The program around its servers: puts together what they share, once for the process, starts and
 * drains them, and reads the command line.
 *
 * <p>Servers come in from their own modules as {@link org.openmmp.program.FrontEndProvider}s, so
 * that this package knows none of them. It may use all that stands below a server, admin included;
 * only a server's own main package may use it. Start and drain block and run on their caller's
 * thread.
 */
@NullMarked
package org.openmmp.program;

import org.jspecify.annotations.NullMarked;
