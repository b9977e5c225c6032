package org.openmmp.storesim.imap;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.openmmp.storesim.session.CommandFramer;

/** Cuts a client's bytes into lines with their literals, and asks for synchronizing literals. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the connection
final class ImapLineFramer extends CommandFramer {
  private static final int LITERAL_LIMIT = 1 << 28;
  // RFC 3501 section 4.3; the plus is RFC 7888's.
  private static final Pattern MARKER = Pattern.compile("\\{(\\d{1,10})(\\+?)}$");

  private final List<String> texts = new ArrayList<>();
  private final List<byte[]> literals = new ArrayList<>();
  private byte @Nullable [] literal;
  private int filled;

  @Override
  protected void frame(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (literal != null) {
      fill(literal, in);
    } else {
      readLine(ctx, in, out);
    }
  }

  private void fill(byte[] target, ByteBuf in) {
    int count = Math.min(in.readableBytes(), target.length - filled);
    in.readBytes(target, filled, count);
    filled += count;
    if (filled == target.length) {
      literals.add(target);
      literal = null;
    }
  }

  private void readLine(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    String line = nextLine(in);
    if (line == null) {
      return;
    }
    Matcher marker = MARKER.matcher(line);
    if (marker.find()) {
      beginLiteral(ctx, line.substring(0, marker.start()), marker);
    } else {
      texts.add(line);
      out.add(new ImapLine(List.copyOf(texts), List.copyOf(literals)));
      texts.clear();
      literals.clear();
    }
  }

  private void beginLiteral(ChannelHandlerContext ctx, String text, Matcher marker) {
    long size = Long.parseLong(marker.group(1));
    if (size > LITERAL_LIMIT) {
      throw new TooLongFrameException("literal too long");
    }
    texts.add(text);
    literal = new byte[(int) size];
    filled = 0;
    if (marker.group(2).isEmpty()) {
      ctx.writeAndFlush(
          Unpooled.copiedBuffer("+ Ready for literal\r\n", StandardCharsets.US_ASCII),
          ctx.voidPromise());
    }
    if (size == 0) {
      literals.add(literal);
      literal = null;
    }
  }
}
