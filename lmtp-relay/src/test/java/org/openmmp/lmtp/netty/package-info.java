@NullMarked
package org.openmmp.lmtp.netty;

import org.jspecify.annotations.NullMarked;
