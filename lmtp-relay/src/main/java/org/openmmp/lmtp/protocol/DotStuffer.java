package org.openmmp.lmtp.protocol;

import java.nio.ByteBuffer;

/**
 * Makes of a message what is sent behind DATA (RFC 5321 section 4.5.2): a second dot before each
 * that begins a line, and the end of data. Another one makes the message of that again.
 *
 * <p>A message that does not end in CR LF, as one that came by BDAT may, gets that added: DATA
 * cannot say it otherwise. Sent on by BDAT it stays exact.
 */
public final class DotStuffer {
  private static final ByteBuffer DOT = ByteBuffer.wrap(new byte[] {'.'});
  private static final ByteBuffer END = ByteBuffer.wrap(new byte[] {'\r', '\n', '.', '\r', '\n'});
  private static final int LINE_END_OCTETS = 2;

  private boolean atLineStart = true;
  private boolean behindCr;

  /** Gives the octets to be sent for that range of the message to the sink. */
  public void stuff(ByteBuffer octets, int from, int to, OctetSink data) {
    pass(octets, from, to, true, data);
  }

  /** Gives the octets of the message in that range of data, as it was stuffed, to the sink. */
  public void unstuff(ByteBuffer octets, int from, int to, OctetSink message) {
    pass(octets, from, to, false, message);
  }

  /** Gives the end of data to the sink. */
  public void end(OctetSink data) {
    data.octets(END, atLineStart ? LINE_END_OCTETS : 0, END.capacity());
  }

  /** With one dot more, or less, at each line that begins with one. */
  private void pass(ByteBuffer octets, int from, int to, boolean more, OctetSink sink) {
    int start = from;
    int at = from;
    while (at < to) {
      if (atLineStart && octets.get(at) == '.') {
        give(octets, start, at, sink);
        if (more) {
          sink.octets(DOT, 0, 1);
        }
        start = more ? at : at + 1;
      }
      int lineFeed = OctetSearch.lineFeed(octets, at, to);
      if (lineFeed < 0) {
        atLineStart = false;
        behindCr = octets.get(to - 1) == '\r';
        break;
      }
      atLineStart = lineFeed > from ? octets.get(lineFeed - 1) == '\r' : behindCr;
      behindCr = false;
      at = lineFeed + 1;
    }
    give(octets, start, to, sink);
  }

  private static void give(ByteBuffer octets, int from, int to, OctetSink sink) {
    if (from < to) {
      sink.octets(octets, from, to);
    }
  }
}
