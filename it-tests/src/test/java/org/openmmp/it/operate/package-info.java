/**
 * Tests of the packaged program in an operator's hands: what commands and the API do to it while
 * people use it, seen by mail clients on sockets.
 *
 * <p>They may use the command line's entry, the simulated stores and the fixtures for whole
 * processes. They run on the test's thread and on threads that a test starts itself.
 */
@NullMarked
package org.openmmp.it.operate;

import org.jspecify.annotations.NullMarked;
