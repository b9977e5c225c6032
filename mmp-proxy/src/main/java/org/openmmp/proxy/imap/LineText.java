package org.openmmp.proxy.imap;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The octets of a line that is looked at, or of the part of it between two literals. They are not
 * copied while they are in one piece; nothing is kept once the line has ended.
 */
final class LineText {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final byte[] NONE = new byte[0];

  /** A line that comes in pieces is kept up to here. */
  private static final int MOST_CARRIED = 16 * 1024;

  private ByteBuffer octets = NOTHING;
  private int from;
  private int to;
  private byte[] carried = NONE;
  private int carriedCount;
  private boolean cut;
  private byte[] literal = NONE;
  private int literalCount;

  /** How many octets this direction has had, and how many of them before the line that began. */
  private long soFar;

  private long begin;

  /** A line begins so many octets behind what was passed so far. */
  void begin(int behind) {
    begin = soFar + behind;
  }

  /** So many octets are behind us. */
  void passed(long count) {
    soFar += count;
  }

  /** How many octets this direction has had. */
  long soFar() {
    return soFar;
  }

  /** How many of them before the line that began last. */
  long beforeLine() {
    return begin;
  }

  /** Octets of a line, its end among them or not. */
  void read(ByteBuffer source, int start, int stop, boolean ends) {
    if (ends && carriedCount == 0 && !cut) {
      octets = source;
      from = start;
      to = stop;
    } else {
      carry(source, start, stop);
      if (!ends) {
        return;
      }
      octets = ByteBuffer.wrap(carried, 0, carriedCount);
      from = 0;
      to = carriedCount;
    }
    if (to > from && octets.get(to - 1) == '\n') {
      to--;
    }
    if (to > from && octets.get(to - 1) == '\r') {
      to--;
    }
  }

  private void carry(ByteBuffer source, int start, int stop) {
    int count = stop - start;
    if (cut || carriedCount + count > MOST_CARRIED) {
      cut = true;
      return;
    }
    if (carriedCount + count > carried.length) {
      carried = Arrays.copyOf(carried, Math.max(carriedCount + count, carriedCount * 2));
    }
    source.get(start, carried, carriedCount, count);
    carriedCount += count;
  }

  /** The literal that comes now is wanted, whole. */
  void wantLiteral(int size) {
    literal = new byte[size];
    literalCount = 0;
  }

  /** Whether octets of a literal are wanted that have not come. */
  boolean wantsLiteral() {
    return literalCount < literal.length;
  }

  /** Octets of a literal. */
  void readLiteral(ByteBuffer source, int start, int stop) {
    int count = Math.min(stop - start, literal.length - literalCount);
    if (count > 0) {
      source.get(start, literal, literalCount, count);
      literalCount += count;
    }
  }

  /** The literal that was wanted. */
  byte[] literal() {
    return literal;
  }

  /** Whether too much came to be kept, so that the text is not the whole. */
  boolean isCut() {
    return cut;
  }

  /** Reads what there is of it, without its end. */
  ImapCursor cursor() {
    return cut ? new ImapCursor(NOTHING, 0, 0) : new ImapCursor(octets, from, to);
  }

  ByteBuffer octets() {
    return octets;
  }

  int to() {
    return to;
  }

  /** What came of a line that has not ended; empty if the line is not in pieces. */
  ByteBuffer unfinished() {
    return ByteBuffer.wrap(carried, 0, carriedCount);
  }

  /** A literal follows, and then another part. */
  void endPart() {
    octets = NOTHING;
    from = 0;
    to = 0;
    carried = NONE;
    carriedCount = 0;
    cut = false;
  }

  /** The line has ended. */
  void end() {
    endPart();
    literal = NONE;
    literalCount = 0;
  }
}
