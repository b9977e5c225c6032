package org.openmmp.storesim.imap;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.openmmp.storesim.session.CommandSyntaxException;

/** Reads the words of one command: atoms, strings, numbers, lists (RFC 3501 section 9). */
final class ImapScanner {
  private static final String NOT_IN_ATOM = "(){ %*\"\\]";

  private final ImapLine line;
  private int segment;
  private int at;

  ImapScanner(ImapLine line) {
    this.line = line;
  }

  /** The next character without taking it; NUL at the end and before a literal. */
  char peek() {
    String text = line.texts().get(segment);
    return at < text.length() ? text.charAt(at) : '\0';
  }

  boolean atEnd() {
    return segment == line.literals().size() && at == line.texts().get(segment).length();
  }

  /** Takes the character if it is the next. */
  boolean skip(char wanted) {
    boolean there = peek() == wanted && wanted != '\0';
    if (there) {
      at++;
    }
    return there;
  }

  void expect(char wanted) {
    if (!skip(wanted)) {
      throw new CommandSyntaxException("Expected '" + wanted + "'");
    }
  }

  void space() {
    expect(' ');
  }

  void end() {
    if (!atEnd()) {
      throw new CommandSyntaxException("Too many arguments");
    }
  }

  /** What is left of the line, if no literal follows. */
  String rest() {
    String text = line.texts().get(segment);
    String rest = text.substring(at);
    at = text.length();
    return rest;
  }

  /** An atom; {@code extra} characters count as part of it too. */
  String atom(String extra) {
    int start = at;
    String text = line.texts().get(segment);
    while (at < text.length()
        && text.charAt(at) > ' '
        && (NOT_IN_ATOM.indexOf(text.charAt(at)) < 0 || extra.indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
    if (at == start) {
      throw new CommandSyntaxException("Expected a word");
    }
    return text.substring(start, at);
  }

  String atom() {
    return atom("");
  }

  /** An atom in upper case. */
  String keyword() {
    return atom().toUpperCase(Locale.ROOT);
  }

  long number() {
    String digits = atom();
    if (!digits.matches("\\d{1,18}")) {
      throw new CommandSyntaxException("Expected a number");
    }
    return Long.parseLong(digits);
  }

  /** An atom, a quoted string or a literal, as octets. */
  String astring() {
    return isString() ? string() : atom("]");
  }

  /** Like {@link #astring}, with the wildcards of LIST. */
  String listPattern() {
    return isString() ? string() : atom("]%*");
  }

  /** A quoted string or a literal, as octets. */
  String string() {
    return atLiteral() ? new String(literal(), StandardCharsets.ISO_8859_1) : quoted();
  }

  /** A literal's octets; the array is the caller's. */
  byte[] literal() {
    if (!atLiteral()) {
      throw new CommandSyntaxException("Expected a literal");
    }
    byte[] octets = line.literals().get(segment);
    segment++;
    at = 0;
    return octets;
  }

  /** A list of astrings in parentheses, flags among them. */
  List<String> list() {
    expect('(');
    List<String> words = new ArrayList<>();
    while (!skip(')')) {
      if (!words.isEmpty()) {
        space();
      }
      words.add(isString() ? string() : atom("\\]*"));
    }
    return words;
  }

  private boolean isString() {
    return peek() == '"' || atLiteral();
  }

  private boolean atLiteral() {
    return segment < line.literals().size() && at == line.texts().get(segment).length();
  }

  private String quoted() {
    expect('"');
    StringBuilder text = new StringBuilder();
    while (peek() != '"') {
      skip('\\');
      if (peek() == '\0') {
        throw new CommandSyntaxException("Unfinished string");
      }
      text.append(peek());
      at++;
    }
    at++;
    return text.toString();
  }
}
