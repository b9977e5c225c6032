package org.openmmp.transport;

import io.netty.channel.ChannelException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.openmmp.config.TransportConfig;

/**
 * The kernel interface that sockets of this process use, and the event loops that drive them.
 *
 * <p>May be used on any thread.
 */
public final class Transports implements AutoCloseable {
  private static final long CLOSE_LIMIT_SECONDS = 10;

  /** A kernel interface. */
  public enum Kind {
    /** Linux epoll through Netty's native library. */
    EPOLL(EpollServerSocketChannel.class, EpollSocketChannel.class, EpollDatagramChannel.class),
    /** Linux io_uring through Netty's native library. */
    IO_URING(
        IoUringServerSocketChannel.class, IoUringSocketChannel.class, IoUringDatagramChannel.class),
    /** The JDK's selectors, which are everywhere. */
    NIO(NioServerSocketChannel.class, NioSocketChannel.class, NioDatagramChannel.class);

    private final Class<? extends ServerSocketChannel> listening;
    private final Class<? extends SocketChannel> connecting;
    private final Class<? extends DatagramChannel> datagram;

    Kind(
        Class<? extends ServerSocketChannel> listening,
        Class<? extends SocketChannel> connecting,
        Class<? extends DatagramChannel> datagram) {
      this.listening = listening;
      this.connecting = connecting;
      this.datagram = datagram;
    }

    /** Whether it works on this machine. */
    public boolean isAvailable() {
      return switch (this) {
        case EPOLL -> Epoll.isAvailable();
        case IO_URING -> IoUring.isAvailable();
        case NIO -> true;
      };
    }

    private IoHandlerFactory handlers() {
      return switch (this) {
        case EPOLL -> LastingEpoll.newFactory();
        case IO_URING -> IoUringIoHandler.newFactory();
        case NIO -> NioIoHandler.newFactory();
      };
    }

    private static Kind of(TransportConfig.Kind wanted) {
      Kind kind =
          switch (wanted) {
            case AUTO, EPOLL -> EPOLL;
            case IO_URING -> IO_URING;
            case NIO -> NIO;
          };
      if (kind.isAvailable()) {
        return kind;
      }
      return EPOLL.isAvailable() ? EPOLL : NIO;
    }
  }

  private final Kind kind;
  private final EventLoopGroup loops;
  private final BiConsumer<OwnWant, String> wants;

  private Transports(Kind kind, EventLoopGroup loops, BiConsumer<OwnWant, String> wants) {
    this.kind = kind;
    this.loops = loops;
    this.wants = wants;
  }

  /**
   * Starts the event loops. The kind that is wanted is used if it works here; otherwise epoll or
   * NIO is, see {@link #kind()}.
   */
  public static Transports open(TransportConfig config) {
    return open(config, Transports::tellNobody);
  }

  /**
   * The same.
   *
   * @param wants hears what sockets of these transports lack here, and what could not be done, such
   *     as {@code "connecting to 192.0.2.1:143"}, which is safe to print (rule B2.22); it is called
   *     on event loops, for each client or attempt that it costs, and must be quick
   */
  public static Transports open(TransportConfig config, BiConsumer<OwnWant, String> wants) {
    return open(Kind.of(config.nativeTransport()), config.threads(), wants);
  }

  static Transports open(Kind kind, int threads) {
    return open(kind, threads, Transports::tellNobody);
  }

  static Transports open(Kind kind, int threads, BiConsumer<OwnWant, String> wants) {
    int count = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    return new Transports(kind, new EventLoops(count, "loop", kind.handlers(), wants), wants);
  }

  private static void tellNobody(OwnWant want, String doing) {}

  /** Tells if it is something of our own that was lacking; says whether it was. */
  boolean tellWant(Throwable failure, String doing) {
    OwnWant want = OwnWant.of(failure);
    if (want != null) {
      tell(want, doing);
    }
    return want != null;
  }

  /** Tells of something that is lacking. */
  public void tell(OwnWant want, String doing) {
    wants.accept(want, doing);
  }

  /** What is in use. */
  public Kind kind() {
    return kind;
  }

  /** The event loops; a session's two channels share one of them. */
  public EventLoopGroup loops() {
    return loops;
  }

  Class<? extends ServerSocketChannel> listening() {
    return kind.listening;
  }

  Class<? extends SocketChannel> connecting() {
    return kind.connecting;
  }

  /**
   * A socket to connect to that address from, on no event loop yet.
   *
   * @throws ChannelException if none could be made
   */
  SocketChannel connectingTo(InetAddress address) {
    return switch (kind) {
      case EPOLL ->
          new EpollSocketChannel(
              address instanceof Inet4Address
                  ? SocketProtocolFamily.INET
                  : SocketProtocolFamily.INET6);
      case IO_URING -> new IoUringSocketChannel();
      case NIO -> new NioSocketChannel();
    };
  }

  Class<? extends DatagramChannel> datagram() {
    return kind.datagram;
  }

  /** Closes every channel and waits for the event loops to end, at most 10 s. */
  @Override
  public void close() {
    loops
        .shutdownGracefully(0, CLOSE_LIMIT_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(CLOSE_LIMIT_SECONDS, TimeUnit.SECONDS);
  }
}
