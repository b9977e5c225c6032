/**
 * Typed settings: records that are read from HOCON, with their defaults and their errors.
 *
 * <p>The only package that knows Typesafe Config. Its records are plain values that any package may
 * read; they are immutable and safe for any thread.
 */
@NullMarked
package org.openmmp.config;

import org.jspecify.annotations.NullMarked;
