/**
 * The two grammars that every room shares: what text may be shown, and what text is an address.
 *
 * <p>It may use {@code java.*} only, asks no name server and keeps nothing.
 */
@NullMarked
package org.openmmp.text;

import org.jspecify.annotations.NullMarked;
