/**
 * The demo: an embedded directory, two simulated groups, the real proxy and the real relay in one
 * process, with a prompt that breaks the stores and tells what the proxy makes of it.
 *
 * <p>It may use everything. All of it runs on the main thread; stores and proxy have threads of
 * their own.
 */
@NullMarked
package org.openmmp.storesim.demo;

import org.jspecify.annotations.NullMarked;
