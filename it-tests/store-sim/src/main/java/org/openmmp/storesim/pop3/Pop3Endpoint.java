package org.openmmp.storesim.pop3;

import io.netty.channel.Channel;
import java.util.List;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.session.ClientLineFramer;
import org.openmmp.storesim.session.LoginProof;
import org.openmmp.storesim.session.NodeTls;
import org.openmmp.storesim.session.SessionEndpoint;

/** POP3 on one port of every node of a group. */
public final class Pop3Endpoint extends SessionEndpoint {
  /** The service of the usual port. */
  public static final String POP3 = "pop3";

  private final List<String> mechanisms;

  /** An endpoint of the service {@code pop3}. */
  public Pop3Endpoint(NodeTls tls) {
    this(POP3, tls);
  }

  /** An endpoint of any service name. */
  public Pop3Endpoint(String service, NodeTls tls) {
    this(service, tls, LoginProof.MECHANISMS);
  }

  private Pop3Endpoint(String service, NodeTls tls, List<String> mechanisms) {
    super(service, tls);
    this.mechanisms = mechanisms;
  }

  /** An endpoint of the service {@code pop3} that takes USER and PASS, and no AUTH. */
  public static Pop3Endpoint withoutSasl(NodeTls tls) {
    return new Pop3Endpoint(POP3, tls, List.of());
  }

  @Override
  public void serve(Channel connection, StoreNode node) {
    serve(
        connection,
        node,
        new ClientLineFramer(),
        String.class,
        (ctx, session) -> new Pop3LoginPhase(service(), mechanisms, new Pop3Output(ctx), session));
  }
}
