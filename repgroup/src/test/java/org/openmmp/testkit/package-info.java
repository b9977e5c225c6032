/** Fixtures that tests of several packages share. They depend on {@code java.*} only. */
@NullMarked
package org.openmmp.testkit;

import org.jspecify.annotations.NullMarked;
