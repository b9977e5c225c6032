package org.openmmp.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.DuplexChannelConfig;
import io.netty.channel.unix.Socket;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.TimeUnit;

/** Ends a connection behind what is still to be written to it: an empty write tells when. */
public final class BehindPending {
  private static final long LIMIT_SECONDS = 5;

  private BehindPending() {}

  /** Closes the connection, at the latest when its peer has taken nothing for five seconds. */
  public static void closeInTime(Channel channel) {
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    if (channel.isOpen()) {
      Future<?> limit =
          channel.eventLoop().schedule(() -> channel.close(), LIMIT_SECONDS, TimeUnit.SECONDS);
      channel.closeFuture().addListener(closed -> limit.cancel(false));
    }
  }

  /** Closes the connection; the caller sees to the time. */
  static void close(Channel channel) {
    if (channel.isActive() && isPending(channel)) {
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    } else {
      channel.close();
    }
  }

  /** Under TLS the closing alert has to leave first. */
  private static boolean isPending(Channel channel) {
    return !hasLeft(channel) || channel.pipeline().get(SslHandler.class) != null;
  }

  /**
   * Whether all that was written has left, flushed or not: over io_uring a peer's end is told in
   * front of the end of the burst that its last octets came in, and so before they are flushed.
   */
  static boolean hasLeft(Channel channel) {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    return out == null || (out.isEmpty() && out.totalPendingWriteBytes() == 0);
  }

  /**
   * Ends our direction of it, under TLS with a closing alert first (RFC 8446, section 6.1). Once
   * that is done, the end of the peer's direction closes the connection.
   */
  static void endOutput(Channel channel) {
    channel
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            written -> {
              if (written.isSuccess()) {
                endOutputNow(channel);
              }
            });
  }

  private static void endOutputNow(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      shutOutput(channel);
    } else {
      TlsDirections.endOutput(channel, tls).addListener(told -> shutOutput(channel));
    }
  }

  /** Without the exception that Netty's epoll channel makes for what waits; nothing does here. */
  private static void shutOutput(Channel channel) {
    if (channel instanceof EpollSocketChannel epoll && epoll.fd() instanceof Socket socket) {
      try {
        socket.shutdown(false, true);
      } catch (IOException | NotYetConnectedException gone) {
        return; // the channel hears of it by itself
      }
    } else if (channel instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    } else {
      channel.close();
    }
    endsWhole(channel);
  }

  /**
   * From now on the end of the peer's direction closes the connection. Not where its input was shut
   * already: that side may be held back with octets to be read still, and Netty reads nothing of a
   * connection whose input is shut and which may not be closed by halves.
   */
  static void endsWhole(Channel channel) {
    if (channel instanceof DuplexChannel duplex
        && !duplex.isInputShutdown()
        && duplex.config() instanceof DuplexChannelConfig both) {
      both.setAllowHalfClosure(false);
    }
  }
}
