package org.openmmp.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.channel.uring.IoUringChannelOption;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.ListenAddress;
import org.openmmp.config.TransportConfig;
import org.openmmp.text.AddressLiteral;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One listening socket.
 *
 * <p>An accepted connection reads nothing by itself (auto-read is off), has no delay on its writes,
 * and is closed when its peer ends its data; half-closure begins with the {@link Splice}. On epoll
 * what came before a peer's end is handed up even if nobody asked for it. When the process has no
 * file descriptor left, accepting pauses for a second and goes on by itself; connections under way
 * are not harmed. May be used on any thread.
 */
public final class Listener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Listener.class);

  /** How many front ends are looked for on one port. */
  private static final int MOST_ON_ONE_PORT = 4;

  private static final String NOT_HERE = "Cannot assign requested address";

  private static final int TRIAL_MILLIS = 500;

  private final Channel channel;
  private final TransportConfig config;
  private final ListenAddress wanted;
  private final Accepted accepted;

  private Listener(
      Channel channel, ListenAddress wanted, TransportConfig config, Accepted accepted) {
    this.channel = channel;
    this.wanted = wanted;
    this.config = config;
    this.accepted = accepted;
  }

  /**
   * Binds and begins to accept; blocks until the port is open, so it is for start-up and reload.
   *
   * @param address a name is looked up by the system; port 0 lets the system choose
   * @param config backlog, reuse of the port, and whether the address may come up later
   * @param onAccept builds the pipeline of each accepted connection, on that connection's event
   *     loop; its handlers read when they want to
   * @throws IOException if the address cannot be bound; the message names it
   */
  public static Listener bind(
      Transports transports,
      ListenAddress address,
      TransportConfig config,
      ChannelInitializer<SocketChannel> onAccept)
      throws IOException {
    Listener bound = reserve(transports, address, config, onAccept);
    bound.accept();
    return bound;
  }

  /**
   * Binds likewise and accepts nobody yet: who connects waits in the kernel.
   *
   * @throws IOException as {@link #bind}
   */
  public static Listener reserve(
      Transports transports,
      ListenAddress address,
      TransportConfig config,
      ChannelInitializer<SocketChannel> onAccept)
      throws IOException {
    Accepted accepted = new Accepted(onAccept, config.clientVanished());
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(transports.loops())
            .channel(transports.listening())
            .option(ChannelOption.SO_BACKLOG, config.backlog())
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.AUTO_READ, false)
            .handler(
                new AcceptPause(
                    cause -> {
                      if (!transports.tellWant(cause, "accepting on " + address)) {
                        log.warn(
                            "accepting on {} pauses for a second: {}", address, cause.getMessage());
                      }
                    }))
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(accepted);
    openTo(bootstrap, transports.kind(), config);
    ChannelFuture bound = bootstrap.bind(resolve(address)).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on " + address + ": " + reasonOf(bound.cause()), bound.cause());
    }
    accepted.keepsAlive = keepsAlive(bound.channel(), config.clientVanished());
    if (config.reusePort()) {
      PortChoice.all(bound.channel()); // what another one that is gone had asked for
    }
    return new Listener(bound.channel(), address, config, accepted);
  }

  /**
   * Another one as this was, which is closed.
   *
   * @throws IOException as {@link #bind}
   */
  public Listener again(Transports transports) throws IOException {
    return bind(transports, wanted, config, accepted.builder);
  }

  /** The port that was asked for; 0 if the system was to choose. */
  public int wantedPort() {
    return wanted.port();
  }

  /** Begins to accept. */
  public void accept() {
    channel.config().setAutoRead(true);
  }

  /** Builds the pipelines of connections that are accepted from now on by another one. */
  public void exchange(ChannelInitializer<SocketChannel> onAccept) {
    accepted.builder = onAccept;
  }

  /**
   * Sees whether an address could be bound, without listening there for a moment.
   *
   * @throws IOException as {@link #bind}
   */
  public static void check(Transports transports, ListenAddress address, TransportConfig config)
      throws IOException {
    try (java.nio.channels.SocketChannel socket = java.nio.channels.SocketChannel.open()) {
      socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      if (config.reusePort()) {
        socket.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      }
      socket.bind(resolve(address));
    } catch (IOException e) {
      boolean later =
          config.bindBeforeUp()
              && transports.kind() != Transports.Kind.NIO
              && String.valueOf(e.getMessage()).contains(NOT_HERE);
      if (!later) {
        throw new IOException("cannot listen on " + address + ": " + reasonOf(e), e);
      }
    }
  }

  /** Whether sockets that are accepted there keep alive by themselves, as on Linux they can. */
  private static boolean keepsAlive(Channel listening, Duration limit) {
    if (listening instanceof EpollServerSocketChannel epoll
        && epoll.fd() instanceof Socket socket) {
      try {
        socket.setKeepAlive(true);
        SignsOfLife.keepAlive(listening, limit);
        return true;
      } catch (IOException cannot) {
        log.debug("every connection is told to keep alive", cannot);
      }
    }
    return false;
  }

  private static InetSocketAddress resolve(ListenAddress address) throws IOException {
    InetAddress literal = AddressLiteral.parse(address.host());
    return new InetSocketAddress(
        literal == null ? InetAddress.getByName(address.host()) : literal, address.port());
  }

  /** Without what Netty says of its system call. */
  private static String reasonOf(@Nullable Throwable cause) {
    if (cause == null || cause.getMessage() == null) {
      return "unknown reason";
    }
    String reason =
        cause.getMessage().replaceFirst("^bind\\(\\.\\.\\) failed with error\\(-\\d+\\): ", "");
    return reason.contains(NOT_HERE)
        ? reason
            + " (no interface of this machine has it now; with openmmp.transport.bind-before-up ="
            + " on a listener waits there for it)"
        : reason;
  }

  private static void openTo(
      ServerBootstrap bootstrap, Transports.Kind kind, TransportConfig config) {
    switch (kind) {
      case EPOLL -> {
        bootstrap.option(UnixChannelOption.SO_REUSEPORT, config.reusePort());
        bootstrap.option(EpollChannelOption.IP_FREEBIND, config.bindBeforeUp());
      }
      case IO_URING -> {
        bootstrap.option(UnixChannelOption.SO_REUSEPORT, config.reusePort());
        bootstrap.option(IoUringChannelOption.IP_FREEBIND, config.bindBeforeUp());
      }
      case NIO -> {
        if (config.reusePort()) {
          bootstrap.option(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), true);
        }
        if (config.bindBeforeUp()) {
          log.warn("binding an address before it is up needs epoll or io_uring");
        }
      }
    }
  }

  /** Where it listens, with the port that the system chose. */
  public InetSocketAddress address() {
    return (InetSocketAddress) channel.localAddress();
  }

  /**
   * Has another front end that listens on the same port (SO_REUSEPORT) get the new connections, and
   * goes on accepting those that have begun here: whoever waits to be accepted at a socket that is
   * closed is reset. Without another one, and where the system cannot, nothing changes. Blocks.
   *
   * <p>Which number the other one has is not to be learnt, and so it is tried.
   *
   * @return whether another one gets them
   */
  public boolean stepAside() {
    if (!config.reusePort()) {
      return false;
    }
    for (int number = 0; number < MOST_ON_ONE_PORT; number++) {
      if (!PortChoice.only(channel, number)) {
        return false;
      }
      if (!accepted.comesBack(address())) {
        return true;
      }
    }
    PortChoice.all(channel);
    return false;
  }

  /** Stops accepting and gives the port back; accepted connections go on. Returns once closed. */
  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
  }

  /**
   * Gives each accepted channel its own read sizes before its pipeline is built, and knows a
   * connection of our own to the port, which is to show who accepts it.
   */
  @ChannelHandler.Sharable
  private static final class Accepted extends ChannelInitializer<SocketChannel> {
    private final Duration vanished;
    private volatile ChannelInitializer<SocketChannel> builder;
    private volatile int trialPort;
    private volatile @Nullable CountDownLatch trialAccepted;
    private volatile boolean keepsAlive;

    Accepted(ChannelInitializer<SocketChannel> builder, Duration vanished) {
      this.builder = builder;
      this.vanished = vanished;
    }

    @Override
    protected void initChannel(SocketChannel accepted) {
      if (isTrial(accepted)) {
        accepted.close();
        return;
      }
      if (!keepsAlive) {
        SignsOfLife.keepAlive(accepted, vanished);
      }
      accepted.config().setRecvByteBufAllocator(new ReadSizes());
      accepted.pipeline().addLast(builder);
    }

    /** Whether a connection that is made now is accepted here. */
    boolean comesBack(InetSocketAddress to) {
      CountDownLatch here = new CountDownLatch(1);
      try (java.net.Socket socket = new java.net.Socket()) {
        socket.bind(null);
        trialAccepted = here;
        trialPort = socket.getLocalPort();
        InetAddress at =
            to.getAddress().isAnyLocalAddress()
                ? InetAddress.getLoopbackAddress()
                : to.getAddress();
        socket.connect(new InetSocketAddress(at, to.getPort()), TRIAL_MILLIS);
        return here.await(TRIAL_MILLIS, TimeUnit.MILLISECONDS);
      } catch (IOException cannotTell) {
        return true;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return true;
      } finally {
        trialPort = 0;
      }
    }

    private boolean isTrial(SocketChannel client) {
      CountDownLatch here = trialAccepted;
      if (trialPort == 0
          || here == null
          || client.remoteAddress() == null
          || client.remoteAddress().getPort() != trialPort) {
        return false;
      }
      here.countDown();
      return true;
    }
  }
}
