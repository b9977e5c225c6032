package org.openmmp.proxy.pop3;

import java.util.List;

/**
 * One reply of a store, taken apart as far as its status indicator (RFC 1939 section 3).
 *
 * @param status what kind of reply it is
 * @param text what stands behind the indicator; the whole line if there is none
 * @param lines those that follow the first one, without the last; empty for most replies
 */
record Pop3Reply(Status status, String text, List<String> lines) {
  /** The status indicators. */
  enum Status {
    OK,
    ERR,
    /** The store asks for more of a SASL exchange (RFC 5034 section 4). */
    CHALLENGE,
    /** None. */
    NONE
  }

  /** Copies the lines. */
  Pop3Reply {
    lines = List.copyOf(lines);
  }

  /** A reply of one line. */
  static Pop3Reply parse(String line) {
    if (begins(line, "+OK")) {
      return new Pop3Reply(Status.OK, behind(line, 3), List.of());
    }
    if (begins(line, "-ERR")) {
      return new Pop3Reply(Status.ERR, behind(line, 4), List.of());
    }
    return begins(line, "+")
        ? new Pop3Reply(Status.CHALLENGE, behind(line, 1), List.of())
        : new Pop3Reply(Status.NONE, line, List.of());
  }

  /** The same reply with lines behind the first. */
  Pop3Reply with(List<String> more) {
    return new Pop3Reply(status, text, more);
  }

  private static boolean begins(String line, String indicator) {
    int end = indicator.length();
    return line.regionMatches(true, 0, indicator, 0, end)
        && (line.length() == end || line.charAt(end) == ' ');
  }

  /** RFC 2449 section 8 has one space there; a store with more of them still says its code. */
  private static String behind(String line, int indicatorEnd) {
    int begin = indicatorEnd;
    while (begin < line.length() && line.charAt(begin) == ' ') {
      begin++;
    }
    return line.substring(begin);
  }
}
