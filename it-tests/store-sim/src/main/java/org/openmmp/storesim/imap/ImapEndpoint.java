package org.openmmp.storesim.imap;

import io.netty.channel.Channel;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.session.NodeTls;
import org.openmmp.storesim.session.SessionEndpoint;

/** IMAP on one port of every node of a group. */
public final class ImapEndpoint extends SessionEndpoint {
  /** The service of the usual port. */
  public static final String IMAP = "imap";

  /** An endpoint of the service {@code imap}. */
  public ImapEndpoint(NodeTls tls) {
    this(IMAP, tls);
  }

  /** An endpoint of any service name. */
  public ImapEndpoint(String service, NodeTls tls) {
    super(service, tls);
  }

  @Override
  public void serve(Channel connection, StoreNode node) {
    serve(
        connection,
        node,
        new ImapLineFramer(),
        ImapLine.class,
        (ctx, session) -> new ImapLoginPhase(service(), new ImapOutput(ctx), session));
  }
}
