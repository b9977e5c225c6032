/** The relay on sockets: a real server, stores that follow scripts, and clients by hand. */
@NullMarked
package org.openmmp.lmtp;

import org.jspecify.annotations.NullMarked;
