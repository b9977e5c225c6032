/**
 * What the front ends of a site tell each other through a Valkey or Redis server: who they are,
 * what they learnt of stores, what administrators want of all of them. It is the only room that
 * knows Lettuce, and only {@code program} knows it; nothing here is loaded where {@code
 * openmmp.shared.url} is not set. Everything is done on a thread of its own; nobody waits for it.
 */
@NullMarked
package org.openmmp.shared;

import org.jspecify.annotations.NullMarked;
