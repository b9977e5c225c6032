package org.openmmp.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;

/**
 * Puts TLS into a live connection: at STARTTLS, or as soon as it stands where TLS is implicit.
 *
 * <p>Everything that was read before has been handed up already, and it is the dialogue that drops
 * it (rule B6.2); what is read from then on goes to TLS first, so that no octet in the clear can
 * come behind the handshake.
 */
public final class TlsUpgrade {
  private TlsUpgrade() {}

  /**
   * Begins TLS with a client. What was written before leaves in the clear, before the handshake.
   *
   * @param limit for the whole handshake, a ClientHello that trickles in included (row T10)
   */
  public static void ofClient(Channel client, ServerTls tls, Duration limit, TlsListener listener) {
    client.flush();
    ChannelPipeline pipeline = client.pipeline();
    pipeline.addFirst(new HandshakeWatch(listener, null));
    pipeline.addFirst(tls.helloHandler(limit));
    client.read();
  }

  /**
   * Begins TLS with a store. What was written before leaves in the clear, before the handshake.
   *
   * @param target says which certificate is believed, and by which name
   * @param limit for the whole handshake
   */
  public static void ofStore(
      Channel store, StoreTarget target, Duration limit, TlsListener listener) {
    SslHandler handler =
        target.trust().handler(store.alloc(), target.host(), target.port(), target.tls());
    handler.setHandshakeTimeoutMillis(0); // the watch has the limit
    store.flush();
    ChannelPipeline pipeline = store.pipeline();
    pipeline.addFirst(new HandshakeWatch(listener, limit));
    pipeline.addFirst(handler);
    store.read();
  }
}
