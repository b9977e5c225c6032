package org.openmmp.storesim.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Cuts a client's bytes into what its protocol calls a line, but for those behind STARTTLS. */
public abstract class CommandFramer extends ByteToMessageDecoder {
  private static final int LINE_LIMIT = 1 << 16;

  private boolean discarding;

  /** Cuts what can be cut; called again while that takes bytes. */
  protected abstract void frame(ChannelHandlerContext ctx, ByteBuf in, List<Object> out);

  /**
   * The next line without its end, octets as ISO-8859-1; null while it is not whole.
   *
   * @throws TooLongFrameException if it is longer than 64 KiB
   */
  protected static final @Nullable String nextLine(ByteBuf in) {
    int length = in.bytesBefore((byte) '\n');
    if (length > LINE_LIMIT || (length < 0 && in.readableBytes() > LINE_LIMIT)) {
      throw new TooLongFrameException("line too long");
    }
    if (length < 0) {
      return null;
    }
    String line = in.readCharSequence(length, StandardCharsets.ISO_8859_1).toString();
    in.skipBytes(1);
    return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
  }

  @Override
  protected final void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (discarding) {
      in.skipBytes(in.readableBytes());
    } else {
      frame(ctx, in, out);
    }
  }

  /** From now on throws away what comes, until TLS stands (rule B6.2). */
  final void discardUntilTls() {
    discarding = true;
  }

  /** TLS stands. */
  final void onTls() {
    discarding = false;
  }
}
