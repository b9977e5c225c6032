package org.openmmp.lmtp.protocol;

/**
 * Takes the message out of what a client sends behind DATA (RFC 5321 section 4.5.2): undoes the
 * dot-stuffing and finds the end.
 *
 * <p>The end is CR LF dot CR LF and nothing else; the first line may be the dot already. CR or LF
 * alone ends no line: a dot behind one is a dot of the message, and {@link #bareNewline} tells that
 * the message has one. All other octets pass as they are, NUL too.
 */
public final class EndOfDataScanner {
  /** What the octet that comes next stands behind. */
  private enum Behind {
    /** CR LF, or nothing yet. */
    LINE_END,
    /** A dot at the beginning of a line; it is not part of the message. */
    FIRST_DOT,
    /** That dot and a CR, which is held back. */
    FIRST_DOT_AND_CR,
    /** A CR that is part of the message. */
    CR,
    /** Anything else. */
    TEXT,
    /** The end of data. */
    END
  }

  private static final byte[] HELD_BACK = {'\r'};

  private Behind behind = Behind.LINE_END;
  private boolean bareNewline;

  /**
   * Gives the octets of the message in that range to the sink, in as few ranges as there are dots.
   *
   * @return behind the last octet that was read: {@code to}, unless the end of data was found
   *     there; what follows that is the client's next command
   */
  public int scan(byte[] octets, int from, int to, OctetSink message) {
    int start = from;
    int at = from;
    while (at < to) {
      switch (behind) {
        case LINE_END -> {
          if (octets[at] == '.') {
            give(octets, start, at, message);
            behind = Behind.FIRST_DOT;
            start = ++at;
          } else {
            behind = Behind.TEXT;
          }
        }
        case FIRST_DOT -> {
          if (octets[at] == '\r') {
            behind = Behind.FIRST_DOT_AND_CR;
            start = ++at;
          } else {
            behind = Behind.TEXT;
          }
        }
        case FIRST_DOT_AND_CR -> {
          if (octets[at] == '\n') {
            behind = Behind.END;
            return at + 1;
          }
          message.octets(HELD_BACK, 0, 1);
          behind = Behind.CR;
        }
        case CR -> {
          boolean lineEnd = octets[at] == '\n';
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
    give(octets, start, at, message);
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

  /** Reads over text up to the end of its line, or of the range. */
  private int text(byte[] octets, int from, int to) {
    int at = OctetSearch.lineEnd(octets, from, to);
    while (at >= 0) {
      if (octets[at] == '\n') {
        bareNewline = true;
      } else if (at + 1 == to) {
        behind = Behind.CR;
        return to;
      } else if (octets[at + 1] == '\n') {
        behind = Behind.LINE_END;
        return at + 2;
      } else {
        bareNewline = true;
      }
      at = OctetSearch.lineEnd(octets, at + 1, to);
    }
    behind = Behind.TEXT;
    return to;
  }

  private static void give(byte[] octets, int from, int to, OctetSink message) {
    if (from < to) {
      message.octets(octets, from, to);
    }
  }
}
