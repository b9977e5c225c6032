package org.openmmp.proxy.imap;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.openmmp.wire.SafePoints;

/**
 * One direction of an IMAP connection as lines and literals, whoever sends it: how a line begins,
 * and whether a literal follows at its end.
 *
 * <p>Of a line only its first two words are read, and its last octets; of a literal, nothing. They
 * are kept as numbers: a word as its first eight octets in capitals, a tag as a hash. Whoever wants
 * to read more gives a {@link LineText}.
 */
abstract class ImapLines implements SafePoints.Direction {

  /** No literal follows. */
  static final long NONE = -1;

  /** Whether a literal follows, or how long it is, cannot be told. */
  static final long UNCLEAR = -2;

  /** The longest end of a line that announces a literal: braces, 19 digits, +, CR. */
  private static final int LONGEST_END = 23;

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = ONES << 7;
  private static final long LINE_FEEDS = ONES * '\n';
  private static final long HASH_PRIME = 0x100000001b3L;
  private static final int MOST_DIGITS = 18;

  /** Which part of a line is read. */
  private enum Phase {
    FIRST,
    SECOND,
    REST
  }

  /** How the line ends so far, seen as the announcement of a literal. */
  private enum End {
    OTHER,
    /** The line is longer than what was looked at, and that began with digits. */
    CUT,
    CUT_CLOSED,
    BRACE,
    DIGITS,
    PLUS,
    CLOSED,
    CLOSED_CR
  }

  private final @Nullable LineText text;
  private Phase phase = Phase.FIRST;
  private boolean started;
  private boolean lineEnd;
  private boolean behindLiteral;
  private boolean inLiteral;
  private byte firstOctet;
  private long tag;

  /** The first word, until the second begins. */
  private long word;

  private End end = End.OTHER;
  private boolean plus;
  private byte digits;

  /** How long the announced literal is; within a literal, how much of it is left. */
  private long number;

  /** Lines of which no more is kept than numbers. */
  ImapLines() {
    this(null);
  }

  /** Lines whose text is kept there while they are looked at. */
  ImapLines(@Nullable LineText text) {
    this.text = text;
  }

  /**
   * A line has ended, or the part of it in front of a literal. One of {@link #skip}, {@link
   * #awaitLiteral} and {@link #nextLine} is due.
   *
   * @param more whether more octets are there already
   */
  abstract void lineEnded(boolean more);

  /** Whether nothing that is sent is understood any more. */
  abstract boolean isLost();

  @Override
  public void sent(ByteBuffer octets) {
    if (text != null) {
      sent(octets, text);
      return;
    }
    int at = octets.position();
    while (at < octets.limit() && !isLost()) {
      at = reads(octets, at);
      if (lineEnd) {
        lineEnded(at < octets.limit());
      }
    }
  }

  private void sent(ByteBuffer octets, LineText kept) {
    int at = octets.position();
    while (at < octets.limit() && !isLost()) {
      int from = at;
      boolean literal = inLiteral;
      if (!started && !literal) {
        kept.begin(from - octets.position());
      }
      at = reads(octets, at);
      if (literal) {
        kept.readLiteral(octets, from, at);
      } else {
        kept.read(octets, from, at, lineEnd);
      }
      if (lineEnd) {
        lineEnded(at < octets.limit());
      }
    }
    kept.passed(octets.remaining());
  }

  @Override
  public final long literalLeft() {
    return isLost() ? Long.MAX_VALUE : text != null && text.wantsLiteral() ? 0 : left();
  }

  @Override
  public final void passed(long octets) {
    if (text != null) {
      text.passed(octets);
    }
    count(octets);
  }

  private void count(long octets) {
    if (inLiteral) {
      number = Math.max(0, number - octets);
      inLiteral = number > 0;
    }
  }

  private long left() {
    return inLiteral ? number : 0;
  }

  /** Reads on, at most to the end of a line; where it stopped. */
  private int reads(ByteBuffer octets, int from) {
    lineEnd = false;
    int at = from;
    if (inLiteral) {
      int taken = (int) Math.min(number, octets.limit() - at);
      count(taken);
      return at + taken;
    }
    int rest = readWords(octets, at);
    int lineFeed = indexOfLineFeed(octets, rest);
    int stop = lineFeed < 0 ? octets.limit() : lineFeed;
    readEnd(octets, Math.max(rest, at), stop);
    lineEnd = lineFeed >= 0;
    return lineEnd ? lineFeed + 1 : stop;
  }

  /** Tag and name, or tag and kind of response; where they end. */
  private int readWords(ByteBuffer octets, int from) {
    int at = from;
    if (!started && at < octets.limit()) {
      started = true;
      firstOctet = octets.get(at);
    }
    while (phase != Phase.REST && at < octets.limit()) {
      int octet = octets.get(at);
      if (octet == '\n') {
        break;
      }
      at++;
      if (octet == ' ') {
        endWord();
      } else if (octet != '\r') {
        read(octet);
      }
    }
    return at;
  }

