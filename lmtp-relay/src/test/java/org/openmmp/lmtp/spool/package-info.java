@NullMarked
package org.openmmp.lmtp.spool;

import org.jspecify.annotations.NullMarked;
