/**
 * Benchmarks: CPU and memory of the proxy and the relay beside HAProxy, nginx and Dovecot, in one
 * run, interleaved. They print figures and assert none; the tag {@code benchmark} keeps them out of
 * every build.
 */
@NullMarked
package org.openmmp.it.bench;

import org.jspecify.annotations.NullMarked;
