/**
 * Reads settings out of texts that were written for another product: recipes and command lines
 * (rule B7.2). Nothing in such a text is ever executed.
 *
 * <p>It may use {@code java.*} only and does not judge what an option means. Its values are
 * immutable; every method may be called on any thread.
 */
@NullMarked
package org.openmmp.config.imported;

import org.jspecify.annotations.NullMarked;
