package org.openmmp.storesim.imap;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;

/** Writes responses to one client; on the connection's event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the connection
final class ImapOutput {
  private final ChannelHandlerContext ctx;

  ImapOutput(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  /** {@code * text}. */
  void untagged(String text) {
    raw("* " + text + "\r\n");
  }

  /** {@code + text}. */
  void goOn(String text) {
    raw("+ " + text + "\r\n");
    flush();
  }

  /** {@code tag text}, the end of a command. */
  void tagged(String tag, String text) {
    raw(tag + " " + text + "\r\n");
    flush();
  }

  /** Text as it stands, octets as ISO-8859-1. */
  void raw(String text) {
    write(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
  }

  /** Octets as they stand, not copied. */
  void raw(byte[] octets, int offset, int length) {
    write(Unpooled.wrappedBuffer(octets, offset, length));
  }

  void flush() {
    ctx.flush();
  }

  /** Closes once all that was said is written. */
  void close() {
    ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  private void write(ByteBuf octets) {
    ctx.write(octets, ctx.voidPromise());
  }
}
