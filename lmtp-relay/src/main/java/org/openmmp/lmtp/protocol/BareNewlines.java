package org.openmmp.lmtp.protocol;

import java.nio.ByteBuffer;

/**
 * Whether a message holds a CR or a LF that is not part of a CR LF (RFC 5321 section 2.3.8 forbids
 * both). It is given the message, not the data: each false end of data shows there.
 */
public final class BareNewlines implements OctetSink {
  private boolean behindCr;
  private boolean bareCr;
  private boolean bareLf;

  @Override
  public void octets(ByteBuffer octets, int from, int to) {
    bareCr |= behindCr && octets.get(from) != '\n';
    int at = OctetSearch.lineEnd(octets, from, to);
    while (at >= 0) {
      if (octets.get(at) == '\n') {
        bareLf |= at > from || !behindCr;
      } else if (at + 1 < to) {
        boolean whole = octets.get(at + 1) == '\n';
        bareCr |= !whole;
        at += whole ? 1 : 0;
      }
      at = OctetSearch.lineEnd(octets, at + 1, to);
    }
    behindCr = octets.get(to - 1) == '\r';
  }

  /** The message ends here; a CR before that is bare. */
  public void end() {
    bareCr |= behindCr;
    behindCr = false;
  }

  /** Whether a CR without LF was seen. */
  public boolean bareCr() {
    return bareCr;
  }

  /** Whether a LF without CR was seen. */
  public boolean bareLf() {
    return bareLf;
  }
}
