@NullMarked
package org.openmmp.lmtp.protocol;

import org.jspecify.annotations.NullMarked;
