package org.openmmp.storesim.lmtp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.openmmp.storesim.lmtp.LmtpInput.Kind;
import org.openmmp.storesim.session.CommandFramer;

/** Cuts a client's bytes into command lines and messages. */
final class LmtpInputFramer extends CommandFramer {
  private static final Pattern CHUNK = Pattern.compile("BDAT ([0-9]{1,9})( .*)?");

  private @Nullable EndOfDataFinder data;
  private boolean inChunk;
  private int chunkOctets;

  /** The message follows, up to its end of data. */
  void expectData(boolean lenient) {
    data = new EndOfDataFinder(lenient);
  }

  @Override
  protected void frame(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    EndOfDataFinder finder = data;
    if (inChunk) {
      chunk(in, out);
    } else if (finder != null) {
      data(in, finder, out);
    } else {
      command(in, out);
    }
  }

  private void command(ByteBuf in, List<Object> out) {
    String line = nextLine(in);
    if (line == null) {
      return;
    }
    Matcher chunk = CHUNK.matcher(line);
    if (chunk.matches()) {
      inChunk = true;
      chunkOctets = Integer.parseInt(chunk.group(1));
    }
    out.add(new LmtpInput(Kind.COMMAND, line));
    if (inChunk && chunkOctets == 0) {
      endOfChunk(out);
    }
  }

  private void chunk(ByteBuf in, List<Object> out) {
    int length = Math.min(in.readableBytes(), chunkOctets);
    chunkOctets -= length;
    out.add(
        new LmtpInput(
            Kind.MESSAGE, in.readCharSequence(length, StandardCharsets.ISO_8859_1).toString()));
    if (chunkOctets == 0) {
      endOfChunk(out);
    }
  }

  private void endOfChunk(List<Object> out) {
    inChunk = false;
    out.add(new LmtpInput(Kind.END_OF_CHUNK, ""));
  }

  private void data(ByteBuf in, EndOfDataFinder finder, List<Object> out) {
    StringBuilder message = new StringBuilder(in.readableBytes());
    boolean ended = false;
    while (in.isReadable() && !ended) {
      ended = finder.takes((char) in.readUnsignedByte(), message);
    }
    out.add(new LmtpInput(Kind.MESSAGE, message.toString()));
    if (ended) {
      data = null;
      out.add(new LmtpInput(Kind.END_OF_DATA, ""));
    }
  }
}
