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
      codes.add(
          close < 0
              ? code(text.substring(at + 1), text.substring(at), false)
              : code(text.substring(at + 1, close), text.substring(at, close + 1), true));
      at = close < 0 ? text.length() : close + 1;
      while (at < text.length() && text.charAt(at) == ' ') {
        at++;
      }
    }
    return new Split(codes, text.substring(at));
  }

  private static ResponseCode code(String inner, String octets, boolean closed) {
    int end = 0;
    while (end < inner.length() && inner.charAt(end) != ' ' && inner.charAt(end) != '/') {
      end++;
    }
    String argument = end < inner.length() ? inner.substring(end + 1).strip() : "";
    return new ResponseCode(
        inner.substring(0, end).toUpperCase(Locale.ROOT), argument, octets, closed);
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
