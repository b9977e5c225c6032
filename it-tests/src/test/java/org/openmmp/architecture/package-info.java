/**
 * The walls of the house as tests: which package may know which, which names are not used, and
 * where time and randomness may come from. Reads the compiled classes of every module; runs on the
 * test's thread.
 */
@NullMarked
package org.openmmp.architecture;

import org.jspecify.annotations.NullMarked;
