package org.openmmp.storesim.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.List;

/** Cuts a client's bytes into lines, each a {@code String} without its end. */
public final class ClientLineFramer extends CommandFramer {
  @Override
  protected void frame(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    String line = nextLine(in);
    if (line != null) {
      out.add(line);
    }
  }
}
