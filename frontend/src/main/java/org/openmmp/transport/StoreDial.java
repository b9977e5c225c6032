package org.openmmp.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.handler.codec.haproxy.HAProxyMessageEncoder;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.text.AddressLiteral;

/**
 * One connect to a store under way: name, addresses, then TLS if implicit.
 *
 * <p>Of several addresses each gets a head start before the next is tried beside it, and the first
 * that answers is taken (RFC 8305). Those that failed or did not answer meanwhile are asked last
 * for a while.
 *
 * <p>Where there are source addresses of an address's family, the connect goes from the first of
 * them that this machine has and that has a local port left.
 */
public final class StoreDial {
  /**
   * IP_BIND_ADDRESS_NO_PORT of Linux: the port is chosen once the store's address is known, so that
   * one port serves connections to several stores. Netty names it for epoll alone.
   */
  private static final IntegerUnixChannelOption PORT_AT_CONNECT =
      new IntegerUnixChannelOption("IP_BIND_ADDRESS_NO_PORT", 0, 24);

  private static final Duration HEAD_START = Duration.ofMillis(250);

  private final Transports transports;
  private final EventLoop loop;
  private final StoreTarget target;
  private final List<InetAddress> sources;
  private final ChannelHandler handler;
  private final Consumer<Channel> connected;
  private final Consumer<ConnectFailure> failed;
  private final Deque<InetAddress> addresses = new ArrayDeque<>(2);
  private final SlowAddresses slow;
  private final Map<InetSocketAddress, Channel> connecting = new LinkedHashMap<>(2);
  private final List<InetSocketAddress> failedBefore = new ArrayList<>(0);
  private @Nullable Deadline deadline;
  private @Nullable Deadline next;
  private @Nullable Channel channel;
  private @Nullable ConnectFailure failure;
  private boolean securing;
  private boolean over;

  StoreDial(
      Transports transports,
      EventLoop loop,
      StoreTarget target,
      List<InetAddress> sources,
      SlowAddresses slow,
      ChannelHandler handler,
      Consumer<Channel> connected,
      Consumer<ConnectFailure> failed) {
    this.transports = transports;
    this.loop = loop;
    this.target = target;
    this.sources = sources;
    this.handler = handler;
    this.connected = connected;
    this.failed = failed;
    this.slow = slow;
  }

  void start(HostResolver resolver) {
    deadline = Deadline.after(target.connectTimeout().toNanos(), loop, this::timeOut);
    resolver
        .resolve(target.host(), loop)
        .addListener((Future<List<InetAddress>> found) -> onResolved(found));
  }

  /** Gives the connect up: the socket is closed, and nobody hears of it any more. */
  public void cancel() {
    if (!over) {
      end();
      abandonChannel();
    }
  }

  private void onResolved(Future<List<InetAddress>> found) {
    if (over) {
      return;
    }
    if (!found.isSuccess()) {
      fail(ConnectFailure.of(ConnectFailure.Kind.NAME, "no address for " + target.host()));
      return;
    }
    for (InetAddress address : slow.last(found.getNow(), target.port(), now())) {
      if (!target.stranger() || StoreTarget.permitsStranger(address)) {
        addresses.add(address);
      }
    }
    if (addresses.isEmpty()) {
      fail(
          ConnectFailure.of(
              ConnectFailure.Kind.FORBIDDEN_ADDRESS,
              target.host() + " leads to an address that no referral may lead to"));
      return;
    }
    tryNextAddress();
  }

  /** Begins at the next address, and at the one behind it if this one is slow (RFC 8305). */
  private void tryNextAddress() {
    InetAddress address = addresses.poll();
    if (address == null) {
      if (connecting.isEmpty()) {
        fail(failure == null ? tookTooLong() : failure);
      }
      return;
    }
    InetSocketAddress at = new InetSocketAddress(address, target.port());
    Deque<InetAddress> from = new ArrayDeque<>(0);
    for (InetAddress each : sources) {
      if (each.getClass() == address.getClass()) {
        from.add(each);
      }
    }
    if (!addresses.isEmpty()) {
      next = Deadline.after(HEAD_START.toNanos(), loop, this::tryNextAddress);
    }
    connect(at, from);
  }

  /** Connects from the first of these, or from where the system wants if there is none. */
  private void connect(InetSocketAddress at, Deque<InetAddress> from) {
    InetAddress source = from.poll();
    SocketChannel socket;
    try {
      socket = socketTo(at.getAddress(), source != null);
    } catch (ChannelException none) {
      onFailure(none, at, source, from);
      return;
    }
    connecting.put(at, socket);
    loop.register(socket);
    ChannelFuture connect =
        source == null ? socket.connect(at) : socket.connect(at, new InetSocketAddress(source, 0));
    connect.addListener(done -> onConnect(connect, at, source, from));
  }

