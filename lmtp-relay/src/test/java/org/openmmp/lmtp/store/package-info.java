@NullMarked
package org.openmmp.lmtp.store;

import org.jspecify.annotations.NullMarked;
