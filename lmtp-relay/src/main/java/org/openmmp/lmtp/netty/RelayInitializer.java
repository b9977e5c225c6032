package org.openmmp.lmtp.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.Admission;
import org.openmmp.guard.ConnectionLimits;
import org.openmmp.lmtp.transaction.RelayClient;
import org.openmmp.lmtp.transaction.RelayFarewell;
import org.openmmp.lmtp.transaction.RelaySession;
import org.openmmp.text.AddressLiteral;
import org.openmmp.transport.BoundedClose;
import org.openmmp.transport.ClientHandler;
import org.openmmp.transport.ClientOrigin;
import org.openmmp.transport.ClientOrigins;
import org.openmmp.transport.OpenSessions;
import org.openmmp.transport.OriginListener;
import org.openmmp.transport.Refusal;
import org.openmmp.transport.RefusalListener;
import org.openmmp.wire.NetworkSet;

/**
 * Makes a session of each accepted connection once it is known whose it is, if it may come in
 * (rules B5.1, B6.3, B6.7).
 */
public final class RelayInitializer extends ChannelInitializer<SocketChannel> {
  private static final int RADIX = 36;
  private static final AtomicLong NEXT_ID =
      new AtomicLong(ThreadLocalRandom.current().nextLong(1L << 40));

  private final RelayParts parts;
  private final OpenSessions sessions;
  private final ClientOrigins origins;
  private final ConnectionLimits limits;
  private final RefusalListener refusals;
  private final NetworkSet networks;
  private final NetworkSet trusted;
  private final Set<RelayDriver> drivers = ConcurrentHashMap.newKeySet();

  /**
   * For one listener.
   *
   * @param origins finds out whose a connection is
   * @param refusals hears of clients that are turned away
   */
  public RelayInitializer(
      RelayParts parts,
      OpenSessions sessions,
      ConnectionLimits limits,
      ClientOrigins origins,
      RefusalListener refusals) {
    this.parts = parts;
    this.sessions = sessions;
    this.origins = origins;
    this.limits = limits;
    this.refusals = refusals;
    var clients = parts.settings().config().clients();
    this.networks = NetworkSet.parse(clients.networks());
    this.trusted = NetworkSet.parse(clients.trusted());
  }

  /**
   * Tells each session goodbye once its transaction is over, for MTAs keep connections for long.
   */
  public void endWhenIdle() {
    drivers.forEach(RelayDriver::endWhenIdle);
  }

  @Override
  protected void initChannel(SocketChannel client) {
    if (client.remoteAddress() == null || client.localAddress() == null) {
      client.close(); // it was reset before it was accepted
      return;
    }
    Admission place = limits.admitConnection();
    if (!place.admitted()) {
      // Whose it is stands behind a header that is not waited for: the socket's peer is told.
      InetSocketAddress peer = client.remoteAddress();
      refusals.refused(Refusal.OVER_CONNECTIONS, peer.getAddress(), peer.getPort(), "");
      turnAway(client, RelayFarewell.OVER_LIMIT);
      return;
    }
    client.closeFuture().addListener(closed -> place.permit().close());
    // Who says everything up to QUIT and ends its direction gets its replies nevertheless.
    client.config().setAllowHalfClosure(true);
    origins.find(client, new Arrival(client));
  }

  /** One accepted connection until its session goes on by itself. */
  private final class Arrival implements OriginListener {
    private final SocketChannel client;
    private @Nullable RelayDriver driver;

    Arrival(SocketChannel client) {
      this.client = client;
    }

    @Override
    public void known(ClientOrigin origin) {
      if (!networks.contains(origin.client().getAddress())) {
        refused(Refusal.NOT_LISTED, origin);
        turnAway(client, RelayFarewell.NOT_LISTED);
        return;
      }
      Admission admission = limits.admitClient(origin.client().getAddress());
      if (!admission.admitted()) {
        refused(Refusal.OVER_CONNECTIONS_OF_ADDRESS, origin);
        turnAway(client, RelayFarewell.OVER_LIMIT);
        return;
      }
      RelaySession session =
          new RelaySession(parts.relayAt(client.eventLoop()), describe(origin), System.nanoTime());
      RelayDriver begun = new RelayDriver(parts, client, origin, refusals, session);
      driver = begun;
      sessions.add(begun);
      drivers.add(begun);
      client
          .closeFuture()
          .addListener(
              closed -> {
                sessions.remove(begun);
                drivers.remove(begun);
                admission.permit().close();
              });
      ClientHandler handler = new ClientHandler(begun);
      client.pipeline().addLast(handler);
      JoinedWrites.before(client.pipeline().context(handler));
      begun.open();
    }

    @Override
    public void misdialled() {
      if (driver != null) {
        driver.end(RelayFarewell.PROTOCOL_ABUSE);
      }
    }
  }

  private void refused(Refusal why, ClientOrigin origin) {
    refusals.refused(why, origin.client().getAddress(), origin.client().getPort(), "");
  }

  private static void turnAway(SocketChannel client, RelayFarewell why) {
    client.write(Unpooled.wrappedBuffer(why.octets()));
    BoundedClose.behindPending(client);
  }

  private RelayClient describe(ClientOrigin origin) {
    InetAddress from = origin.client().getAddress();
    boolean tls = origin.balancerTls() != null;
    return new RelayClient(
        Long.toString(NEXT_ID.getAndIncrement(), RADIX),
        AddressLiteral.textOf(from),
        AddressLiteral.textOf(origin.server().getAddress()),
        tls,
        trusted.contains(from),
        !tls && parts.mayStartTls(),
        Map.of());
  }
}
