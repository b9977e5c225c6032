package org.openmmp.proxy.imap;

import org.jspecify.annotations.Nullable;
import org.openmmp.proxy.store.StoreOctets;

/**
 * Makes responses of a store's lines. Literals inside responses are read over, so that what they
 * hold is never taken for a response.
 */
final class ImapStoreReader {
  private final StoreOctets octets;
  private boolean insideResponse;
  private boolean verbatim;

  ImapStoreReader(StoreOctets octets) {
    this.octets = octets;
  }

  /** The next response, or null if it is not there yet. */
  @Nullable ImapResponse next() {
    for (String line = octets.line(); line != null; line = octets.line()) {
      if (!insideResponse) {
        ImapResponse response = ImapResponse.parse(line);
        if (!verbatim && response.mayHoldLiterals()) {
          expectLiteral(line);
        }
        return response;
      }
      insideResponse = false;
      expectLiteral(line);
    }
    return null;
  }

  /** From now on every line counts, for nothing that is read may be lost. */
  void readVerbatim() {
    verbatim = true;
  }

  private void expectLiteral(String line) {
    int announced = announcedBy(line);
    if (announced >= 0) {
      insideResponse = true;
      octets.expectLiteral(announced);
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
      size = Math.min(size * 10 + digit, StoreOctets.MAX_OCTETS + 1);
    }
    return size;
  }
}
