package org.openmmp.proxy.store;

import org.jspecify.annotations.Nullable;
import org.openmmp.wire.LineFramer;

/** What a store sends before its answer to a login, in lines, bounded in each and in all (B2). */
public final class StoreOctets {
  /** The most that is read of a store before its answer. */
  public static final int MAX_OCTETS = 65_536;

  private static final int MAX_LINE_OCTETS = 8192;

  private final LineFramer octets = new LineFramer(MAX_LINE_OCTETS, LineFramer.LineEnd.CRLF_OR_LF);
  private int taken;
  private int literalOctets;

  void add(byte[] more) {
    octets.add(more);
  }

  /** The next line without its end; null if it is not there yet, or too much was sent. */
  public @Nullable String line() {
    if (overLimit() || (literalOctets > 0 && octets.octets(literalOctets) == null)) {
      return null;
    }
    literalOctets = 0;
    String line = octets.text();
    if (line != null) {
      taken += line.length() + 2;
    }
    return line;
  }

  /** The next octets are a literal, which is read over, so that it is never taken for lines. */
  public void expectLiteral(int size) {
    literalOctets = size;
    taken += size;
  }

  /** Whether a line, a literal, or all that was read is over its limit. */
  boolean overLimit() {
    return taken > MAX_OCTETS || (literalOctets == 0 && octets.tooLong());
  }

  /** How many came that were not read yet. */
  public int buffered() {
    return octets.buffered();
  }

  /** What was not read yet, once. */
  byte[] rest() {
    return octets.rest();
  }

  /** Forgets what was not read; what was counts against the limit nevertheless. */
  void clear() {
    octets.clear();
  }
}
