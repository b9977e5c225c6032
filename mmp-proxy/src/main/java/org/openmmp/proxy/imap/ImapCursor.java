package org.openmmp.proxy.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads what a line of IMAP is made of (RFC 9051 section 9), from its front to its end. */
final class ImapCursor {
  /** Of a number that is none, or is too large. */
  static final long NONE = -1;

  static final long LARGEST_UID = 0xffffffffL;

  /** So many octets of a word are kept where it is kept as a number. */
  static final int WORD_OCTETS = 8;

  private static final int NOWHERE = -1;
  private static final int MOST_DIGITS = 19;
  private static final String ENDS_ATOM = " ()[]{\"";

  private final ByteBuffer octets;
  private final int end;
  private int at;

  /** Reads from one position of the octets to another. */
  ImapCursor(ByteBuffer octets, int from, int end) {
    this.octets = octets;
    this.at = from;
    this.end = end;
  }

  static ImapCursor of(byte[] line) {
    return new ImapCursor(ByteBuffer.wrap(line), 0, line.length);
  }

  int at() {
    return at;
  }

  boolean atEnd() {
    return at >= end;
  }

  /** The next octet; -1 at the end. */
  int peek() {
    return at < end ? octets.get(at) & 0xff : -1;
  }

  boolean skip(char expected) {
    boolean next = at < end && octets.get(at) == expected;
    at += next ? 1 : 0;
    return next;
  }

  /** Reads over one word, if it is the next, in whatever letters; with what ends it left. */
  boolean skipWord(String capitals) {
    int stop = at + capitals.length();
    if (stop > end || !matches(octets, at, stop, capitals)) {
      return false;
    }
    if (stop < end && ENDS_ATOM.indexOf(octets.get(stop)) < 0) {
      return false;
    }
    at = stop;
    return true;
  }

  /** Whether octets are that word, in whatever letters. */
  static boolean matches(ByteBuffer octets, int from, int to, String capitals) {
    if (to - from != capitals.length()) {
      return false;
    }
    for (int i = from; i < to; i++) {
      int octet = octets.get(i);
      if ((octet >= 'a' && octet <= 'z' ? octet - 'a' + 'A' : octet) != capitals.charAt(i - from)) {
        return false;
      }
    }
    return true;
  }

  /** A number of at most 63 bits; {@link #NONE} if there is none. */
  long number() {
    long number = 0;
    int digits = 0;
    while (at < end && octets.get(at) >= '0' && octets.get(at) <= '9') {
      if (++digits > MOST_DIGITS) {
        return NONE;
      }
      number = number * 10 + (octets.get(at) - '0');
      at++;
    }
    return digits == 0 || number < 0 ? NONE : number; // of 19 digits it may have had 64 bits
  }

  /** A number of 32 bits that is not zero; {@link #NONE} if there is none. */
  long uid() {
    long number = number();
    return number < 1 || number > LARGEST_UID ? NONE : number;
  }

  /** Reads over what stands up to the next space, and over the spaces. */
  void skipWordAndSpaces() {
    while (at < end && octets.get(at) != ' ') {
      at++;
    }
    while (at < end && octets.get(at) == ' ') {
      at++;
    }
  }

  /** A word that is packed into a number so far, with one more octet. */
  static long packed(long before, int octet) {
    int capital = octet >= 'a' && octet <= 'z' ? octet - 'a' + 'A' : octet & 0xff;
    return before >>> ((WORD_OCTETS - 1) * 8) == 0 ? before << 8 | capital : before;
  }

  /** The first octets of the next word, in capitals, as one number; and over its space. */
  long packed() {
    long packed = 0;
    for (; at < end && octets.get(at) != ' '; at++) {
      packed = packed(packed, octets.get(at));
    }
    skip(' ');
    return packed;
  }

  /** What stands up to the next space. */
  String word() {
    int from = at;
    while (at < end && octets.get(at) != ' ') {
      at++;
    }
    return text(from, at);
  }

  /** What stands up to the next delimiter; empty if nothing does. */
  String atom() {
    int from = at;
    while (at < end && ENDS_ATOM.indexOf(octets.get(at)) < 0) {
      at++;
    }
    return text(from, at);
  }

  /** An atom or a quoted string as octets; null if there is neither. A literal is neither. */
  byte @Nullable [] string() {
    if (peek() != '"') {
      int from = at;
      while (at < end && " (){\"".indexOf(octets.get(at)) < 0) {
        at++;
      }
      return at == from ? null : copy(from, at);
    }
    byte[] unquoted = new byte[end - at];
    int length = 0;
    for (at++; at < end; at++) {
      int octet = octets.get(at);
      if (octet == '"') {
        at++;
        return Arrays.copyOf(unquoted, length);
      }
      if (octet == '\\' && ++at == end) {
        return null;
      }
      unquoted[length++] = octets.get(at);
    }
    return null;
  }

  /** What is between parentheses, without lists in it; null if it is not such a list. */
  @Nullable String list() {
    if (!skip('(')) {
      return null;
    }
    int from = at;
    while (at < end && octets.get(at) != ')') {
      int octet = octets.get(at) & 0xff;
      if (octet == '(' || octet == '"' || octet == '{' || octet < ' ' || octet > '~') {
        return null;
      }
      at++;
    }
    String inside = text(from, at);
    return skip(')') ? inside : null;
  }

  /** Reads a sequence set of UIDs into ranges; whether it is one, and found room. */
  boolean uids(ImapRanges into) {
    do {
      long first = uid();
      long last = first;
      if (skip(':')) {
        last = uid();
      }
      if (first == NONE || last == NONE) {
        return false;
      }
      if (!into.add(Math.min(first, last), Math.max(first, last))) {
        return false;
      }
    } while (skip(','));
    return true;
  }

  /** The octets from one position to another, as text. */
  String text(int from, int to) {
    return new String(copy(from, to), ISO_8859_1);
  }

  private byte[] copy(int from, int to) {
    byte[] copy = new byte[to - from];
    octets.get(from, copy);
    return copy;
  }

  /**
   * Whether a word stands in what is left, outside quotation marks, between delimiters; the octets
   * of literals are not in a line. Stays where it is.
   */
  boolean holdsWord(String capitals) {
    return behindWord(capitals) != NOWHERE;
  }

  /** The number behind such a word and a space; {@link #NONE} if there is none. */
  long numberBehind(String capitals) {
    int behind = behindWord(capitals);
    if (behind == NOWHERE) {
      return NONE;
    }
    ImapCursor there = new ImapCursor(octets, behind, end);
    return there.skip(' ') ? there.number() : NONE;
  }

  private int behindWord(String capitals) {
    int begin = at;
    for (int i = at; i <= end; i++) {
      int octet = i < end ? octets.get(i) : ' ';
      if (octet == '"') {
        for (i++; i < end && octets.get(i) != '"'; i++) {
          if (octets.get(i) == '\\') {
            i++;
          }
        }
        begin = i + 1;
      } else if (ENDS_ATOM.indexOf(octet) >= 0) {
        if (matches(octets, begin, i, capitals)) {
          return i;
        }
        begin = i + 1;
      }
    }
    return NOWHERE;
  }
}
