package org.openmmp.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A bracketed code at the front of a response's text, such as {@code [REFERRAL imap://…]} (RFC 9051
 * section 7.1) or {@code [SYS/REFER/host]} (RFC 2449 section 8).
 *
 * <p>Brackets nest, for an address literal of a URL has its own. A code whose bracket never closes
 * takes all the text.
 *
 * @param name the code up to the first space or slash, in upper case
 * @param argument what stands behind that space or slash, as it was sent; empty if nothing does
 * @param octets the whole code, its brackets included, as it was sent
 * @param closed whether the bracket was closed
 */
public record ResponseCode(String name, String argument, String octets, boolean closed) {
  /** More codes than anybody sends; what follows is text. */
  private static final int MAX_CODES = 8;

  /**
   * The codes that the text begins with, and the text behind them.
   *
   * @param codes in the order they stand
   * @param text without the codes and the space behind the last
   */
  public record Split(List<ResponseCode> codes, String text) {
    /** Copies the codes. */
    public Split {
      codes = List.copyOf(codes);
    }

    /** Whether a code of that name, in upper case, is there. */
    public boolean has(String name) {
      return first(name) != null;
    }

    /** The first code of that name, in upper case; null if there is none. */
    public @Nullable ResponseCode first(String name) {
      for (ResponseCode code : codes) {
        if (code.name().equals(name)) {
          return code;
        }
      }
      return null;
    }

    /** Codes and text again, without the codes of that name. */
    public String without(String name) {
      StringBuilder kept = new StringBuilder();
      for (ResponseCode code : codes) {
        if (!code.name().equals(name)) {
          kept.append(code.octets()).append(' ');
        }
      }
      return kept.append(text).toString();
    }
  }

  /** Takes the codes off the front of a text; several may follow each other, spaces between. */
  public static Split split(String text) {
    if (!text.startsWith("[")) {
      return new Split(List.of(), text);
    }
    List<ResponseCode> codes = new ArrayList<>(2);
    int at = 0;
    while (at < text.length() && text.charAt(at) == '[' && codes.size() < MAX_CODES) {
      int close = closingBracket(text, at);
      int stop = close < 0 ? text.length() : close;
      int nameEnd = nameEnd(text, at + 1, stop);
      codes.add(
          new ResponseCode(
              text.substring(at + 1, nameEnd).toUpperCase(Locale.ROOT),
              argument(text, nameEnd, stop),
              text.substring(at, close < 0 ? stop : stop + 1),
              close >= 0));
      at = behind(text, close);
    }
    return new Split(codes, text.substring(at));
  }

  /** Whether a code of that name, in upper case, is among those that the text begins with. */
  public static boolean isIn(String text, String name) {
    return find(text, name) >= 0;
  }

  /**
   * The argument of the first code of that name, in upper case, among those that the text begins
   * with; null if there is none.
   */
  public static @Nullable String argumentIn(String text, String name) {
    int at = find(text, name);
    if (at < 0) {
      return null;
    }
    int close = closingBracket(text, at);
    return argument(text, at + 1 + name.length(), close < 0 ? text.length() : close);
  }

  /** The text as {@link Split#without} gives it, which is mostly the same one. */
  public static String without(String text, String name) {
    int at = 0;
    for (int i = 0; i < MAX_CODES && at < text.length() && text.charAt(at) == '['; i++) {
      int close = closingBracket(text, at);
      int next = behind(text, close);
      if (close < 0 || next != close + 2 || isNamed(text, at, close, name)) {
        return split(text).without(name);
      }
      at = next;
    }
    return text;
  }

  /** Where the first code of that name begins; -1 if there is none. */
  private static int find(String text, String name) {
    int at = 0;
    for (int i = 0; i < MAX_CODES && at < text.length() && text.charAt(at) == '['; i++) {
      int close = closingBracket(text, at);
      if (isNamed(text, at, close, name)) {
        return at;
      }
      at = behind(text, close);
    }
    return -1;
  }

  private static boolean isNamed(String text, int open, int close, String name) {
    int nameEnd = nameEnd(text, open + 1, close < 0 ? text.length() : close);
    return nameEnd - open - 1 == name.length()
        && text.regionMatches(true, open + 1, name, 0, name.length());
  }

  private static int nameEnd(String text, int from, int stop) {
    int end = from;
    while (end < stop && text.charAt(end) != ' ' && text.charAt(end) != '/') {
      end++;
    }
    return end;
  }

  private static String argument(String text, int nameEnd, int stop) {
    return nameEnd < stop ? text.substring(nameEnd + 1, stop).strip() : "";
  }

  /** What comes behind that bracket and the spaces behind it. */
  private static int behind(String text, int close) {
    int at = close < 0 ? text.length() : close + 1;
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
    return at;
  }

  private static int closingBracket(String text, int open) {
    int depth = 0;
    for (int i = open; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '[') {
        depth++;
      } else if (c == ']' && --depth == 0) {
        return i;
      }
    }
    return -1;
  }
}
