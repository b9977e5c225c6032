package org.openmmp.storesim;

import io.netty.channel.Channel;

/**
 * What a node speaks on one port: one service of one protocol. One endpoint serves all nodes of a
 * group.
 */
public interface ProtocolEndpoint {
  /** The service's name, such as {@code imap}; each endpoint of a group has its own. */
  String service();

  /**
   * Adds the protocol's handlers to the pipeline of a connection that the node just accepted.
   * Called on the connection's event loop, before it becomes active.
   */
  void serve(Channel connection, StoreNode node);
}
