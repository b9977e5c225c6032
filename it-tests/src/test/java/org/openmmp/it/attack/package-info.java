/**
 * Attacks and broken peers against the whole program, in this process: a client that sends what it
 * likes, stores that answer what a script says, an embedded directory. The rows that tests name are
 * those of {@code docs/attacks.md}.
 *
 * <p>It may use the program's public entrance, the embedded directory, and the fixtures of {@link
 * org.openmmp.it.fixture}. Stores run on threads of their own, everything else on the test's.
 */
@NullMarked
package org.openmmp.it.attack;

import org.jspecify.annotations.NullMarked;