  private void endWord() {
    if (phase == Phase.FIRST) {
      phase = Phase.SECOND;
      word = 0;
    } else if (word != 0) {
      phase = Phase.REST;
    }
  }

  private void read(int octet) {
    if (phase == Phase.FIRST) {
      tag = hashed(tag, octet);
    }
    word = ImapCursor.packed(word, octet);
  }

  private static int indexOfLineFeed(ByteBuffer octets, int from) {
    int at = from;
    int limit = octets.limit();
    while (at + Long.BYTES <= limit) {
      long different = octets.getLong(at) ^ LINE_FEEDS;
      if (((different - ONES) & ~different & HIGH_BITS) != 0) {
        break;
      }
      at += Long.BYTES;
    }
    while (at < limit) {
      if (octets.get(at) == '\n') {
        return at;
      }
      at++;
    }
    return -1;
  }

  /** The last octets of a line, or of what there is of it, tell whether a literal follows. */
  private void readEnd(ByteBuffer octets, int from, int stop) {
    int at = from;
    if (stop - at > LONGEST_END) {
      at = stop - LONGEST_END;
      end = End.CUT;
    }
    for (; at < stop; at++) {
      int octet = octets.get(at);
      if (octet == '{') {
        end = End.BRACE;
        digits = 0;
        number = 0;
        plus = false;
      } else {
        end = endWith(octet);
      }
    }
  }

  private End endWith(int octet) {
    boolean digit = octet >= '0' && octet <= '9';
    return switch (end) {
      case CUT -> digit || octet == '+' ? End.CUT : octet == '}' ? End.CUT_CLOSED : End.OTHER;
      case BRACE, DIGITS -> {
        if (digit) {
          digits = (byte) Math.min(digits + 1, MOST_DIGITS + 1);
          number = number * 10 + (octet - '0');
          yield End.DIGITS;
        }
        if (end == End.DIGITS && octet == '+') {
          plus = true;
          yield End.PLUS;
        }
        yield end == End.DIGITS && octet == '}' ? End.CLOSED : End.OTHER;
      }
      case PLUS -> octet == '}' ? End.CLOSED : End.OTHER;
      case CLOSED -> octet == '\r' ? End.CLOSED_CR : End.OTHER;
      case CUT_CLOSED -> octet == '\r' ? End.CUT_CLOSED : End.OTHER;
      default -> End.OTHER;
    };
  }

  /** The first octets of a word, in capitals, as one number. */
  static long word(String text) {
    long packed = 0;
    for (int i = 0; i < Math.min(text.length(), ImapCursor.WORD_OCTETS); i++) {
      packed = packed << 8 | text.charAt(i);
    }
    return packed;
  }

  /** The hash of a tag. */
  static long tag(byte[] text) {
    long hash = 0;
    for (byte octet : text) {
      hash = hashed(hash, octet);
    }
    return hash;
  }

  private static long hashed(long before, int octet) {
    return (before ^ (octet & 0xff) ^ 0x100) * HASH_PRIME;
  }

  /** The octet that the line begins with. */
  int firstOctet() {
    return firstOctet;
  }

  /** The hash of its first word; 0 if it has none. */
  long tag() {
    return tag;
  }

  /** Its only word; 0 if it has more, or none. */
  long onlyWord() {
    return phase == Phase.FIRST ? word : 0;
  }

  /** Its second word; 0 if it has none. */
  long secondWord() {
    return phase == Phase.FIRST ? 0 : word;
  }

  /** Whether a literal stood earlier in it. */
  boolean isBehindLiteral() {
    return behindLiteral;
  }

  /** How many octets of a literal follow; {@link #NONE}, {@link #UNCLEAR}. */
  long literal() {
    return switch (end) {
      case CLOSED, CLOSED_CR -> digits > MOST_DIGITS ? UNCLEAR : number;
      case CUT_CLOSED -> UNCLEAR;
      case OTHER, CUT, BRACE, DIGITS, PLUS -> NONE;
    };
  }

  /** Whether that literal follows without having been asked for (RFC 7888). */
  boolean isNonSynchronizing() {
    return plus;
  }

  /** Whether neither a line nor a literal has begun. */
  boolean isBetweenLines() {
    return !started && !inLiteral;
  }

  /** So many octets of a literal come now, and then the line goes on. */
  void skip(long octets) {
    awaitLiteral();
    number = octets;
    inLiteral = octets > 0;
  }

  /** The literal comes that the line has announced. */
  void skipAnnounced() {
    skip(number);
  }

  /** The line goes on behind a literal that may come. */
  void awaitLiteral() {
    if (phase == Phase.FIRST) {
      endWord();
    }
    end = End.OTHER;
    phase = Phase.REST;
    behindLiteral = true;
    if (text != null) {
      text.endPart();
    }
  }

  /** Another line begins. */
  void nextLine() {
    end = End.OTHER;
    phase = Phase.FIRST;
    started = false;
    behindLiteral = false;
    tag = 0;
    word = 0;
    if (text != null) {
      text.end();
    }
  }
}
