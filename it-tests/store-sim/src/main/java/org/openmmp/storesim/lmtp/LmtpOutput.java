package org.openmmp.storesim.lmtp;

import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.storesim.session.ClientOutput;

/** Writes replies to one client; on the connection's event loop. */
final class LmtpOutput extends ClientOutput {
  LmtpOutput(ChannelHandlerContext ctx) {
    super(ctx);
  }

  /** A line with its code; one that says 421 is the last. */
  void say(String line) {
    raw(line + "\r\n");
    flush();
    if (line.startsWith("421")) {
      close();
    }
  }

  /** A reply of any number of lines. */
  void say(LmtpReply reply) {
    raw(new String(reply.octets(), StandardCharsets.ISO_8859_1));
    flush();
  }
}
