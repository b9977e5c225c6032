package org.openmmp.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Puts TLS into a live connection: at STARTTLS, or as soon as it stands where TLS is implicit. It
 * sits behind the TLS handler until the handshake has ended, tells a {@link TlsListener}, and
 * leaves its place to a {@link TlsDirections}.
 *
 * <p>Everything that was read before has been handed up already, and it is the dialogue that drops
 * it (rule B6.2); what is read from then on goes to TLS first, so that no octet in the clear can
 * come behind the handshake. How that ended is told by an event of the pipeline and not by a
 * future, because a future may tell its listeners later than the first octets arrive.
 */
public final class TlsUpgrade extends ChannelInboundHandlerAdapter {
  private final TlsListener listener;
  private final @Nullable Duration limit;
  private @Nullable Deadline deadline;
  private boolean over;

  /**
   * Watches one handshake.
   *
   * @param limit for it; null if another has an eye on the time
   */
  private TlsUpgrade(TlsListener listener, @Nullable Duration limit) {
    this.listener = listener;
    this.limit = limit;
  }

  /**
   * Begins TLS with a client. What was written before leaves in the clear, before the handshake.
   *
   * @param limit for the whole handshake, a ClientHello that trickles in included (row T10)
   */
  public static void ofClient(Channel client, ServerTls tls, Duration limit, TlsListener listener) {
    client.flush();
    ChannelPipeline pipeline = client.pipeline();
    pipeline.addFirst(new TlsUpgrade(listener, null));
    pipeline.addFirst(tls.helloHandler(limit));
    client.read();
  }

  /**
   * Begins TLS with a store. What was written before leaves in the clear, before the handshake.
   *
   * @param target says which certificate is believed, and by which name
   * @param limit for the whole handshake
   */
  public static void ofStore(
      Channel store, StoreTarget target, Duration limit, TlsListener listener) {
    SslHandler handler =
        target.trust().handler(store.alloc(), target.host(), target.port(), target.tls());
    handler.setHandshakeTimeoutMillis(0); // the limit is kept here
    store.flush();
    ChannelPipeline pipeline = store.pipeline();
    pipeline.addFirst(new TlsUpgrade(listener, limit));
    pipeline.addFirst(handler);
    store.read();
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
        fail(ctx, cause);
      }
    } else if (event instanceof SniCompletionEvent hello) {
      Throwable cause = hello.cause();
      if (cause != null) {
        fail(ctx, cause);
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
    fail(ctx, cause);
  }

  private void succeed(ChannelHandlerContext ctx) {
    if (!over) {
      over = true;
      TlsDirections.instead(ctx);
      listener.secured();
    }
  }

  private void fail(ChannelHandlerContext ctx, Throwable cause) {
    TlsFailure why = TlsFailure.of(cause);
    if (why == TlsFailure.OWN_WANT && !over) {
      EventLoops.tellWant(ctx.channel(), cause, "beginning TLS");
    }
    fail(ctx, why);
  }

  private void fail(ChannelHandlerContext ctx, TlsFailure why) {
    if (!over) {
      over = true;
      listener.failed(why);
      ctx.close();
    }
  }
}
