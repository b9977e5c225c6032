package org.openmmp.proxy.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.ClearTextPasswords;
import org.openmmp.guard.Admission;
import org.openmmp.guard.BeforeLogin;
import org.openmmp.guard.ConnectionLimits;
import org.openmmp.guard.Permit;
import org.openmmp.proxy.session.ClientFacts;
import org.openmmp.proxy.session.Farewell;
import org.openmmp.proxy.session.FrontEndSession;
import org.openmmp.text.AddressLiteral;
import org.openmmp.transport.BoundedClose;
import org.openmmp.transport.ClearedBuffers;
import org.openmmp.transport.ClientHandler;
import org.openmmp.transport.ClientOrigin;
import org.openmmp.transport.ClientOrigins;
import org.openmmp.transport.OpenSessions;
import org.openmmp.transport.OriginListener;
import org.openmmp.transport.Refusal;

/**
 * Makes a session of each accepted connection once it is known whose it is, or turns it away at a
 * limit (rules B6.3, B6.7).
 */
public final class SessionInitializer extends ChannelInitializer<SocketChannel> {
  private static final int RADIX = 36;
  private static final int PROXY_TTL = 10;
  private static final AtomicLong NEXT_ID =
      new AtomicLong(ThreadLocalRandom.current().nextLong(1L << 40));

  private final SessionParts parts;
  private final OpenSessions sessions;
  private final ClientOrigins origins;
  private final boolean implicitTls;
  private final ClearTextPasswords clearTextPasswords;

  /**
   * For one listener.
   *
   * @param origins finds out whose a connection is
   * @param implicitTls whether TLS comes first
   */
  public SessionInitializer(
      SessionParts parts,
      OpenSessions sessions,
      ClientOrigins origins,
      boolean implicitTls,
      ClearTextPasswords clearTextPasswords) {
    this.parts = parts;
    this.sessions = sessions;
    this.origins = origins;
    this.implicitTls = implicitTls;
    this.clearTextPasswords = clearTextPasswords;
  }

  @Override
  protected void initChannel(SocketChannel client) {
    if (client.remoteAddress() == null || client.localAddress() == null) {
      client.close(); // it was reset before it was accepted
      return;
    }
    Admission place = limits().admitConnection();
    if (!place.admitted()) {
      // Whose it is stands behind a header that is not waited for: the socket's peer is told.
      InetSocketAddress peer = client.remoteAddress();
      parts.refusals().refused(Refusal.OVER_CONNECTIONS, peer.getAddress(), peer.getPort(), "");
      turnAway(client);
      return;
    }
    client.closeFuture().addListener(closed -> place.permit().close());
    ClearedBuffers.useAt(client);
    // Who sends all its commands and then closes its direction is served nevertheless.
    client.config().setAllowHalfClosure(true);
    origins.find(client, new Arrival(client, place.permit()));
  }

  private ConnectionLimits limits() {
    return parts.frontEnd().guards().limits();
  }

  /** One accepted connection until its session goes on by itself. */
  private final class Arrival implements OriginListener {
    private final SocketChannel client;
    private final Permit connection;
    private @Nullable SessionDriver driver;

    Arrival(SocketChannel client, Permit connection) {
      this.client = client;
      this.connection = connection;
    }

    @Override
    public void known(ClientOrigin origin) {
      Admission admission = limits().admitClient(origin.client().getAddress());
      if (!admission.admitted()) {
        parts.refused(Refusal.OVER_CONNECTIONS_OF_ADDRESS, origin, "");
        turnAway(client);
        return;
      }
      BeforeLogin.Place beforeLogin = limits().beforeLogin().enter();
      if (beforeLogin == null) {
        admission.permit().close();
        parts.refused(Refusal.OVER_BEFORE_LOGIN, origin, "");
        turnAway(client);
        return;
      }
      FrontEndSession session =
          new FrontEndSession(parts.frontEnd(), factsOf(origin), System.nanoTime());
      SessionDriver begun =
          new SessionDriver(
              parts, client, origin, session, connection, admission.permit(), beforeLogin);
      driver = begun;
      sessions.add(begun);
      client
          .closeFuture()
          .addListener(
              closed -> {
                sessions.remove(begun);
                admission.permit().close();
                begun.settle();
              });
      client.pipeline().addLast(new ClientHandler(begun));
      if (implicitTls) {
        parts.startTls(client, begun);
      } else {
        begun.open();
      }
    }

    @Override
    public void misdialled() {
      if (driver != null) {
        driver.end(Farewell.PROTOCOL_ABUSE);
      }
    }
  }

  /** A few octets and a close; under implicit TLS only the close, for a handshake is not cheap. */
  private void turnAway(SocketChannel client) {
    byte[] words =
        implicitTls ? new byte[0] : parts.frontEnd().protocol().lastWords(Farewell.OVER_LIMIT);
    client.write(Unpooled.wrappedBuffer(words));
    BoundedClose.behindPending(client);
  }

  private ClientFacts factsOf(ClientOrigin origin) {
    return new ClientFacts(
        Long.toString(NEXT_ID.getAndIncrement(), RADIX),
        AddressLiteral.textOf(origin.client().getAddress()),
        origin.client().getPort(),
        AddressLiteral.textOf(origin.server().getAddress()),
        origin.server().getPort(),
        implicitTls || origin.balancerTls() != null,
        "",
        switch (clearTextPasswords) {
          case NEVER -> false;
          case LOOPBACK -> origin.onThisMachine();
          case ALWAYS -> true;
        },
        PROXY_TTL);
  }
}
