package org.openmmp.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.Mapping;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * Awaits a client's hello, bounded in length and time (rows T9, T10), chooses the certificate by
 * the name in it, and gives way to TLS.
 *
 * <p>A hello (RFC 8446, section 4.1.2) that asks for application protocols without this listener's
 * is refused with the alert that RFC 7301, section 3.2 wants (row T7); BoringSSL as Netty drives it
 * would go on.
 */
final class ClientHelloHandler extends AbstractSniHandler<SslContext> {
  private static final int LONGEST_HELLO = 16 * 1024;
  private static final int VERSION_AND_RANDOM = 34;
  private static final int ALPN = 16;
  private static final byte[] NO_APPLICATION_PROTOCOL = {0x15, 3, 3, 0, 2, 2, 120};

  private final Mapping<? super String, SslContext> contexts;
  private final String applicationProtocol;
  private long startNanos;

  ClientHelloHandler(
      Mapping<? super String, SslContext> contexts, String applicationProtocol, Duration limit) {
    super(LONGEST_HELLO, limit.toMillis());
    this.contexts = contexts;
    this.applicationProtocol = applicationProtocol;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    startNanos = ctx.executor().ticker().nanoTime();
    super.handlerAdded(ctx);
  }

  @Override
  protected Future<SslContext> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf clientHello)
      throws Exception {
    if (clientHello != null && !acceptsProtocol(clientHello, applicationProtocol)) {
      ctx.writeAndFlush(
          ctx.alloc().buffer().writeBytes(NO_APPLICATION_PROTOCOL), ctx.voidPromise());
      return ctx.executor().newFailedFuture(new SSLHandshakeException("no protocol in common"));
    }
    return super.lookup(ctx, clientHello);
  }

  @Override
  protected Future<SslContext> lookup(ChannelHandlerContext ctx, @Nullable String name) {
    return ctx.executor().newSucceededFuture(contexts.map(name));
  }

  @Override
  protected void onLookupComplete(
      ChannelHandlerContext ctx, @Nullable String name, Future<SslContext> found) {
    if (!found.isSuccess()) {
      ctx.close(ctx.voidPromise());
      return;
    }
    SslHandler handler = found.getNow().newHandler(ctx.alloc());
    long spentMillis =
        TimeUnit.NANOSECONDS.toMillis(ctx.executor().ticker().nanoTime() - startNanos);
    handler.setHandshakeTimeoutMillis(Math.max(1, handshakeTimeoutMillis - spentMillis));
    ctx.pipeline().replace(this, null, handler);
  }

  /**
   * Whether a client that sent this hello can speak a protocol: it names it, or names none. What
   * cannot be read is left to the TLS engine to judge.
   */
  private static boolean acceptsProtocol(ByteBuf hello, String protocol) {
    try {
      ByteBuf names = protocolNames(hello.duplicate().skipBytes(VERSION_AND_RANDOM));
      boolean namesNone = !names.isReadable();
      while (names.isReadable()) {
        String name = names.readString(names.readUnsignedByte(), StandardCharsets.US_ASCII);
        if (name.equals(protocol)) {
          return true;
        }
      }
      return namesNone;
    } catch (IndexOutOfBoundsException e) {
      return true;
    }
  }

  private static ByteBuf protocolNames(ByteBuf in) {
    in.skipBytes(in.readUnsignedByte()); // session id
    in.skipBytes(in.readUnsignedShort()); // cipher suites
    in.skipBytes(in.readUnsignedByte()); // compression methods
    ByteBuf extensions = in.readSlice(in.isReadable() ? in.readUnsignedShort() : 0);
    while (extensions.isReadable()) {
      int type = extensions.readUnsignedShort();
      ByteBuf extension = extensions.readSlice(extensions.readUnsignedShort());
      if (type == ALPN) {
        return extension.readSlice(extension.readUnsignedShort());
      }
    }
    return extensions;
  }
}
