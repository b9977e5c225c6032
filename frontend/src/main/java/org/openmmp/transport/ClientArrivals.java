package org.openmmp.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.BeforeLogin;
import org.openmmp.guard.ConnectionLimits;
import org.openmmp.guard.Farewell;
import org.openmmp.guard.Permit;
import org.openmmp.wire.Network;
import org.openmmp.wire.NetworkSet;

/**
 * Lets the clients of one listener in: makes a session of each connection once it is known whose it
 * is, or turns it away (rules B5.1, B6.3, B6.7), and gives its places back when it has gone.
 */
public final class ClientArrivals extends ChannelInitializer<SocketChannel> {
  private static final int RADIX = 36;

  /** Names of sessions are numbers of so many bits. */
  private static final int NAME_BITS = 46;

  private static final int MOST_NAME_CHARS = 10;

  private static final AtomicLong NEXT_NUMBER =
      new AtomicLong(ThreadLocalRandom.current().nextLong(1L << NAME_BITS));

  /** Odd, so that no two numbers have the same name; by chance, so that names tell no number. */
  private static final long STRIDE = ThreadLocalRandom.current().nextLong(1L << NAME_BITS) | 1;

  private static final Duration HANDSHAKE_LIMIT = Duration.ofSeconds(10);

  /** What only the server knows of its sessions; on the event loop of the client's connection. */
  public interface Server {
    /** The words for a client that is turned away. */
    byte[] lastWords(Farewell why);

    /** A session for a client that was let in; it is opened later. */
    ClientSession session(Arrival client);
  }

  /**
   * How clients come in at one listener.
   *
   * @param implicitTls whether TLS comes first
   * @param tls towards clients as it is now, asked for at each handshake; null if no certificate is
   *     configured
   * @param logins whether passwords are sent here: places before login are counted, and buffers are
   *     overwritten; else what is said in one turn of the event loop leaves together
   * @param networks whose clients are served; null: all
   * @param refusals hears of clients that are turned away
   */
  public record Door(
      boolean implicitTls,
      Supplier<@Nullable ServerTls> tls,
      boolean logins,
      @Nullable NetworkSet networks,
      RefusalListener refusals) {}

  private final Door door;
  private final ClientOrigins origins;
  private final ConnectionLimits limits;
  private final OpenSessions sessions;
  private final Server server;

  /**
   * For one listener.
   *
   * @param origins finds out whose a connection is
   * @param sessions where the sessions stand while they are open
   */
  public ClientArrivals(
      Door door,
      ClientOrigins origins,
      ConnectionLimits limits,
      OpenSessions sessions,
      Server server) {
    this.door = door;
    this.origins = origins;
    this.limits = limits;
    this.sessions = sessions;
    this.server = server;
  }

  @Override
  protected void initChannel(SocketChannel client) {
    if (client.remoteAddress() == null || client.localAddress() == null) {
      client.close(); // it was reset before it was accepted
      return;
    }
    Permit place = limits.admitConnection();
    if (place == null) {
      // Whose it is stands behind a header that is not waited for: the socket's peer is told.
      turnAway(client, client.remoteAddress(), Refusal.OVER_CONNECTIONS);
      return;
    }
    Arrival arrival = new Arrival(client, place);
    client.closeFuture().addListener(closed -> arrival.gone());
    if (door.logins()) {
      ClearedBuffers.useAt(client);
    }
    // Who sends all its commands and then ends its direction is served nevertheless.
    client.config().setAllowHalfClosure(true);
    origins.find(client, arrival::known, arrival::misdialled);
  }

  /** A few octets and a close; under implicit TLS only the close, for a handshake is not cheap. */
  private void turnAway(SocketChannel client, InetSocketAddress whose, Refusal why) {
    tell(whose, why, "");
    Farewell words =
        switch (why) {
          case NOT_LISTED -> Farewell.NOT_LISTED;
          case BLOCKED -> Farewell.BLOCKED;
          default -> Farewell.OVER_LIMIT;
        };
    client.write(
        Unpooled.wrappedBuffer(door.implicitTls() ? new byte[0] : server.lastWords(words)));
    BehindPending.closeInTime(client);
  }

  private void tell(InetSocketAddress whose, Refusal why, String detail) {
    door.refusals().refused(why, whose.getAddress(), whose.getPort(), detail);
  }

  private static String nextName() {
    long number = NEXT_NUMBER.getAndIncrement() * STRIDE & ((1L << NAME_BITS) - 1);
    // One bit more in front, for names of one length.
    char[] name = new char[MOST_NAME_CHARS];
    int first = name.length;
    for (long rest = number | 1L << NAME_BITS; rest != 0; rest /= RADIX) {
      name[--first] = Character.forDigit((int) (rest % RADIX), RADIX);
    }
    return new String(name, first, name.length - first);
  }

  /** One accepted connection, and the places that it takes; on its event loop. */
  public final class Arrival implements TlsListener {
    private final SocketChannel client;
    private final Permit connection;
    private final String id = nextName();
    private final long sinceMillis = System.currentTimeMillis();
    private final @Nullable ServerTls tlsAtFirst = door.tls().get();
    private ClientOrigin origin;
    private @Nullable Permit place;
    private BeforeLogin.@Nullable Place beforeLogin;
    private @Nullable ClientSession session;
    private @Nullable String host;
    private @Nullable TracedSession traced;
    private boolean opened;
    private boolean misdialled;

