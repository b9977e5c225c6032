package org.openmmp.storesim.pop3;

import java.io.ByteArrayOutputStream;

/** How a message stands in a reply of many lines (RFC 1939 section 3). */
final class DotStuffing {
  private DotStuffing() {}

  /** A dot more before each line that begins with one, and a line end at the end if it has none. */
  static byte[] stuff(byte[] octets) {
    ByteArrayOutputStream stuffed = new ByteArrayOutputStream(octets.length + 64);
    int start = 0;
    while (start < octets.length) {
      int end = lineEnd(octets, start);
      if (octets[start] == '.') {
        stuffed.write('.');
      }
      stuffed.write(octets, start, end - start);
      start = end;
    }
    if (octets.length > 0 && !endsWithLine(octets)) {
      stuffed.write('\r');
      stuffed.write('\n');
    }
    return stuffed.toByteArray();
  }

  /** Where the octets behind a message's header and so many lines of its body begin. */
  static int endOfTop(byte[] octets, int lines) {
    int at = 0;
    while (at < octets.length && lineEnd(octets, at) - at > 2) {
      at = lineEnd(octets, at);
    }
    for (int line = 0; line <= lines && at < octets.length; line++) { // the empty line comes first
      at = lineEnd(octets, at);
    }
    return at;
  }

  private static boolean endsWithLine(byte[] octets) {
    int length = octets.length;
    return length >= 2 && octets[length - 2] == '\r' && octets[length - 1] == '\n';
  }

  /** Behind the line that begins there; only CR LF ends a line. */
  private static int lineEnd(byte[] octets, int start) {
    for (int i = start + 1; i < octets.length; i++) {
      if (octets[i] == '\n' && octets[i - 1] == '\r') {
        return i + 1;
      }
    }
    return octets.length;
  }
}
