/**
 * Octets from outside, of any kind, to each reader that meets them: a corpus, what a seeded mutator
 * makes of it, and entry points for a fuzzer that is guided by coverage.
 */
@NullMarked
package org.openmmp.it.fuzz;

import org.jspecify.annotations.NullMarked;
