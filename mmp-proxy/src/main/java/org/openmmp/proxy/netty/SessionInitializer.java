package org.openmmp.proxy.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.openmmp.config.ClearTextPasswords;
import org.openmmp.guard.Admission;
import org.openmmp.proxy.session.ClientFacts;
import org.openmmp.proxy.session.Farewell;
import org.openmmp.proxy.session.FrontEndSession;
import org.openmmp.transport.OpenSessions;
import org.openmmp.transport.TlsFailure;
import org.openmmp.transport.TlsListener;

/** Makes a session of each accepted connection, or turns it away at the limit (rule B6.7). */
public final class SessionInitializer extends ChannelInitializer<SocketChannel> {
  private static final int RADIX = 36;
  private static final int PROXY_TTL = 10;
  private static final AtomicLong NEXT_ID =
      new AtomicLong(ThreadLocalRandom.current().nextLong(1L << 40));

  private final SessionParts parts;
  private final OpenSessions sessions;
  private final boolean implicitTls;
  private final ClearTextPasswords clearTextPasswords;

  /**
   * For one listener.
   *
   * @param implicitTls whether TLS comes first
   */
  public SessionInitializer(
      SessionParts parts,
      OpenSessions sessions,
      boolean implicitTls,
      ClearTextPasswords clearTextPasswords) {
    this.parts = parts;
    this.sessions = sessions;
    this.implicitTls = implicitTls;
    this.clearTextPasswords = clearTextPasswords;
  }

  @Override
  protected void initChannel(SocketChannel client) {
    if (client.remoteAddress() == null || client.localAddress() == null) {
      client.close(); // it was reset before it was accepted
      return;
    }
    InetAddress address = client.remoteAddress().getAddress();
    Admission admission = parts.frontEnd().guards().limits().admitConnection(address);
    if (!admission.admitted()) {
      turnAway(client);
      return;
    }
    // Who sends all its commands and then closes its direction is served nevertheless.
    client.config().setAllowHalfClosure(true);
    FrontEndSession session =
        new FrontEndSession(parts.frontEnd(), factsOf(client), System.nanoTime());
    SessionDriver driver = new SessionDriver(parts, client, session);
    sessions.add(driver);
    client
        .closeFuture()
        .addListener(
            closed -> {
              sessions.remove(driver);
              admission.permit().close();
            });
    client.pipeline().addLast(new ClientHandler(driver));
    if (implicitTls) {
      beginTls(client, driver);
    } else {
      driver.open("");
    }
  }

  private void beginTls(Channel client, SessionDriver driver) {
    parts.startTls(
        client,
        new TlsListener() {
          @Override
          public void secured() {
            driver.open(parts.certificateNameOf(client));
          }

          @Override
          public void failed(TlsFailure why) {
            driver.clientGone("TLS: " + why.reason());
          }
        });
  }

  /** A few octets and a close; under implicit TLS only the close, for a handshake is not cheap. */
  private void turnAway(SocketChannel client) {
    byte[] words =
        implicitTls ? new byte[0] : parts.frontEnd().protocol().lastWords(Farewell.OVER_LIMIT);
    client.write(Unpooled.wrappedBuffer(words));
    BoundedClose.behindPending(client);
  }

  private ClientFacts factsOf(SocketChannel client) {
    InetAddress from = client.remoteAddress().getAddress();
    return new ClientFacts(
        Long.toString(NEXT_ID.getAndIncrement(), RADIX),
        textOf(from),
        client.remoteAddress().getPort(),
        textOf(client.localAddress().getAddress()),
        client.localAddress().getPort(),
        implicitTls,
        "",
        switch (clearTextPasswords) {
          case NEVER -> false;
          case LOOPBACK -> from.isLoopbackAddress();
          case ALWAYS -> true;
        },
        PROXY_TTL);
  }

  /** Text form without a zone, which means something on this machine only. */
  private static String textOf(InetAddress address) {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }
}
