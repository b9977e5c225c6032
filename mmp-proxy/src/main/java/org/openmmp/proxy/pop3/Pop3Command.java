package org.openmmp.proxy.pop3;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * One command of a client, taken apart as far as its keyword (RFC 1939 section 3).
 *
 * @param keyword in upper case, or empty if there is none, or if the line holds a NUL or a CR
 * @param argument what stands behind the keyword and one space, whatever it is; may hold a secret
 */
@SuppressWarnings("ArrayRecordComponent") // lives for one command, never compared
record Pop3Command(String keyword, byte[] argument) {
  private static final int MAX_KEYWORD_LENGTH = 16;

  /** Takes a line without its end apart, and overwrites it. */
  static Pop3Command of(byte[] line) {
    int end = 0;
    while (end < line.length && isKeywordOctet(line[end])) {
      end++;
    }
    boolean sound =
        end > 0
            && end <= MAX_KEYWORD_LENGTH
            && (end == line.length || line[end] == ' ')
            && noneBreaks(line);
    Pop3Command command =
        new Pop3Command(
            sound
                ? new String(line, 0, end, StandardCharsets.US_ASCII).toUpperCase(Locale.ROOT)
                : "",
            sound && end < line.length
                ? Arrays.copyOfRange(line, end + 1, line.length)
                : new byte[0]);
    Arrays.fill(line, (byte) 0);
    return command;
  }

  /** Whether the command came without an argument, spaces aside. */
  boolean blank() {
    for (byte octet : argument) {
      if (octet != ' ') {
        return false;
      }
    }
    return true;
  }

  /** A copy of the argument without spaces around it, for all that is no password. */
  byte[] stripped() {
    int begin = 0;
    while (begin < argument.length && argument[begin] == ' ') {
      begin++;
    }
    int end = argument.length;
    while (end > begin && argument[end - 1] == ' ') {
      end--;
    }
    return Arrays.copyOfRange(argument, begin, end);
  }

  /** The argument's words, which one space parts; octets as ISO-8859-1. */
  String[] words() {
    return new String(argument, StandardCharsets.ISO_8859_1).split(" ", -1);
  }

  /** Overwrites the argument. */
  void clear() {
    Arrays.fill(argument, (byte) 0);
  }

  private static boolean isKeywordOctet(byte octet) {
    return (octet >= 'A' && octet <= 'Z')
        || (octet >= 'a' && octet <= 'z')
        || (octet >= '0' && octet <= '9');
  }

  private static boolean noneBreaks(byte[] line) {
    for (byte octet : line) {
      if (octet == 0 || octet == '\r') {
        return false;
      }
    }
    return true;
  }
}
