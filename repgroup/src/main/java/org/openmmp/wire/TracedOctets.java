package org.openmmp.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/**
 * One direction of a connection that is traced: its lines one after the other, the first octets of
 * each, and between them octets that are counted and not looked at. A line's octets are overwritten
 * once it is over. On one thread.
 */
final class TracedOctets {
  private static final int MOST_OCTETS = 512;
  private static final int TEN = 10;

  private final byte[] held = new byte[MOST_OCTETS];
  private int kept;
  private int end;
  private byte last;
  private boolean begun;
  private boolean after;
  private boolean continues;
  private boolean endsStrictly;
  private boolean beganStrictly;

  /** Octets that are passed over. */
  private long skipped;

  private boolean skipping;

  /** How much of {@code {123+}} the line ends with: 0 nothing, 1 digits, 2 a sign, 3 all of it. */
  private int brace;

  private long number;

  /** Passes over what is to be skipped; whether these are the first octets of that. */
  boolean skips(ByteBuffer octets) {
    if (skipped == 0) {
      return false;
    }
    int now = (int) Math.min(skipped, octets.remaining());
    octets.position(octets.position() + now);
    skipped -= now;
    boolean first = !skipping;
    skipping = skipped > 0;
    return first;
  }

  /** Takes octets up to the end of a line; whether there is one. */
  boolean takesLine(ByteBuffer octets, boolean loggedIn) {
    while (octets.hasRemaining()) {
      if (!begun) {
        begun = true;
        after = continues ? after : loggedIn;
      }
      byte next = octets.get();
      if (next == '\n') {
        close();
        return true;
      }
      last = next;
      announce(next);
      if (kept < MOST_OCTETS) {
        held[kept++] = next;
      }
    }
    return false;
  }

  /** Ends a line that has no end; whether there is one. */
  boolean takesRest() {
    if (begun) {
      close();
    }
    return begun;
  }

  private void close() {
    boolean cr = last == '\r';
    end = cr && held[kept - 1] == '\r' ? kept - 1 : kept;
    beganStrictly = endsStrictly;
    endsStrictly = cr;
  }

  /** Whoever reads literals sees them announced at the end of a line of any length. */
  private void announce(byte next) {
    if (next == '{') {
      brace = 1;
      number = 0;
    } else if (brace == 1 && next >= '0' && next <= '9') {
      number = number > Long.MAX_VALUE / TEN - TEN ? number : number * TEN + next - '0';
    } else if (brace == 1 && (next == '+' || next == '-')) {
      brace = 2;
    } else if ((brace == 1 || brace == 2) && next == '}') {
      brace = 3;
    } else if (brace != 3 || next != '\r') {
      brace = 0;
    }
  }

  /** Passes over the literal that this line announces, and goes on with the line behind it. */
  void followLiteral() {
    continues = brace == 3;
    skip(continues ? number : 0);
  }

  /** Passes over so many octets that come next. */
  void skip(long octets) {
    skipped = octets;
    skipping = false;
  }

  /** The literal does not come: the next line is a command. */
  void dropLiteral() {
    if (skipped > 0 && !skipping) {
      skip(0);
      continues = false;
    }
  }

  /** The line is over: nothing of it is kept. */
  void forget() {
    Arrays.fill(held, 0, kept, (byte) 0);
    kept = 0;
    last = 0;
    brace = 0;
    begun = false;
  }

  /** Whether the line goes on behind a literal. */
  boolean continues() {
    return continues;
  }

  /** Whether the line, or the one that it goes on with, began behind the login. */
  boolean after() {
    return after;
  }

  boolean isEmpty() {
    return end == 0;
  }

  /** Whether it is a dot between two line ends as they must be, which ends what has many lines. */
  boolean isDot() {
    return end == 1 && held[0] == '.' && endsStrictly && beganStrictly;
  }

  String text() {
    return new String(held, 0, end, StandardCharsets.UTF_8);
  }

  /** Where the word ends that begins there. */
  private int wordEnd(int from) {
    int at = from;
    while (at < end && held[at] != ' ') {
      at++;
    }
    return at;
  }

  /** Where the next word begins. */
  int behindWord(int from) {
    int at = wordEnd(from);
    while (at < end && held[at] == ' ') {
      at++;
    }
    return at;
  }

  /** Whether anything stands there. */
  boolean reaches(int from) {
    return from < end;
  }

  /** The one of these words that stands there, in capitals; empty if none does. No text is made. */
  String among(Set<String> words, int from) {
    int length = wordEnd(from) - from;
    for (String each : words) {
      int same = 0;
      while (each.length() == length
          && same < length
          && upper(held[from + same]) == each.charAt(same)) {
        same++;
      }
      if (length > 0 && same == length) {
        return each;
      }
    }
    return "";
  }

  private static int upper(byte octet) {
    return octet >= 'a' && octet <= 'z' ? octet - ('a' - 'A') : octet;
  }

  /**
   * The number that stands there; 0 if none does, and very many where there are too many digits.
   */
  long number(int from) {
    long read = 0;
    for (int at = from; at < wordEnd(from); at++) {
      if (held[at] < '0' || held[at] > '9') {
        return 0;
      }
      read = read > Long.MAX_VALUE / TEN - TEN ? read : read * TEN + held[at] - '0';
    }
    return read;
  }
}
