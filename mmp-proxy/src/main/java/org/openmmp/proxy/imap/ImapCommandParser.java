package org.openmmp.proxy.imap;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a command's arguments one after the other (RFC 9051 section 9). Each method either takes
 * what it is named for, or takes nothing and says so.
 */
final class ImapCommandParser {
  private final List<byte[]> parts;
  private int part;
  private int at;

  /**
   * A parser at one place of the first line.
   *
   * @param parts lines and literals in turn
   */
  ImapCommandParser(List<byte[]> parts, int at) {
    this.parts = parts;
    this.at = at;
  }

  /** Whether nothing is left but spaces, which old clients put there. */
  boolean atEnd() {
    takeSpaces();
    return part == parts.size() - 1 && at == parts.get(part).length;
  }

  /** Takes that octet. */
  boolean take(char octet) {
    byte[] line = parts.get(part);
    if (at < line.length && line[at] == octet) {
      at++;
      return true;
    }
    return false;
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
    for (int i = end - 2; i >= 0; i--) {
      if (line[i] == '{') {
        return i < end - 2 ? i : -1;
      }
      if (!plus && (line[i] < '0' || line[i] > '9')) {
        return -1;
      }
    }
    return -1;
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
}
