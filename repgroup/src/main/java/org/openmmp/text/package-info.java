/**
 * What every room shares: which text may be shown, which is hidden, and which is an address.
 *
 * <p>It may use {@code java.*} only, asks no name server and keeps nothing.
 */
@NullMarked
package org.openmmp.text;

import org.jspecify.annotations.NullMarked;
