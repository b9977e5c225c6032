package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;

/** An embedded channel with the two ends of a socket. */
final class AcceptedChannel extends EmbeddedChannel {
  private final SocketAddress client;
  private final SocketAddress server;

  AcceptedChannel(String client, String server) {
    super();
    this.client = new InetSocketAddress(client, 4711);
    this.server = new InetSocketAddress(server, 143);
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return client;
  }

  @Override
  protected SocketAddress localAddress0() {
    return server;
  }

  /** Octets as one read brings them. */
  static ByteBuf octets(String text) {
    return Unpooled.buffer().writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
