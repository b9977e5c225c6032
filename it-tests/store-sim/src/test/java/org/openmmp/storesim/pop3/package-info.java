/** Tests of POP3 at simulated stores; they block on sockets and use no fixed port. */
@NullMarked
package org.openmmp.storesim.pop3;

import org.jspecify.annotations.NullMarked;
