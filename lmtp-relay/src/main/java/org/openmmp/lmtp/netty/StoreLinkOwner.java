package org.openmmp.lmtp.netty;

import org.openmmp.repgroup.AttemptOutcome;

/** Who hears what happens on a connection to a store. */
interface StoreLinkOwner {
  /** It stands, under TLS if that is implicit. */
  void connected(StoreLink link);

  /** The store sent something. */
  void received(StoreLink link, byte[] octets);

  /** TLS stands. */
  void secured(StoreLink link);

  /** It does not stand, or no more; told once. */
  void lost(StoreLink link, AttemptOutcome outcome, String reason);

  /** It takes more of a message again. */
  void writable(StoreLink link);
}
