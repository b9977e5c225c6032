package org.openmmp.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;

/**
 * Sits behind the TLS handler until the handshake has ended, tells a {@link TlsListener}, and goes.
 *
 * <p>It is told by an event of the pipeline and not by a future, because a future may tell its
 * listeners later than the first octets arrive.
 */
final class HandshakeWatch extends ChannelInboundHandlerAdapter {
  private final TlsListener listener;
  private boolean over;

  HandshakeWatch(TlsListener listener) {
    this.listener = listener;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      end(ctx, handshake.cause());
    } else if (event instanceof SniCompletionEvent hello) {
      if (hello.cause() != null) {
        end(ctx, hello.cause());
      }
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (!over) {
      over = true;
      listener.failed(TlsFailure.CLOSED);
    }
    ctx.fireChannelInactive();
  }

  /** What goes wrong before the handshake has ended is told by the event, or by the close. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (over) {
      ctx.fireExceptionCaught(cause);
    } else {
      end(ctx, cause);
      ctx.close();
    }
  }

  private void end(ChannelHandlerContext ctx, @org.jspecify.annotations.Nullable Throwable cause) {
    if (over) {
      return;
    }
    over = true;
    if (cause != null) {
      listener.failed(TlsFailure.of(cause));
      ctx.close();
      return;
    }
    ctx.pipeline().remove(this);
    listener.secured();
  }
}
