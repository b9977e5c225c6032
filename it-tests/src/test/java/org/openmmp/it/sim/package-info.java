/**
 * Tests of the whole proxy, in this process, in front of simulated stores and an embedded
 * directory: who served, and how many attempts, connections and logins each host got.
 *
 * <p>They may use the program's entry, its selector, the simulated site and the fixtures for real
 * servers. They run on the test's thread and on threads that a test starts itself.
 */
@NullMarked
package org.openmmp.it.sim;

import org.jspecify.annotations.NullMarked;
