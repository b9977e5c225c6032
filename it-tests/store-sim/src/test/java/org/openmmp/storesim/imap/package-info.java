/** Tests of the simulated store's imap part, on the test's own thread. */
@NullMarked
package org.openmmp.storesim.imap;

import org.jspecify.annotations.NullMarked;