  /** A socket and its options; that writes are not delayed is Netty's choice already. */
  private SocketChannel socketTo(InetAddress address, boolean fromOneOfOurs) {
    SocketChannel socket = transports.connectingTo(address);
    try {
      SocketChannelConfig config = socket.config();
      config.setAutoRead(false);
      config.setKeepAlive(true);
      config.setConnectTimeoutMillis(0); // the dial has its own deadline
      config.setRecvByteBufAllocator(new ReadSizes());
      if (fromOneOfOurs && transports.kind() != Transports.Kind.NIO) {
        config.setOption(PORT_AT_CONNECT, 1);
      }
      return socket;
    } catch (ChannelException broken) {
      socket.unsafe().closeForcibly();
      throw broken;
    }
  }

  private void onConnect(
      ChannelFuture connect,
      InetSocketAddress at,
      @Nullable InetAddress source,
      Deque<InetAddress> others) {
    if (!connect.isSuccess()) {
      connect.channel().close();
    }
    if (over || channel != null) {
      if (connect.isSuccess()) {
        connect.channel().close();
      }
      return;
    }
    if (connect.isSuccess()) {
      channel = connect.channel();
      if (connecting.size() > 1) {
        slow.remembered(
            connecting.keySet().stream().takeWhile(other -> !other.equals(at)).toList(), now());
      }
      slow.remembered(failedBefore, now());
      slow.forget(at);
      connecting.remove(at);
      leaveOthers();
      onConnected(connect.channel());
      return;
    }
    connecting.remove(at);
    onFailure(connect.cause(), at, source, others);
  }

  private void onFailure(
      Throwable cause,
      InetSocketAddress at,
      @Nullable InetAddress source,
      Deque<InetAddress> others) {
    OwnWant want = OwnWant.of(cause);
    String doing = "connecting to " + target.host() + " (" + AddressLiteral.textOf(at) + ")";
    if (want == OwnWant.PORT && source != null) {
      if (!isHere(source)) {
        want = OwnWant.SOURCE_ADDRESS;
        transports.tell(want, doing + " from " + AddressLiteral.textOf(source));
      }
      if (!others.isEmpty()) {
        connect(at, others);
        return;
      }
    }
    if (want != null && want != OwnWant.SOURCE_ADDRESS) {
      transports.tell(want, doing);
    }
    ConnectFailure why = ConnectFailure.of(cause, want, target.host(), at);
    if (want == null) {
      failedBefore.add(at);
    }
    if (failure == null || why.kind().outweighs(failure.kind())) {
      failure = why;
    }
    tryNow();
  }

  /** Asks the system whether this machine has an address; the error of a connect tells not. */
  private static boolean isHere(InetAddress source) {
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.bind(new InetSocketAddress(source, 0));
      return true;
    } catch (BindException notHere) {
      return false;
    } catch (IOException unknown) {
      return true;
    }
  }

  private void tryNow() {
    if (next != null) {
      next.cancel();
      next = null;
    }
    tryNextAddress();
  }

  private void leaveOthers() {
    if (next != null) {
      next.cancel();
    }
    connecting.values().forEach(Channel::close);
    connecting.clear();
  }

  private long now() {
    return loop.ticker().nanoTime();
  }

  private void onConnected(Channel store) {
    StoreTarget.Announcement announce = target.announce();
    if (announce != null) {
      store.pipeline().addFirst(HAProxyMessageEncoder.INSTANCE);
      store.writeAndFlush(ProxyHeader.of(announce));
      store.pipeline().remove(HAProxyMessageEncoder.INSTANCE);
    }
    store.pipeline().addLast(handler);
    if (target.tls() != TlsPolicy.IMPLICIT) {
      succeed(store);
      return;
    }
    securing = true;
    TlsUpgrade.ofStore(
        store,
        target,
        target.connectTimeout(),
        new TlsListener() {
          @Override
          public void secured() {
            succeed(store);
          }

          @Override
          public void failed(TlsFailure why) {
            fail(ConnectFailure.of(why, target.host()));
          }
        });
  }

  private void timeOut() {
    fail(securing ? ConnectFailure.of(TlsFailure.TIMED_OUT, target.host()) : tookTooLong());
  }

  private ConnectFailure tookTooLong() {
    return ConnectFailure.of(
        ConnectFailure.Kind.TIMED_OUT,
        "no connection to "
            + target.host()
            + " within "
            + target.connectTimeout().toMillis()
            + " ms");
  }

  private void succeed(Channel store) {
    if (!over) {
      end();
      connected.accept(store);
    }
  }

  private void fail(ConnectFailure failure) {
    if (!over) {
      end();
      abandonChannel();
      failed.accept(failure);
    }
  }

  private void end() {
    over = true;
    if (deadline != null) {
      deadline.cancel();
    }
  }

  private void abandonChannel() {
    leaveOthers();
    if (channel != null) {
      channel.close();
    }
  }
}
