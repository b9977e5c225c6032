package org.openmmp.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Sits behind the TLS handler until the handshake has ended, tells a {@link TlsListener}, and
 * leaves its place to a {@link TlsDirections}.
 *
 * <p>It is told by an event of the pipeline and not by a future, because a future may tell its
 * listeners later than the first octets arrive.
 */
final class HandshakeWatch extends ChannelInboundHandlerAdapter {
  private final TlsListener listener;
  private final @Nullable Duration limit;
  private @Nullable Deadline deadline;
  private boolean over;

  /**
   * Watches one handshake.
   *
   * @param limit for it; null if another has an eye on the time
   */
  HandshakeWatch(TlsListener listener, @Nullable Duration limit) {
    this.listener = listener;
    this.limit = limit;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (limit != null) {
      deadline =
          Deadline.after(
              limit.toNanos(), ctx.channel().eventLoop(), () -> fail(ctx, TlsFailure.TIMED_OUT));
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (deadline != null) {
      deadline.cancel();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      Throwable cause = handshake.cause();
      if (cause == null) {
        succeed(ctx);
      } else {
        fail(ctx, TlsFailure.of(cause));
      }
    } else if (event instanceof SniCompletionEvent hello) {
      Throwable cause = hello.cause();
      if (cause != null) {
        fail(ctx, TlsFailure.of(cause));
      }
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail(ctx, TlsFailure.CLOSED);
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail(ctx, TlsFailure.of(cause));
  }

  private void succeed(ChannelHandlerContext ctx) {
    if (!over) {
      over = true;
      TlsDirections.instead(ctx);
      listener.secured();
    }
  }

  private void fail(ChannelHandlerContext ctx, TlsFailure why) {
    if (!over) {
      over = true;
      listener.failed(why);
      ctx.close();
    }
  }
}
