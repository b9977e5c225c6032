package org.openmmp.storesim.imap;

import io.netty.channel.ChannelHandlerContext;
import org.openmmp.storesim.session.ClientOutput;

/** Writes responses to one client; on the connection's event loop. */
final class ImapOutput extends ClientOutput {
  ImapOutput(ChannelHandlerContext ctx) {
    super(ctx);
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
}
