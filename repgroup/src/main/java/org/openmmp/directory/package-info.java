/**
 * The port to the directory: a login name or an address goes in, a {@link
 * org.openmmp.directory.LookupResult} comes out.
 *
 * <p>It may use text and wire, and knows nothing of replication groups: a mail host leaves it as a
 * string. Methods may be called on any thread and never block.
 */
@NullMarked
package org.openmmp.directory;

import org.jspecify.annotations.NullMarked;
