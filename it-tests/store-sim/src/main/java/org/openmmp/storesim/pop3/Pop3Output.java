package org.openmmp.storesim.pop3;

import io.netty.channel.ChannelHandlerContext;
import java.util.List;
import org.openmmp.storesim.session.ClientOutput;

/** Writes replies to one client; on the connection's event loop. */
final class Pop3Output extends ClientOutput {
  Pop3Output(ChannelHandlerContext ctx) {
    super(ctx);
  }

  /** {@code +OK text}. */
  void ok(String text) {
    say("+OK " + text);
  }

  /** {@code -ERR text}. */
  void err(String text) {
    say("-ERR " + text);
  }

  /** {@code + }, for a SASL exchange (RFC 5034 section 4). */
  void goOn() {
    say("+ ");
  }

  /** {@code +OK text} and lines, none of which begins with a dot. */
  void list(String text, List<String> lines) {
    raw("+OK " + text + "\r\n");
    lines.forEach(line -> raw(line + "\r\n"));
    say(".");
  }

  /** {@code +OK text} and octets that end with a line. */
  void message(String text, byte[] octets) {
    raw("+OK " + text + "\r\n");
    byte[] stuffed = DotStuffing.stuff(octets);
    raw(stuffed, 0, stuffed.length);
    say(".");
  }

  private void say(String line) {
    raw(line + "\r\n");
    flush();
  }
}
