package org.openmmp.transport;

import io.netty.channel.Channel;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
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

  private static final Map<Kind, Refusal> BEFORE_HEADER =
      Map.of(Kind.TLS, Refusal.TLS_BEFORE_HEADER, Kind.OTHER, Refusal.NO_HEADER);

  private final boolean headerFirst;
  private final NetworkSet balancers;
  private final Duration headerLimit;
  private final Map<Kind, Refusal> troubles;
  private final RefusalListener refusals;

  /**
   * For one listener.
   *
   * @param implicitTls whether TLS comes first, or right behind the header
   * @param refusals hears of connections that may not be here
   */
  public ClientOrigins(
      ListenAddress at, ProxyProtocolConfig config, boolean implicitTls, RefusalListener refusals) {
    headerFirst = at.proxyProtocol();
    balancers = config.networks();
    headerLimit = config.timeout();
    troubles = troubles(headerFirst, implicitTls);
    this.refusals = refusals;
  }

  private static Map<Kind, Refusal> troubles(boolean headerFirst, boolean implicitTls) {
    if (implicitTls) {
      return Map.of(
          Kind.PROXY_HEADER,
          headerFirst ? Refusal.SECOND_HEADER : Refusal.HEADER_AT_TLS_PORT,
          Kind.OTHER,
          Refusal.PLAIN_AT_TLS_PORT);
    }
    return Map.of(
        Kind.PROXY_HEADER,
        headerFirst ? Refusal.SECOND_HEADER : Refusal.HEADER_AT_PLAIN_PORT,
        Kind.TLS,
        Refusal.TLS_AT_PLAIN_PORT);
  }

  /**
   * Finds out whose an accepted connection is; on its event loop, before it has any handler that
   * reads. A connection that may not be here is closed, and told to the listener of refusals.
   *
   * @param known hears it, at most once; handlers that it adds get all that the client sends, and
   *     read when they want to
   * @param misdialled runs after it if the client's first octets are of another protocol than the
   *     port's, which are dropped and told to the listener of refusals
   */
  public void find(Channel accepted, Consumer<ClientOrigin> known, Runnable misdialled) {
    ClientOrigin socket = ClientOrigin.ofSocket(accepted);
    if (!headerFirst) {
      letIn(accepted, socket, known, misdialled);
    } else if (balancers.contains(socket.client().getAddress())) {
      accepted
          .pipeline()
          .addLast(new OpeningHandler(BEFORE_HEADER, why -> refuse(accepted, socket, why)))
          .addLast(new HAProxyMessageDecoder(LONGEST_ADDITIONS))
          .addLast(
              new ProxyHeaderHandler(
                  socket,
                  headerLimit,
                  origin -> letIn(accepted, origin, known, misdialled),
                  why -> refuse(accepted, socket, why)));
      accepted.read();
    } else {
      refuse(accepted, socket, Refusal.STRANGER);
    }
  }

  /** What the first octets are is looked at ahead of all that the listener has added, TLS too. */
  private void letIn(
      Channel accepted, ClientOrigin origin, Consumer<ClientOrigin> known, Runnable misdialled) {
    known.accept(origin);
    accepted
        .pipeline()
        .addFirst(
            new OpeningHandler(
                troubles,
                why -> {
                  tell(origin, why);
                  misdialled.run();
                }));
  }

  private void refuse(Channel accepted, ClientOrigin origin, Refusal why) {
    tell(origin, why);
    accepted.close();
  }

  private void tell(ClientOrigin origin, Refusal why) {
    refusals.refused(why, origin.client().getAddress(), origin.client().getPort(), "");
  }
}
