package org.openmmp.storesim.session;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslContext;
import org.openmmp.storesim.ProtocolEndpoint;
import org.openmmp.storesim.StoreNode;

/** A service of any name, protected in any way. */
public abstract class SessionEndpoint implements ProtocolEndpoint {
  private final String service;
  private final NodeTls tls;

  /** An endpoint of a service. */
  protected SessionEndpoint(String service, NodeTls tls) {
    this.service = service;
    this.tls = tls;
  }

  @Override
  public final String service() {
    return service;
  }

  /**
   * Fills a connection's pipeline: TLS where it is implicit, the framer, the session.
   *
   * @param line the class of a line, which the framer makes
   * @param first makes the phase that greets
   */
  protected final <L> void serve(
      Channel connection,
      StoreNode node,
      CommandFramer framer,
      Class<L> line,
      SessionHandler.FirstPhase<L> first) {
    ChannelPipeline pipeline = connection.pipeline();
    SslContext implicit = tls.implicit() ? tls.context() : null;
    if (implicit != null) {
      pipeline.addLast(implicit.newHandler(connection.alloc()));
    }
    pipeline.addLast(framer, new SessionHandler<>(node, tls, framer, line, first));
  }
}
