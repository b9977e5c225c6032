package org.openmmp.proxy.imap;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One command of a client: its tag, its name, and its arguments, which are read one after the other
 * (RFC 9051 section 9). Each method that reads either takes what it is named for, or takes nothing
 * and says so.
 */
final class ImapCommand {
  /** A tag is echoed: longer ones are none. */
  private static final int MAX_TAG_LENGTH = 128;

  private static final int MAX_NAME_LENGTH = 32;

  private final String tag;
  private final String name;

  /** Lines and literals in turn. */
  private final List<byte[]> parts;

  private int part;
  private int at;

  private ImapCommand(String tag, String name, List<byte[]> parts, int argumentsAt) {
    this.tag = tag;
    this.name = name;
    this.parts = parts;
    this.at = argumentsAt;
  }

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
    return new ImapCommand(tag, name, parts, Math.min(nameEnd, line.length));
  }

  /** The tag, or empty if there is no valid one. */
  String tag() {
    return tag;
  }

  /** The name in upper case; empty if there is none, or if a line holds a NUL or a CR. */
  String name() {
    return name;
  }

  /** Whether nothing is left but spaces, which old clients put there. */
  boolean atEnd() {
    takeSpaces();
    return part == parts.size() - 1 && at == parts.get(part).length;
  }

  /** Takes that octet. */
  boolean take(char octet) {
    byte[] line = parts.get(part);
    boolean there = at < line.length && line[at] == octet;
    at += there ? 1 : 0;
    return there;
  }

  /** Takes spaces; false if there is none. */
  boolean takeSpaces() {
    int before = at;
    while (take(' ')) {
      // one more
    }
    return at > before;
  }

  /**
   * Takes the spaces between two arguments. Behind a string there may be none: its end is certain
   * without.
   */
  boolean takeSeparator() {
    boolean behindString = at == 0 || parts.get(part)[at - 1] == '"';
    return takeSpaces() || behindString;
  }

  /** Takes {@code NIL} in any case. */
  boolean takeNil() {
    byte[] line = parts.get(part);
    boolean there =
        line.length - at >= 3
            && (line[at] | 0x20) == 'n'
            && (line[at + 1] | 0x20) == 'i'
            && (line[at + 2] | 0x20) == 'l'
            && (line.length - at == 3 || !isAtomOctet(line[at + 3]));
    at += there ? 3 : 0;
    return there;
  }

  /** An atom, a quoted string or a literal; a copy, which the caller overwrites if it is secret. */
  byte @Nullable [] astring() {
    byte[] line = parts.get(part);
    int end = at;
    while (end < line.length && isAtomOctet(line[end])) {
      end++;
    }
    if (end == at) {
      return string();
    }
    byte[] atom = Arrays.copyOfRange(line, at, end);
    at = end;
    return atom;
  }

  /** A quoted string, in which a backslash may stand before any octet, or a literal. */
  byte @Nullable [] string() {
    byte[] line = parts.get(part);
    if (at == line.length) {
      return null;
    }
    return line[at] == '"' ? quoted(line) : literal(line);
  }

  /** Everything up to the next space or the end of the line; null if that is nothing. */
  byte @Nullable [] word() {
    byte[] line = parts.get(part);
    int end = at;
    while (end < line.length && line[end] != ' ') {
      end++;
    }
    if (end == at) {
      return null;
    }
    byte[] word = Arrays.copyOfRange(line, at, end);
    at = end;
    return word;
  }

  /** An atom as text, for names of mechanisms. */
  @Nullable String atom() {
    byte[] word = word();
    return word == null ? null : new String(word, StandardCharsets.ISO_8859_1);
  }

  /**
   * An octet of an astring's atom. "%", "*" and the backslash are let through beyond the grammar:
   * users type them in passwords, and the store gets them quoted.
   */
  static boolean isAtomOctet(byte octet) {
    return octet > ' '
        && octet != 0x7f
        && octet != '"'
        && octet != '('
        && octet != ')'
        && octet != '{';
  }

  /**
   * Where the announcement of a literal begins that ends at {@code end}: <code>{digits}</code>, or
   * anything that ends in <code>+}</code> after a brace, for its sender will not wait; else -1.
   */
  static int literalAt(byte[] line, int end) {
    if (end < 3 || line[end - 1] != '}') {
      return -1;
    }
    boolean plus = line[end - 2] == '+';
    int open = end - 2;
    while (open >= 0 && line[open] != '{') {
      if (!plus && (line[open] < '0' || line[open] > '9')) {
        return -1;
      }
      open--;
    }
    return open < end - 2 ? open : -1;
  }

  private byte @Nullable [] quoted(byte[] line) {
    byte[] unescaped = new byte[line.length - at];
    int length = 0;
    for (int i = at + 1; i < line.length; i++) {
      if (line[i] == '"') {
        at = i + 1;
        byte[] string = Arrays.copyOf(unescaped, length);
        Arrays.fill(unescaped, (byte) 0);
        return string;
      }
      // Whatever a backslash stands before is meant as it is.
      if (line[i] == '\\' && ++i == line.length) {
        break;
      }
      unescaped[length++] = line[i];
    }
    Arrays.fill(unescaped, (byte) 0);
    return null;
  }

  private byte @Nullable [] literal(byte[] line) {
    if (part + 2 >= parts.size() || literalAt(line, line.length) != at) {
      return null;
    }
    byte[] literal = parts.get(part + 1).clone();
    part += 2;
    at = 0;
    return literal;
  }

  /** RFC 9051 section 9: a tag is made of ASTRING-CHAR without "+"; "*" is the untagged one. */
  private static boolean isTagOctet(byte octet) {
    return octet != '+' && octet != '*' && octet != '\\' && isAtomOctet(octet);
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