    private Arrival(SocketChannel client, Permit connection) {
      this.client = client;
      this.connection = connection;
      this.origin = ClientOrigin.ofSocket(client);
    }

    /** The connection. */
    public SocketChannel channel() {
      return client;
    }

    /** Whose it is. */
    public ClientOrigin origin() {
      return origin;
    }

    /** The session's name in the log and towards stores; no other of this process has it. */
    public String id() {
      return id;
    }

    /** Whether the client is under TLS as soon as its session is opened. */
    public boolean underTls() {
      return door.implicitTls() || origin.balancerTls() != null;
    }

    /** Begins TLS; the session hears when it stands. */
    public void startTls() {
      ServerTls now = door.tls().get();
      ServerTls known = now == null ? tlsAtFirst : now;
      if (known == null) {
        throw new IllegalStateException("STARTTLS was offered without a certificate");
      }
      TlsUpgrade.ofClient(client, known, HANDSHAKE_LIMIT, this);
    }

    /** Whether there is room for so many octets that the client has sent and that are held. */
    public boolean mayHold(int octets) {
      return beforeLogin == null || beforeLogin.holds(octets);
    }

    /**
     * The client may be gone: others may take its places.
     *
     * @param makeRoom ends its connection, on any thread, if another one takes one of them
     */
    public void mayBeGone(Runnable makeRoom) {
      if (place != null) {
        limits.mayBeGone(address(), connection, place, makeRoom);
      }
      if (beforeLogin != null) {
        beforeLogin.mayBeGone(makeRoom);
      }
    }

    /** The client has logged in, or is gone: nobody takes its places any more. */
    public void settle() {
      if (place != null) {
        limits.noMoreInDoubt(address(), connection, place);
      }
      if (beforeLogin != null) {
        beforeLogin.close();
        beforeLogin = null;
      }
    }

    /** The client has logged in at that store. */
    public void servedAt(String store) {
      host = store;
      sessions.cameTo(store);
      settle();
    }

    /** How long it hears nothing of it that its store has ended its session. */
    public long holdAfterLoss(long nowNanos) {
      return host == null ? 0 : sessions.holdAfterLoss(host, nowNanos);
    }

    /** The session goes on at that store. */
    public void movedTo(String store) {
      if (host != null) {
        sessions.wentFrom(host);
      }
      host = store;
      sessions.cameTo(store);
    }

    /** Its session, if an administrator may follow it on the wire; else null. */
    public @Nullable TracedSession traced() {
      return traced;
    }

    /** What is known of its session; the rest is as in {@link SessionFacts}. */
    public SessionFacts facts(
        String service,
        String user,
        String entry,
        String group,
        String host,
        long fromClient,
        long toClient) {
      Network network = Network.of(address());
      return new SessionFacts(
          id,
          service,
          network,
          Instant.ofEpochMilli(sinceMillis),
          user,
          entry,
          group,
          host,
          fromClient,
          toClient);
    }

    @Override
    public void secured() {
      if (session == null) {
        return;
      }
      if (opened) {
        session.secured();
      } else {
        opened = true;
        session.open();
      }
    }

    @Override
    public void failed(TlsFailure why) {
      EventLoops.end(client, () -> leaves(why));
    }

    private void leaves(TlsFailure why) {
      if (!misdialled) {
        tell(origin.client(), Refusal.TLS_HANDSHAKE, why.reason());
      }
      if (session != null) {
        session.clientGone("TLS: " + why.reason());
      }
    }

    private InetAddress address() {
      return origin.client().getAddress();
    }

    private void known(ClientOrigin found) {
      origin = found;
      if (door.networks() != null && !door.networks().contains(address())) {
        turnAway(client, origin.client(), Refusal.NOT_LISTED);
        return;
      }
      if (limits.blocks().blocks(address(), System.nanoTime())) {
        turnAway(client, origin.client(), Refusal.BLOCKED);
        return;
      }
      Permit taken = limits.admitClient(address());
      if (taken == null) {
        turnAway(client, origin.client(), Refusal.OVER_CONNECTIONS_OF_ADDRESS);
        return;
      }
      if (door.logins()) {
        beforeLogin = limits.beforeLogin().enter();
        if (beforeLogin == null) {
          taken.close();
          turnAway(client, origin.client(), Refusal.OVER_BEFORE_LOGIN);
          return;
        }
      }
      place = taken;
      begin(server.session(this));
    }

    private void begin(ClientSession begun) {
      session = begun;
      sessions.add(begun, client.eventLoop());
      List<WireTrace> traces = sessions.traces();
      if (!traces.isEmpty()) {
        traced = TracedSession.of(traces, begun.facts(), client, address(), door.logins());
      }
      ClientHandler handler = new ClientHandler(begun);
      client.pipeline().addLast(handler);
      if (!door.logins()) {
        Octets.leaveTogether(client.pipeline().context(handler));
      }
      if (door.implicitTls()) {
        startTls();
      } else {
        opened = true;
        begun.open();
      }
    }

    private void gone() {
      connection.close();
      if (session != null) {
        sessions.remove(session);
      }
      if (host != null) {
        sessions.wentFrom(host);
      }
      if (place != null) {
        place.close();
      }
      settle();
    }

    private void misdialled() {
      misdialled = true;
      if (session != null) {
        session.end(Farewell.PROTOCOL_ABUSE);
      }
    }
  }
}
