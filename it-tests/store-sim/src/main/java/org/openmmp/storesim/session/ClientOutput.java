package org.openmmp.storesim.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;

/** Writes to one client; on the connection's event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the connection
public class ClientOutput {
  private final ChannelHandlerContext ctx;

  /** Writes through this context. */
  public ClientOutput(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  /** Text as it stands, octets as ISO-8859-1. */
  public final void raw(String text) {
    write(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
  }

  /** Octets as they stand, not copied. */
  public final void raw(byte[] octets, int offset, int length) {
    write(Unpooled.wrappedBuffer(octets, offset, length));
  }

  /** Sends what was written. */
  public final void flush() {
    ctx.flush();
  }

  /** Closes once all that was said is written. */
  public final void close() {
    ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  private void write(ByteBuf octets) {
    ctx.write(octets, ctx.voidPromise());
  }
}
