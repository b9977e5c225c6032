/** Tests of the simulated group and the directory; they block on sockets and use no fixed port. */
@NullMarked
package org.openmmp.storesim;

import org.jspecify.annotations.NullMarked;
