package org.openmmp.storesim.pop3;

import io.netty.channel.Channel;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.session.LineFramer;
import org.openmmp.storesim.session.SessionEndpoint;
import org.openmmp.storesim.session.StoreTls;

/** POP3 on one port of every node of a group. */
public final class Pop3Endpoint extends SessionEndpoint {
  /** The service of the usual port. */
  public static final String POP3 = "pop3";

  /** An endpoint of the service {@code pop3}. */
  public Pop3Endpoint(StoreTls tls) {
    this(POP3, tls);
  }

  /** An endpoint of any service name. */
  public Pop3Endpoint(String service, StoreTls tls) {
    super(service, tls);
  }

  @Override
  public void serve(Channel connection, StoreNode node) {
    serve(
        connection,
        node,
        new LineFramer(),
        String.class,
        (ctx, session) -> new Pop3LoginPhase(service(), new Pop3Output(ctx), session));
  }
}
