package org.openmmp.transport;

import io.netty.channel.Channel;

/** Hears how a connect ended: exactly one of the two, on the event loop, unless cancelled. */
public interface StoreDialListener {
  /** The connection stands, under TLS if that is implicit; it is the listener's from now on. */
  void connected(Channel store);

  /** There is none. */
  void failed(ConnectFailure why);
}
