/** The relay without sockets: sessions, transactions, deliveries, against simulated stores. */
@NullMarked
package org.openmmp.lmtp.transaction;

import org.jspecify.annotations.NullMarked;
