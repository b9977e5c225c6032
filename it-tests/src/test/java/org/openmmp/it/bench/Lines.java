package org.openmmp.it.bench;

import java.io.IOException;
import java.io.InputStream;

/** Lines of a stream. */
final class Lines {
  private Lines() {}

  /** The next line without its end; empty at the end of the stream. */
  static String read(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder(128);
    for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
      if (octet != '\r') {
        line.append((char) octet);
      }
    }
    return line.toString();
  }
}
