package org.openmmp.transport;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Whose a connection is.
 *
 * @param client where the client is
 * @param server the address that the client connected to
 * @param onThisMachine whether the client is on this machine, and no other was in between
 * @param balancerTls what is known of the TLS that ended at a load balancer; null if none did
 */
public record ClientOrigin(
    InetSocketAddress client,
    InetSocketAddress server,
    boolean onThisMachine,
    @Nullable TlsFacts balancerTls) {

  /** The two ends of the socket. */
  static ClientOrigin ofSocket(Channel accepted) {
    InetSocketAddress peer = (InetSocketAddress) accepted.remoteAddress();
    return new ClientOrigin(
        peer,
        (InetSocketAddress) accepted.localAddress(),
        peer.getAddress().isLoopbackAddress(),
        null);
  }
}
