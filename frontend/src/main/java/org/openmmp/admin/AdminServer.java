package org.openmmp.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.AdminConfig;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.TransportConfig;
import org.openmmp.transport.AcceptPause;
import org.openmmp.transport.ClearedBuffers;
import org.openmmp.transport.EventLoops;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP/1.1 listener of the admin pages and their Unix domain socket, on an event loop of their
 * own.
 *
 * <p>Everything is bounded: a request's octets, the connections, and the time of each of their
 * steps. When there are too many connections, the caller that has owed its request for longest is
 * closed: callers that say nothing keep nobody from an answer. Pages that gather are made on a few
 * threads beside the loop, so that {@code /livez} waits for none of them.
 */
public final class AdminServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AdminServer.class);

  static final int MOST_CONNECTIONS = 64;

  private static final int WORKERS = 4;
  private static final Duration LONGEST_STEP = Duration.ofSeconds(10);
  private static final long CLOSE_LIMIT_MILLIS = 1_000;

  private final AdminSources sources;
  private final Map<String, AdminPage> pages;
  private final Duration longestStep;
  private final Predicate<Throwable> mayPass;
  private final EventLoopGroup loop = new EventLoops(1, "admin", NioIoHandler.newFactory());
  private final ThreadPoolExecutor workers =
      new ThreadPoolExecutor(
          WORKERS,
          WORKERS,
          10,
          TimeUnit.SECONDS,
          // A connection asks for one page at a time.
          new LinkedBlockingQueue<>(),
          new DefaultThreadFactory("admin-page", true));
  private final ServerBootstrap bootstrap;

  /** All connections and those that owe a request, in the order in which they came; on the loop. */
  private final Set<Channel> open = new LinkedHashSet<>();

  private final Set<Channel> owing = new LinkedHashSet<>();

  private volatile AdminGate gate;
  private volatile @Nullable Channel listener;
  private volatile @Nullable AdminSocket socket;
  private volatile @Nullable ListenAddress address;
  private volatile boolean closed;
  private String told = "";

  /**
   * Binds and begins to answer.
   *
   * @param hostname this front end's own name, by which it may be asked
   * @param transport whether an address that is not up yet, or still is another front end's, is
   *     waited for, in the background
   * @throws IOException if the address cannot be bound
   */
  public AdminServer(
      AdminConfig config, String hostname, AdminSources sources, TransportConfig transport)
      throws IOException {
    this(
        config,
        hostname,
        sources,
        AdminPages.of(sources),
        LONGEST_STEP,
        cause ->
            (transport.bindBeforeUp() && isNotUp(cause))
                || (transport.reusePort() && isTaken(cause)),
        NioServerSocketChannel::new);
  }

  AdminServer(
      AdminConfig config,
      String hostname,
      AdminSources sources,
      Map<String, AdminPage> pages,
      Duration longestStep,
      Predicate<Throwable> mayPass,
      ChannelFactory<ServerSocketChannel> sockets)
      throws IOException {
    this.sources = sources;
    this.pages = pages;
    this.longestStep = longestStep;
    this.mayPass = mayPass;
    gate = new AdminGate(config, hostname);
    @Nullable ListenAddress at = config.listen().orElse(null);
    address = at;
    workers.allowCoreThreadTimeOut(true);
    bootstrap =
        new ServerBootstrap()
            .group(loop)
            .channelFactory(sockets)
            .option(ChannelOption.SO_REUSEADDR, true)
            .handler(new AcceptPause(AdminServer::cannotAccept))
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(new Pipeline());
    if (at != null) {
      open(at);
    }
    config.socket().ifPresent(path -> open(path, true));
  }

  private static void cannotAccept(Throwable cause) {
    log.warn("admin cannot accept a connection: {}", cause.getMessage());
  }

  /** A socket that another front end answers at is waited for: that one may be about to end. */
  private void open(Path path, boolean first) {
    if (closed) {
      return;
    }
    if (AdminSocket.isAnswered(path)) {
      if (first) {
        log.warn(
            "openmmp.admin.socket {} is another front end's: this one waits until it ends or drains;"
                + " if both are to stay, give one another path",
            path);
      }
      loop.schedule(() -> workers.execute(() -> open(path, false)), 1, TimeUnit.SECONDS);
      return;
    }
    AdminSocket opened =
        AdminSocket.open(path, loop, new AcceptPause(AdminServer::cannotAccept), new Pipeline());
    socket = opened;
    if (closed && opened != null) {
      opened.remove();
    }
  }

  private void open(ListenAddress at) throws IOException {
    try {
      ChannelFuture bound = bind(at).awaitUninterruptibly();
      if (bound.isSuccess()) {
        listener = bound.channel();
      } else if (mayPass.test(bound.cause())) {
        log.warn(
            "openmmp.admin.listen {} {}: the admin pages wait for it",
            at,
            isTaken(bound.cause()) ? "is another program's" : "is not up yet");
        loop.schedule(() -> bindAgain(at), 1, TimeUnit.SECONDS);
      } else {
        throw new IOException(reason(bound.cause()), bound.cause());
      }
    } catch (IOException e) {
      close();
      throw new IOException("openmmp.admin.listen " + at + ": " + e.getMessage(), e);
    }
  }

  private ChannelFuture bind(ListenAddress at) throws IOException {
    return bootstrap.bind(new InetSocketAddress(InetAddress.getByName(at.host()), at.port()));
  }

  /** The JDK cannot bind an address before it is up, so it is tried until it is. */
  private void bindAgain(ListenAddress at) {
    try {
      bind(at)
          .addListener(
              (ChannelFuture bound) -> {
                if (bound.isSuccess() && (closed || !at.equals(address))) {
                  bound.channel().close();
                } else if (bound.isSuccess()) {
                  listener = bound.channel();
                  log.info("openmmp.admin.listen {} is up: the admin pages are there", at);
                } else {
                  bindLater(at, mayPass.test(bound.cause()) ? "" : reason(bound.cause()));
                }
              });
    } catch (IOException e) {
      bindLater(at, reason(e));
    }
  }

  private void bindLater(ListenAddress at, String trouble) {
    if (closed || !at.equals(address)) {
      return;
    }
    if (!trouble.isEmpty() && !trouble.equals(told)) {
      told = trouble;
      log.warn("openmmp.admin.listen {} cannot be bound: {}", at, trouble);
    }
    loop.schedule(() -> bindAgain(at), 1, TimeUnit.SECONDS);
  }

  static boolean isTaken(Throwable cause) {
    return cause instanceof BindException && reason(cause).contains("Address already in use");
  }

  static boolean isNotUp(Throwable cause) {
    return cause instanceof BindException
        && reason(cause).contains("Cannot assign requested address");
  }

  private static String reason(Throwable cause) {
    return String.valueOf(cause.getMessage());
  }

  /** The port that is listened on; 0 if there is none. */
  public int port() {
    Channel bound = listener;
    if (bound != null) {
      return ((InetSocketAddress) bound.localAddress()).getPort();
    }
    @Nullable ListenAddress at = address;
    return at == null ? 0 : at.port();
  }

  /**
   * Makes other settings ready: an address that is another one is bound now. Connections that are
   * open go on.
   *
   * @param onDrop is given what gives that back
   * @return takes them over
   * @throws IOException if the address cannot be bound; all is as it was then
   */
  public Runnable prepare(
      AdminConfig before, AdminConfig next, String hostname, Consumer<Runnable> onDrop)
      throws IOException {
    @Nullable ListenAddress to = next.listen().orElse(null);
    boolean moves = !before.listen().equals(next.listen());
    @Nullable Channel bound = moves && to != null ? bound(to) : null;
    if (bound != null) {
      onDrop.accept(bound::close);
    }
    return () -> {
      gate = new AdminGate(next, hostname);
      if (moves) {
        @Nullable Channel former = listener;
        address = to;
        listener = bound;
        if (former != null) {
          former.close();
        }
      }
      if (!before.socket().equals(next.socket())) {
        @Nullable AdminSocket formerly = socket;
        if (formerly != null) {
          formerly.remove();
        }
        socket = null;
        next.socket().ifPresent(path -> open(path, true));
      }
    };
  }

  private Channel bound(ListenAddress at) throws IOException {
    ChannelFuture bound = bind(at).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "openmmp.admin.listen " + at + ": " + reason(bound.cause()), bound.cause());
    }
    return bound.channel();
  }

  /** Gives address and socket to another front end; connections that stand are answered still. */
  public void stopListening() {
    giveSocketUp();
    Channel bound = listener;
    if (bound != null) {
      bound.close().awaitUninterruptibly(CLOSE_LIMIT_MILLIS);
    }
  }

  private void giveSocketUp() {
    closed = true;
    AdminSocket own = socket;
    if (own != null) {
      own.remove();
    }
  }

  /** Stops listening and ends every connection; may be called again. */
  @Override
  public void close() {
    giveSocketUp();
    workers.shutdownNow();
    loop.shutdownGracefully(0, CLOSE_LIMIT_MILLIS, TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(CLOSE_LIMIT_MILLIS);
  }

  AdminGate gate() {
    return gate;
  }

  /** The page at that path, exactly as sent; null if there is none. */
  @Nullable AdminPage page(String path) {
    return pages.get(path);
  }

  /** An administrator acted, or was kept from it. */
  void acted(AdminGate.Caller by, String action, String query, int status) {
    sources.acted(by.name(), by.from(), action, query, status);
  }

  Duration longestStep() {
    return longestStep;
  }

  /** Where pages are made that gather. */
  Executor workers() {
    return workers;
  }

  /** Makes room for the newest. */
  void admit(Channel newest) {
    if (open.size() >= MOST_CONNECTIONS) {
      Channel slowest = (owing.isEmpty() ? open : owing).iterator().next();
      forget(slowest);
      slowest.close();
    }
    open.add(newest);
  }

  void owesRequest(Channel caller) {
    owing.add(caller);
  }

  void owesNothing(Channel caller) {
    owing.remove(caller);
  }

  void forget(Channel caller) {
    open.remove(caller);
    owing.remove(caller);
  }

  private final class Pipeline extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel accepted) {
      ClearedBuffers.useAt(accepted); // tokens pass here, and passwords that are tried
      accepted
          .pipeline()
          .addLast(
              new StrictRequests(),
              new HttpResponseEncoder(),
              new ChunkedWriteHandler(),
              new AdminConnection(AdminServer.this));
    }
  }
}
