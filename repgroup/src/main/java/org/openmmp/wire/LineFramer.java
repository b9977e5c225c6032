package org.openmmp.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of octets into lines, and into runs of a given length between them.
 *
 * <p>A line longer than the limit is never returned: {@link #tooLong} says so as soon as it is
 * certain, and the caller ends the connection. What was taken is overwritten here, for it may hold
 * a secret. The caller bounds what it adds while it takes nothing.
 */
public final class LineFramer {
  /** What ends a line. */
  public enum LineEnd {
    /** CR LF; a lone LF is an octet of the line. */
    CRLF,
    /** CR LF, or a lone LF. */
    CRLF_OR_LF
  }

  private static final byte[] NOTHING = new byte[0];
  private static final int FIRST_SIZE = 256;

  private final int maxLineOctets;
  private final LineEnd lineEnd;
  private byte[] buffer = NOTHING;
  private int start;
  private int end;
  private int searched;

  /**
   * A framer that holds nothing.
   *
   * @param maxLineOctets the longest line, without its end
   */
  public LineFramer(int maxLineOctets, LineEnd lineEnd) {
    this.maxLineOctets = maxLineOctets;
    this.lineEnd = lineEnd;
  }

  /** Adds a copy of the octets. */
  public void add(byte[] octets) {
    if (buffer.length - end < octets.length) {
      makeRoom(octets.length);
    }
    System.arraycopy(octets, 0, buffer, end, octets.length);
    end += octets.length;
  }

  /** The next line without its end, or null if there is none yet or it is too long. */
  public byte @Nullable [] line() {
    int stop = lineStop();
    if (stop < 0) {
      return null;
    }
    byte[] line = Arrays.copyOfRange(buffer, start, stop);
    consume(searched + 1 - start);
    return line;
  }

  /** The same as text, octets as ISO-8859-1. */
  public @Nullable String text() {
    int stop = lineStop();
    if (stop < 0) {
      return null;
    }
    String line = new String(buffer, start, stop - start, ISO_8859_1);
    consume(searched + 1 - start);
    return line;
  }

  /** Where the next line stops, its end aside; -1 if there is none yet or it is too long. */
  private int lineStop() {
    int lineFeed = findEnd();
    if (lineFeed < 0) {
      return -1;
    }
    int stop = lineFeed > start && buffer[lineFeed - 1] == '\r' ? lineFeed - 1 : lineFeed;
    return stop - start > maxLineOctets ? -1 : stop;
  }

  /** Whether the line that comes next is over the limit, be it complete or not. */
  public boolean tooLong() {
    int lineFeed = findEnd();
    if (lineFeed < 0) {
      int trailing = end > start && buffer[end - 1] == '\r' ? 1 : 0;
      return end - start - trailing > maxLineOctets;
    }
    int ending = lineFeed > start && buffer[lineFeed - 1] == '\r' ? 1 : 0;
    return lineFeed - ending - start > maxLineOctets;
  }

  /** Exactly that many octets whatever they are, or null while fewer are there. */
  public byte @Nullable [] octets(int count) {
    if (end - start < count) {
      return null;
    }
    byte[] taken = Arrays.copyOfRange(buffer, start, start + count);
    consume(count);
    return taken;
  }

  /** Takes all that is there. */
  public byte[] rest() {
    byte[] rest = Arrays.copyOfRange(buffer, start, end);
    clear();
    return rest;
  }

  /** Octets that were added and not taken. */
  public int buffered() {
    return end - start;
  }

  /** Overwrites and forgets all that is there. */
  public void clear() {
    Arrays.fill(buffer, (byte) 0);
    buffer = NOTHING;
    start = 0;
    end = 0;
    searched = 0;
  }

  /** The position of the LF that ends the next line, or -1; no octet is looked at twice. */
  private int findEnd() {
    for (int i = Math.max(searched, start); i < end; i++) {
      if (buffer[i] == '\n'
          && (lineEnd == LineEnd.CRLF_OR_LF || (i > start && buffer[i - 1] == '\r'))) {
        searched = i;
        return i;
      }
    }
    searched = end;
    return -1;
  }

  private void consume(int count) {
    Arrays.fill(buffer, start, start + count, (byte) 0);
    start += count;
    if (start == end) {
      buffer = NOTHING;
      start = 0;
      end = 0;
      searched = 0;
    }
  }

  private void makeRoom(int more) {
    int held = end - start;
    byte[] larger = new byte[Math.max(held + more, held == 0 ? more : held * 2 + FIRST_SIZE)];
    System.arraycopy(buffer, start, larger, 0, held);
    Arrays.fill(buffer, (byte) 0);
    searched = Math.max(0, searched - start);
    buffer = larger;
    start = 0;
    end = held;
  }
}
