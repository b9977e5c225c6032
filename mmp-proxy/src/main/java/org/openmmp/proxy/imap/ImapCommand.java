package org.openmmp.proxy.imap;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * One command of a client, taken apart as far as its name.
 *
 * @param tag the tag, or empty if there is no valid one
 * @param name the command's name in upper case, or empty if there is none or a line holds a NUL or
 *     a CR
 * @param arguments what stands behind the name
 */
record ImapCommand(String tag, String name, ImapCommandParser arguments) {
  /** A tag is echoed: longer ones are none. */
  private static final int MAX_TAG_LENGTH = 128;

  private static final int MAX_NAME_LENGTH = 32;

  /** Takes apart lines and literals in turn, a line first. */
  static ImapCommand of(List<byte[]> parts) {
    byte[] line = parts.get(0);
    int tagEnd = 0;
    while (tagEnd < line.length && isTagOctet(line[tagEnd])) {
      tagEnd++;
    }
    boolean tagged =
        tagEnd > 0 && tagEnd <= MAX_TAG_LENGTH && (tagEnd == line.length || line[tagEnd] == ' ');
    String tag = tagged ? text(line, 0, tagEnd) : "";
    int nameEnd = tagEnd + 1;
    while (nameEnd < line.length && isLetter(line[nameEnd])) {
      nameEnd++;
    }
    boolean named =
        tagged
            && nameEnd > tagEnd + 1
            && nameEnd - tagEnd <= MAX_NAME_LENGTH
            && (nameEnd == line.length || line[nameEnd] == ' ')
            && noneBreaks(parts);
    String name = named ? text(line, tagEnd + 1, nameEnd).toUpperCase(Locale.ROOT) : "";
    return new ImapCommand(tag, name, new ImapCommandParser(parts, Math.min(nameEnd, line.length)));
  }

  /** RFC 9051 section 9: a tag is made of ASTRING-CHAR without "+"; "*" is the untagged one. */
  private static boolean isTagOctet(byte octet) {
    return octet != '+' && octet != '*' && octet != '\\' && ImapCommandParser.isAtomOctet(octet);
  }

  private static boolean isLetter(byte octet) {
    return (octet >= 'A' && octet <= 'Z') || (octet >= 'a' && octet <= 'z');
  }

  /** Other control characters may stand in quoted strings, and in those alone (RFC 9051). */
  private static boolean noneBreaks(List<byte[]> parts) {
    for (int i = 0; i < parts.size(); i += 2) {
      for (byte octet : parts.get(i)) {
        if (octet == 0 || octet == '\r') {
          return false;
        }
      }
    }
    return true;
  }

  private static String text(byte[] line, int from, int to) {
    return new String(line, from, to - from, StandardCharsets.US_ASCII);
  }
}
