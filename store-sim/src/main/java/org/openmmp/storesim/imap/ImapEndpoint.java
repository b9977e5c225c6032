package org.openmmp.storesim.imap;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslContext;
import org.openmmp.storesim.ProtocolEndpoint;
import org.openmmp.storesim.StoreNode;

/** IMAP on one port of every node of a group. */
public final class ImapEndpoint implements ProtocolEndpoint {
  /** The service of the usual port. */
  public static final String IMAP = "imap";

  private final String service;
  private final StoreTls tls;

  /** An endpoint of the service {@code imap}. */
  public ImapEndpoint(StoreTls tls) {
    this(IMAP, tls);
  }

  /** An endpoint of any service name. */
  public ImapEndpoint(String service, StoreTls tls) {
    this.service = service;
    this.tls = tls;
  }

  @Override
  public String service() {
    return service;
  }

  @Override
  public void serve(Channel connection, StoreNode node) {
    ChannelPipeline pipeline = connection.pipeline();
    SslContext context = tls.context();
    if (tls.implicit() && context != null) {
      pipeline.addLast(context.newHandler(connection.alloc()));
    }
    ImapLineFramer framer = new ImapLineFramer();
    pipeline.addLast(framer);
    pipeline.addLast(new ImapConnectionHandler(node, service, tls, framer));
  }
}
