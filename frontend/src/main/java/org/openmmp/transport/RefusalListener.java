package org.openmmp.transport;

import java.net.InetAddress;

/**
 * Who hears of the clients that one listener refuses (rule B8.8). On any thread; must not block.
 */
@FunctionalInterface
public interface RefusalListener {
  /**
   * A client, or one of its commands, was refused.
   *
   * @param client whose connection it is: the socket's peer, or whom a trusted load balancer
   *     announced
   * @param port the client's port
   * @param detail what else is known, in one clause of ours or of the client's; may be empty
   */
  void refused(Refusal why, InetAddress client, int port, String detail);
}
