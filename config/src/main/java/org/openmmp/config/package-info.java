/**
 * Reads settings from HOCON, with their defaults and their errors, into the core's own records and,
 * for what the core does not know, into records of its own.
 *
 * <p>The only package that knows Typesafe Config. It may use all of the core, which never looks
 * back. Records of settings are immutable and safe for any thread.
 */
@NullMarked
package org.openmmp.config;

import org.jspecify.annotations.NullMarked;
