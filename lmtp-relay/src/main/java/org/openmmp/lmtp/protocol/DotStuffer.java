package org.openmmp.lmtp.protocol;

/**
 * Makes of a message what is sent behind DATA (RFC 5321 section 4.5.2): a second dot before each
 * that begins a line, and the end of data.
 *
 * <p>A message that does not end in CR LF, as one that came by BDAT may, gets that added: DATA
 * cannot say it otherwise. Sent on by BDAT it stays exact.
 */
public final class DotStuffer {
  private static final byte[] DOT = {'.'};
  private static final byte[] END = {'\r', '\n', '.', '\r', '\n'};
  private static final int LINE_END_OCTETS = 2;

  private boolean atLineStart = true;
  private boolean behindCr;

  /** Gives the octets to be sent for that range of the message to the sink. */
  public void stuff(byte[] octets, int from, int to, OctetSink data) {
    int start = from;
    int at = from;
    while (at < to) {
      if (atLineStart && octets[at] == '.') {
        give(octets, start, at, data);
        data.octets(DOT, 0, 1);
        start = at;
      }
      int lineFeed = OctetSearch.lineFeed(octets, at, to);
      if (lineFeed < 0) {
        atLineStart = false;
        behindCr = octets[to - 1] == '\r';
        break;
      }
      atLineStart = lineFeed > from ? octets[lineFeed - 1] == '\r' : behindCr;
      behindCr = false;
      at = lineFeed + 1;
    }
    give(octets, start, to, data);
  }

  /**
   * The same for a range in which no line begins with a dot, but perhaps the first: as a message
   * comes out of data, which is cut at each such dot.
   */
  public void stuffCutAtDots(byte[] octets, int from, int to, OctetSink data) {
    if (atLineStart && octets[from] == '.') {
      data.octets(DOT, 0, 1);
    }
    give(octets, from, to, data);
    boolean cr = to - from > 1 ? octets[to - 2] == '\r' : !atLineStart && behindCr;
    atLineStart = cr && octets[to - 1] == '\n';
    behindCr = octets[to - 1] == '\r';
  }

  /** Gives the end of data to the sink. */
  public void end(OctetSink data) {
    data.octets(END, atLineStart ? LINE_END_OCTETS : 0, END.length);
  }

  private static void give(byte[] octets, int from, int to, OctetSink data) {
    if (from < to) {
      data.octets(octets, from, to);
    }
  }
}
