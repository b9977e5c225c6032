/** Tests of the simulated store's LMTP part, on the test's own thread. */
@NullMarked
package org.openmmp.storesim.lmtp;

import org.jspecify.annotations.NullMarked;
