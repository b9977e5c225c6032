package org.openmmp.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.SSL;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * Sits right behind TLS and lets each direction end by itself, as on a plain connection (rule
 * B3.17).
 *
 * <p>Netty's engine ends both directions at the first closing alert, whose ever it is: it answers
 * the peer's at once, so that nothing can be written to a peer that has only ended its direction
 * (RFC 8446, section 6.1), and once it has sent one of ours it calls whatever it reads the end.
 * Here the engine is kept from answering and our alert is sent past it; the peer's end is told by a
 * {@link ChannelInputShutdownEvent}. Java's own engine ends both directions under TLS 1.2, as RFC
 * 5246 asks; it serves only where Netty's library does not run.
 */
final class TlsDirections extends ChannelInboundHandlerAdapter {
  /** Of an engine that believes to have it, the alert does not close our direction. */
  private static final @Nullable VarHandle RECEIVED_SHUTDOWN = receivedShutdown();

  private final SSLEngine engine;
  private boolean told;

  /** For a connection whose handshake has just ended, before any octet behind it is looked at. */
  TlsDirections(SSLEngine engine) {
    this.engine = engine;
    if (RECEIVED_SHUTDOWN != null && engine instanceof ReferenceCountedOpenSslEngine openSsl) {
      RECEIVED_SHUTDOWN.set(openSsl, true);
    }
  }

  /** Whether the connection is under TLS and its peer has sent its closing alert. */
  static boolean cameAt(Channel channel) {
    TlsDirections end = channel.pipeline().get(TlsDirections.class);
    return end != null && end.came();
  }

  private static @Nullable VarHandle receivedShutdown() {
    try {
      return MethodHandles.privateLookupIn(
              ReferenceCountedOpenSslEngine.class, MethodHandles.lookup())
          .findVarHandle(ReferenceCountedOpenSslEngine.class, "receivedShutdown", boolean.class);
    } catch (ReflectiveOperationException e) {
      return null; // then the engine closes both directions, as it always did
    }
  }

  /**
   * Ends our direction by a closing alert, behind what was written and flushed before.
   *
   * @return done when the alert is out
   */
  static ChannelFuture endOutput(Channel channel, SslHandler tls) {
    if (tls.engine() instanceof ReferenceCountedOpenSslEngine openSsl
        && openSsl.sslPointer() != 0) {
      if (SSL.shutdownSSL(openSsl.sslPointer()) < 0) {
        SSL.clearError();
      }
      return channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
    }
    return tls.closeOutbound();
  }

  private boolean came() {
    if (engine instanceof ReferenceCountedOpenSslEngine openSsl) {
      long ssl = openSsl.sslPointer();
      return ssl != 0 && (SSL.getShutdown(ssl) & SSL.SSL_RECEIVED_SHUTDOWN) != 0;
    }
    return engine.isInboundDone();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.fireChannelReadComplete();
    tell(ctx);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslCloseCompletionEvent) {
      tell(ctx);
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  private void tell(ChannelHandlerContext ctx) {
    if (!told && !ctx.isRemoved() && came()) {
      told = true;
      ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }
  }

  /** Takes the place of a handler that waited for the end of the handshake. */
  static void instead(ChannelHandlerContext watch) {
    SslHandler tls = watch.pipeline().get(SslHandler.class);
    watch.pipeline().replace(watch.handler(), null, new TlsDirections(tls.engine()));
  }
}
