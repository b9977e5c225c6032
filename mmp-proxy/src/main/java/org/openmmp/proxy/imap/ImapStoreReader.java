package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.jspecify.annotations.Nullable;
import org.openmmp.wire.LineFramer;

/**
 * Cuts a store's octets into responses. Literals inside responses are read over, so that what they
 * hold is never taken for a response. Bounded in lines and in all (B2).
 */
final class ImapStoreReader {
  private static final int MAX_LINE_OCTETS = 8192;
  private static final int MAX_OCTETS = 65_536;

  private final LineFramer octets = new LineFramer(MAX_LINE_OCTETS, LineFramer.LineEnd.CRLF_OR_LF);
  private int taken;
  private int literalOctets;
  private boolean insideResponse;
  private boolean verbatim;

  void add(byte[] more) {
    octets.add(more);
  }

  /** The next response, or null if it is not there yet or {@link #overLimit}. */
  @Nullable ImapResponse next() {
    while (true) {
      if (overLimit() || (literalOctets > 0 && octets.octets(literalOctets) == null)) {
        return null;
      }
      literalOctets = 0;
      byte[] line = octets.line();
      if (line == null) {
        return null;
      }
      taken += line.length + 2;
      String text = new String(line, ISO_8859_1);
      if (!insideResponse) {
        ImapResponse response = ImapResponse.parse(text);
        if (!verbatim && response.mayHoldLiterals()) {
          expectLiteral(text);
        }
        return response;
      }
      insideResponse = false;
      expectLiteral(text);
    }
  }

  /** Whether a line, a literal, or all that was read is over its limit. */
  boolean overLimit() {
    return taken > MAX_OCTETS || (literalOctets == 0 && octets.tooLong());
  }

  /** From now on every line counts, for nothing that is read may be lost. */
  void readVerbatim() {
    verbatim = true;
  }

  int buffered() {
    return octets.buffered();
  }

  byte[] rest() {
    return octets.rest();
  }

  void clear() {
    octets.clear();
  }

  private void expectLiteral(String line) {
    int announced = announcedBy(line);
    if (announced >= 0) {
      insideResponse = true;
      literalOctets = announced;
      taken += announced;
    }
  }

  /** Size of the literal that a line announces at its end; -1 if none. */
  private static int announcedBy(String line) {
    int open = line.lastIndexOf('{');
    int digits = line.length() - open - 2;
    if (!line.endsWith("}") || open < 0 || digits < 1) {
      return -1;
    }
    int size = 0;
    for (int i = open + 1; i < line.length() - 1; i++) {
      int digit = line.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      size = Math.min(size * 10 + digit, MAX_OCTETS + 1);
    }
    return size;
  }
}
