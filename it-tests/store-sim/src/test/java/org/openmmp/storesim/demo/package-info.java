/** Tests of the demo, with the real proxy in this process; they block on sockets. */
@NullMarked
package org.openmmp.storesim.demo;

import org.jspecify.annotations.NullMarked;
