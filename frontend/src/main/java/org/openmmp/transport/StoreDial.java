package org.openmmp.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.TlsPolicy;

/** One connect to a store under way: name, addresses one after another, then TLS if implicit. */
public final class StoreDial {
  private final Transports transports;
  private final EventLoop loop;
  private final StoreTarget target;
  private final ChannelHandler handler;
  private final StoreDialListener listener;
  private final Deque<InetAddress> addresses = new ArrayDeque<>();
  private final long startNanos;
  private @Nullable Future<?> deadline;
  private @Nullable Channel channel;
  private @Nullable ConnectFailure lastFailure;
  private boolean securing;
  private boolean over;

  StoreDial(
      Transports transports,
      EventLoop loop,
      StoreTarget target,
      ChannelHandler handler,
      StoreDialListener listener) {
    this.transports = transports;
    this.loop = loop;
    this.target = target;
    this.handler = handler;
    this.listener = listener;
    this.startNanos = loop.ticker().nanoTime();
  }

  void start(HostResolver resolver) {
    deadline =
        loop.schedule(this::timeOut, target.connectTimeout().toNanos(), TimeUnit.NANOSECONDS);
    resolver
        .resolve(target.host(), loop)
        .addListener((Future<List<InetAddress>> found) -> onResolved(found));
  }

  /** Gives the connect up: the socket is closed and the listener hears nothing any more. */
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
    for (InetAddress address : found.getNow()) {
      if (!target.stranger() || AddressPolicy.permits(address)) {
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

  private void tryNextAddress() {
    InetAddress address = addresses.poll();
    if (address == null) {
      fail(lastFailure == null ? tookTooLong() : lastFailure);
      return;
    }
    // An equal share of what is left, so that one silent address does not hide the next.
    long leftNanos = target.connectTimeout().toNanos() - (loop.ticker().nanoTime() - startNanos);
    long shareMillis =
        Math.max(1, TimeUnit.NANOSECONDS.toMillis(leftNanos) / (addresses.size() + 1));
    ChannelFuture connect =
        new Bootstrap()
            .group(loop)
            .channel(transports.connecting())
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                (int) Math.min(shareMillis, Integer.MAX_VALUE))
            .option(ChannelOption.RECVBUF_ALLOCATOR, new ReadSizes())
            .handler(new ChannelInboundHandlerAdapter())
            .connect(new InetSocketAddress(address, target.port()));
    channel = connect.channel();
    connect.addListener(done -> onConnect(connect, address));
  }

  private void onConnect(ChannelFuture connect, InetAddress address) {
    if (over) {
      connect.channel().close();
      return;
    }
    if (connect.isSuccess()) {
      onConnected(connect.channel());
      return;
    }
    ConnectFailure failure =
        ConnectFailure.of(
            connect.cause(),
            target.host() + " (" + address.getHostAddress() + ":" + target.port() + ")");
    if (lastFailure == null || failure.kind() != ConnectFailure.Kind.NO_LOCAL_RESOURCE) {
      lastFailure = failure;
    }
    tryNextAddress();
  }

  private void onConnected(Channel store) {
    StoreTarget.Announcement announce = target.announce();
    if (announce != null) {
      store.write(ProxyHeader.of(announce, store.alloc()));
      store.flush();
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
      listener.connected(store);
    }
  }

  private void fail(ConnectFailure failure) {
    if (!over) {
      end();
      abandonChannel();
      listener.failed(failure);
    }
  }

  private void end() {
    over = true;
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  private void abandonChannel() {
    if (channel != null) {
      channel.close();
    }
  }
}
