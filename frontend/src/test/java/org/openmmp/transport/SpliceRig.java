package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.ResolverConfig;
import org.openmmp.config.TransportConfig;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.wire.SafePoints;

/**
 * A front end that splices each client at once, between blocking sockets of the test: one is the
 * client, one the store.
 */
final class SpliceRig implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(30);
  static final ResolverConfig NO_HOSTS =
      new ResolverConfig(
          Map.of(),
          Duration.ofSeconds(1),
          Duration.ofMinutes(1),
          Duration.ofSeconds(1),
          Duration.ofMinutes(1));

  final Transports transports;
  final HostResolver resolver;
  final StoreConnector connector;
  final ServerSocket storeSide;
  final Listener listener;
  final BlockingQueue<SpliceEnd> ends = new ArrayBlockingQueue<>(10_000);
  private final BlockingQueue<Joined> joined = new ArrayBlockingQueue<>(10_000);
  private @Nullable ServerTls tls;
  private @Nullable StoreTls storeTls;
  private StoreWrap storeWrap = socket -> socket;
  private int heldByDecoder;
  private SafePoints safePoints = SafePoints.UNKNOWN;
  private final SpliceSettings settings;
  private final byte[] forStore;
  private final byte[] forClient;

  SpliceRig(Transports.Kind kind, SpliceSettings settings) throws IOException {
    this(kind, settings, new byte[0], new byte[0]);
  }

  SpliceRig(Transports.Kind kind, SpliceSettings settings, byte[] forStore, byte[] forClient)
      throws IOException {
    this.settings = settings;
    this.forStore = forStore;
    this.forClient = forClient;
    transports = Transports.open(kind, 1);
    resolver = new HostResolver(transports, NO_HOSTS);
    connector = new StoreConnector(transports, resolver);
    storeSide = new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress());
    listener =
        Listener.bind(
            transports,
            new ListenAddress("127.0.0.1", 0, ""),
            new TransportConfig(
                TransportConfig.Kind.AUTO,
                1,
                1_024,
                false,
                false,
                Duration.ofMinutes(8),
                Duration.ofMinutes(2)),
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(SocketChannel client) throws IOException {
                if (heldByDecoder > 0) {
                  client.pipeline().addLast(new Holding());
                  client.read();
                } else if (tls == null) {
                  dial(client);
                } else {
                  secure(client, tls);
                }
              }
            });
  }

  static StoreTarget plainTarget(int port) throws IOException {
    StoreTls trust = StoreTls.of(Optional.empty());
    return new StoreTarget("127.0.0.1", port, TlsPolicy.OFF, trust, PATIENCE, false, null);
  }

  private StoreTarget target(int port) throws IOException {
    return storeTls == null
        ? plainTarget(port)
        : new StoreTarget("127.0.0.1", port, TlsPolicy.IMPLICIT, storeTls, PATIENCE, false, null);
  }

  private void dial(Channel client) throws IOException {
    ByteArrayOutputStream pipelined = new ByteArrayOutputStream();
    pipelined.writeBytes(forStore);
    client.pipeline().addLast(new Collecting(pipelined));
    connector.connect(
        client.eventLoop(),
        target(storeSide.getLocalPort()),
        new ChannelInboundHandlerAdapter(),
        store -> {
          Splice splice =
              Splice.join(
                  client,
                  store,
                  pipelined.toByteArray(),
                  forClient.clone(),
                  safePoints,
                  settings,
                  ends::add);
          joined.add(new Joined(splice, client, store));
        },
        why -> client.close());
  }

  /** Keeps what comes before the join: epoll hands octets up unasked once the peer has closed. */
  private static final class Collecting extends ChannelInboundHandlerAdapter {
    private final ByteArrayOutputStream kept;

    Collecting(ByteArrayOutputStream kept) {
      this.kept = kept;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf octets = (ByteBuf) message;
      kept.writeBytes(ByteBufUtil.getBytes(octets));
      octets.release();
    }
  }

  /** Puts clients under TLS before they are spliced; the store is dialled once TLS stands. */
  SpliceRig under(ServerTls clientTls) {
    tls = clientTls;
    return this;
  }

  /** What a store makes of a socket that it accepted. */
  interface StoreWrap {
    /** The store's end. */
    Socket of(Socket accepted) throws IOException;
  }

  /** Connects to stores under implicit TLS. */
  SpliceRig towards(StoreTls trust, StoreWrap wrap) {
    storeTls = trust;
    storeWrap = wrap;
    return this;
  }

  /** Has the splices followed. */
  SpliceRig followedBy(SafePoints follower) {
    safePoints = follower;
    return this;
  }

  /** Dials only once a decoder of the client's pipeline holds so many octets. */
  SpliceRig holding(int octets) {
    heldByDecoder = octets;
    return this;
  }

  private final class Holding extends ByteToMessageDecoder {
    private boolean dialled;

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
        throws IOException {
      if (!dialled && in.readableBytes() >= heldByDecoder) {
        dialled = true;
        dial(ctx.channel());
      }
    }
  }

  private void secure(Channel client, ServerTls clientTls) {
    TlsUpgrade.ofClient(
        client,
        clientTls,
        PATIENCE,
        new TlsListener() {
          @Override
          public void secured() {
            try {
              dial(client);
            } catch (IOException e) {
              client.close();
            }
          }

          @Override
          public void failed(TlsFailure why) {
            client.close();
          }
        });
  }

  /** A client and the store that it was joined with. */
  Pair connect() throws Exception {
    return joined(new Socket(InetAddress.getLoopbackAddress(), listener.address().getPort()));
  }

  /** The same for a client that connects by itself. */
  Pair joined(Socket client) throws Exception {
    Socket store = storeWrap.of(storeSide.accept());
    for (Socket socket : List.of(client, store)) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.setTcpNoDelay(true);
    }
    Joined pair = joined.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (pair == null) {
      throw new AssertionError("nothing was joined");
    }
    return new Pair(client, store, pair.splice(), pair.client(), pair.store());
  }

  /** Runs on the event loop and waits; what it throws is thrown here. */
  void onLoop(Runnable work) throws Exception {
    transports.loops().next().submit(work).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Work for a thread of its own. */
  interface Work<T> {
    /** Does it. */
    T run() throws Exception;
  }

  /** Does work on a thread of its own. */
  static <T> CompletableFuture<T> async(Work<T> work) {
    CompletableFuture<T> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                done.complete(work.run());
              } catch (Throwable e) {
                done.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return done;
  }

  SpliceEnd awaitEnd() throws InterruptedException {
    SpliceEnd end = ends.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (end == null) {
      throw new AssertionError("the splice did not end");
    }
    return end;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    resolver.close();
    transports.close();
    storeSide.close();
  }

  private record Joined(Splice splice, Channel client, Channel store) {}

  /** Two sockets that are joined, and what is between them. */
  record Pair(
      Socket client, Socket store, Splice splice, Channel clientChannel, Channel storeChannel)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      for (Socket socket : List.of(client, store)) {
        if (!socket.isClosed()) {
          socket.setSoTimeout(1); // under TLS it would wait for the peer's closing alert
        }
        socket.close();
      }
    }
  }
}
