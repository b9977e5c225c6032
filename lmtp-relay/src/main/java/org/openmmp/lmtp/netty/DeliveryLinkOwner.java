package org.openmmp.lmtp.netty;

import org.openmmp.repgroup.AttemptOutcome;

/** Who hears what happens on a connection to a store. */
interface DeliveryLinkOwner {
  /** It stands, under TLS if that is implicit. */
  void connected(DeliveryLink link);

  /** The store sent something. */
  void received(DeliveryLink link, byte[] octets);

  /** TLS stands. */
  void secured(DeliveryLink link);

  /** It does not stand, or no more; told once. */
  void lost(DeliveryLink link, AttemptOutcome outcome, String reason);

  /** It takes more of a message again. */
  void writable(DeliveryLink link);
}
