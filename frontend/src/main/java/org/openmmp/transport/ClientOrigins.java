package org.openmmp.transport;

import io.netty.channel.Channel;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import java.time.Duration;
import java.util.Map;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.ProxyProtocolConfig;
import org.openmmp.wire.NetworkSet;
import org.openmmp.wire.OpeningOctets.Kind;

/**
 * Finds out whose the connections of one listener are: the socket's peer's, or the client's that a
 * trusted load balancer announces by the PROXY protocol (rule B6.5). It also notices peers that
 * speak another protocol than the listener expects, which is how mistakes in a balancer's
 * configuration look from here.
 *
 * <p>A header is bounded in time and octets, and nothing of this stays in the pipeline of a
 * connection once its first octets are known. May be used on any thread.
 */
public final class ClientOrigins {
  /** Room for all that balancers add to the addresses. */
  private static final int LONGEST_ADDITIONS = 4_096;

  private static final Map<Kind, OpeningTrouble> BEFORE_HEADER =
      Map.of(Kind.TLS, OpeningTrouble.TLS_BEFORE_HEADER, Kind.OTHER, OpeningTrouble.NO_HEADER);

  private final boolean headerFirst;
  private final NetworkSet balancers;
  private final Duration headerLimit;
  private final Map<Kind, OpeningTrouble> troubles;
  private final OpeningLog log;

  /**
   * For one listener.
   *
   * @param implicitTls whether TLS comes first, or right behind the header
   */
  public ClientOrigins(ListenAddress at, ProxyProtocolConfig config, boolean implicitTls) {
    headerFirst = at.proxyProtocol();
    balancers = NetworkSet.parse(config.networks());
    headerLimit = config.timeout();
    troubles = troubles(headerFirst, implicitTls);
    log = new OpeningLog(at, System::nanoTime);
  }

  private static Map<Kind, OpeningTrouble> troubles(boolean headerFirst, boolean implicitTls) {
    if (implicitTls) {
      return Map.of(
          Kind.PROXY_HEADER,
          headerFirst ? OpeningTrouble.SECOND_HEADER : OpeningTrouble.HEADER_AT_TLS_PORT,
          Kind.OTHER,
          OpeningTrouble.PLAIN_AT_TLS_PORT);
    }
    return Map.of(
        Kind.PROXY_HEADER,
        headerFirst ? OpeningTrouble.SECOND_HEADER : OpeningTrouble.HEADER_AT_PLAIN_PORT,
        Kind.TLS,
        OpeningTrouble.TLS_AT_PLAIN_PORT);
  }

  /**
   * Finds out whose an accepted connection is; on its event loop, before it has any handler that
   * reads. A connection that may not be here is closed, and told to the log.
   */
  public void find(Channel accepted, OriginListener listener) {
    ClientOrigin socket = ClientOrigin.ofSocket(accepted);
    if (!headerFirst) {
      letIn(accepted, socket, listener);
    } else if (balancers.contains(socket.client().getAddress())) {
      awaitHeader(accepted, socket, listener);
    } else {
      refuse(accepted, OpeningTrouble.STRANGER);
    }
  }

  private void awaitHeader(Channel accepted, ClientOrigin socket, OriginListener listener) {
    ProxyHeaderHandler.Ending ending =
        new ProxyHeaderHandler.Ending() {
          @Override
          public void announced(ClientOrigin origin) {
            letIn(accepted, origin, listener);
          }

          @Override
          public void refused(OpeningTrouble why) {
            refuse(accepted, why);
          }
        };
    accepted
        .pipeline()
        .addLast(new OpeningHandler(BEFORE_HEADER, why -> refuse(accepted, why)))
        .addLast(new HAProxyMessageDecoder(LONGEST_ADDITIONS))
        .addLast(new ProxyHeaderHandler(socket, headerLimit, ending));
    accepted.read();
  }

  /** What the first octets are is looked at ahead of all that the listener has added, TLS too. */
  private void letIn(Channel accepted, ClientOrigin origin, OriginListener listener) {
    listener.known(origin);
    accepted
        .pipeline()
        .addFirst(
            new OpeningHandler(
                troubles,
                why -> {
                  log.tell(why, accepted.remoteAddress());
                  listener.misdialled();
                }));
  }

  private void refuse(Channel accepted, OpeningTrouble why) {
    log.tell(why, accepted.remoteAddress());
    accepted.close();
  }
}
