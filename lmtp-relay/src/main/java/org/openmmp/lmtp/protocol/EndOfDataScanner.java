package org.openmmp.lmtp.protocol;

import java.nio.ByteBuffer;

/**
 * Takes the message out of what a client sends behind DATA (RFC 5321 section 4.5.2), as it goes on
 * behind DATA: dots stay stuffed, so that nobody need look at the octets again. It finds the end.
 *
 * <p>The end is CR LF dot CR LF and nothing else; the first line may be the dot already. CR or LF
 * alone ends no line: a dot behind one is a dot of the message, and {@link #bareNewline} tells that
 * the message has one. A dot that begins a line and should have been two is left out, as everybody
 * who reads data does. All other octets pass as they are, NUL too.
 */
public final class EndOfDataScanner {
  /** What the octet that comes next stands behind. */
  private enum Behind {
    /** CR LF, or nothing yet. */
    LINE_END,
    /** A dot at the beginning of a line, which is held back. */
    FIRST_DOT,
    /** That dot and a CR, which is held back too. */
    FIRST_DOT_AND_CR,
    /** A CR that is part of the message. */
    CR,
    /** Anything else. */
    TEXT,
    /** The end of data. */
    END
  }

  private static final ByteBuffer HELD_BACK_DOT = ByteBuffer.wrap(new byte[] {'.'});
  private static final ByteBuffer HELD_BACK_CR = ByteBuffer.wrap(new byte[] {'\r'});

  private Behind behind = Behind.LINE_END;
  private boolean bareNewline;
  private long stuffedDots;

  /**
   * Gives the octets of that range to the sink, in one range as a rule.
   *
   * @return behind the last octet that was read: {@code to}, unless the end of data was found
   *     there; what follows that is the client's next command
   */
  public int scan(ByteBuffer octets, int from, int to, OctetSink data) {
    int start = from;
    int at = from;
    while (at < to) {
      switch (behind) {
        case LINE_END -> {
          if (octets.get(at) != '.') {
            behind = Behind.TEXT;
          } else if (at + 1 < to && octets.get(at + 1) == '.') {
            stuffedDots++;
            behind = Behind.TEXT;
            at += 2;
          } else {
            give(octets, start, at, data);
            behind = Behind.FIRST_DOT;
            start = ++at;
          }
        }
        case FIRST_DOT -> {
          if (octets.get(at) == '\r') {
            behind = Behind.FIRST_DOT_AND_CR;
            start = ++at;
          } else {
            if (octets.get(at) == '.') {
              stuffedDots++;
              data.octets(HELD_BACK_DOT, 0, 1);
              at++;
            }
            behind = Behind.TEXT;
          }
        }
        case FIRST_DOT_AND_CR -> {
          if (octets.get(at) == '\n') {
            behind = Behind.END;
            return at + 1;
          }
          data.octets(HELD_BACK_CR, 0, 1);
          behind = Behind.CR;
        }
        case CR -> {
          boolean lineEnd = octets.get(at) == '\n';
          bareNewline |= !lineEnd;
          behind = lineEnd ? Behind.LINE_END : Behind.TEXT;
          at += lineEnd ? 1 : 0;
        }
        case TEXT -> at = text(octets, at, to);
        case END -> {
          return at;
        }
      }
    }
    give(octets, start, at, data);
    return at;
  }

  /** Whether the end of data was found. */
  public boolean ended() {
    return behind == Behind.END;
  }

  /**
   * Whether the message, as far as it was given to the sink, has a CR or a LF that is no line end;
   * one that was the last octet is not known yet.
   */
  public boolean bareNewline() {
    return bareNewline;
  }

  /** How many of the octets that were given are no part of the message, but dots before its own. */
  public long stuffedDots() {
    return stuffedDots;
  }

  /** Reads over text up to the end of its line, or of the range. */
  private int text(ByteBuffer octets, int from, int to) {
    int at = OctetSearch.lineEnd(octets, from, to);
    while (at >= 0) {
      if (octets.get(at) == '\n') {
        bareNewline = true;
      } else if (at + 1 == to) {
        behind = Behind.CR;
        return to;
      } else if (octets.get(at + 1) == '\n') {
        // Of most lines the next begins with no dot: then the search goes on at once.
        if (at + 2 == to || octets.get(at + 2) == '.') {
          behind = Behind.LINE_END;
          return at + 2;
        }
        at++;
      } else {
        bareNewline = true;
      }
      at = OctetSearch.lineEnd(octets, at + 1, to);
    }
    behind = Behind.TEXT;
    return to;
  }

  private static void give(ByteBuffer octets, int from, int to, OctetSink data) {
    if (from < to) {
      data.octets(octets, from, to);
    }
  }
}
