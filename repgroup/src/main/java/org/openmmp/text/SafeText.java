package org.openmmp.text;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The one rule of what text may be shown. What could end a line, move a cursor, hide or reorder
 * what stands around it is escaped wherever it came from: controls (C0, DEL and C1), format
 * characters (directions of writing, zero width), line and paragraph separators, lone surrogates,
 * and what stands for no known character.
 */
public final class SafeText {
  /** A longer text is cut here where nobody says another limit, in chars. */
  public static final int MAX_CHARS = 200;

  private static final String HEX = "0123456789abcdef";

  private SafeText() {}

  /** The form on one line, backslashes doubled, of {@value #MAX_CHARS} chars at the most. */
  public static String of(String text) {
    return of(text, MAX_CHARS);
  }

  /**
   * The form on one line: backslashes are doubled, so that every text has a form of its own.
   *
   * @param maxChars 1 or more; a longer result is cut, and its last character is then an ellipsis
   */
  public static String of(String text, int maxChars) {
    if (text.length() <= maxChars && isPlain(text)) {
      return text;
    }
    StringBuilder safe = new StringBuilder(Math.min(text.length() + 16, maxChars));
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      i += Character.charCount(codePoint);
      int before = safe.length();
      append(safe, codePoint);
      boolean last = i == text.length();
      if (safe.length() > (last ? maxChars : maxChars - 1)) {
        safe.setLength(before);
        return safe.append('…').toString();
      }
    }
    return safe.toString();
  }

  /**
   * A peer's line as another peer may get it, octets as ISO-8859-1: without control and format
   * characters and line separators, and cut to its limit. Octets that are no UTF-8 pass if they are
   * no control characters of their own.
   *
   * @param maxOctets the most that is passed on
   */
  public static String passedOn(String line, int maxOctets) {
    if (line.length() <= maxOctets && isAscii(line)) {
      return line;
    }
    byte[] octets = line.getBytes(StandardCharsets.ISO_8859_1);
    String utf8 = new String(octets, StandardCharsets.UTF_8);
    boolean isUtf8 = Arrays.equals(utf8.getBytes(StandardCharsets.UTF_8), octets);
    Charset charset = isUtf8 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
    String text = isUtf8 ? utf8 : line;
    StringBuilder passed = new StringBuilder(Math.min(line.length(), maxOctets));
    int length = 0;
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      i += Character.charCount(codePoint);
      if (isVisible(codePoint)) {
        byte[] encoded = Character.toString(codePoint).getBytes(charset);
        length += encoded.length;
        if (length > maxOctets) {
          break;
        }
        passed.append(new String(encoded, StandardCharsets.ISO_8859_1));
      }
    }
    return passed.toString();
  }

  /** Whether the whole text is visible. */
  public static boolean isVisible(String text) {
    return text.codePoints().allMatch(SafeText::isVisible);
  }

  /**
   * The text as it may stand on a terminal or in a log of several lines: the ends of lines and tabs
   * stay, and so do backslashes, for what a peer said was made safe before it came into the text.
   */
  public static String lines(String text) {
    StringBuilder safe = null;
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      boolean stays = codePoint == '\n' || codePoint == '\t' || isVisible(codePoint);
      if (!stays && safe == null) {
        safe = new StringBuilder(text.length() + 16).append(text, 0, i);
      }
      if (safe != null && stays) {
        safe.appendCodePoint(codePoint);
      } else if (safe != null) {
        appendEscaped(safe, codePoint);
      }
      i += Character.charCount(codePoint);
    }
    return safe == null ? text : safe.toString();
  }

  /** Appends a backslash, a u and four hexadecimal digits for each char, as JSON has it. */
  public static void appendEscaped(StringBuilder out, int codePoint) {
    for (char c : Character.toChars(codePoint)) {
      out.append("\\u");
      for (int shift = 12; shift >= 0; shift -= 4) {
        out.append(HEX.charAt(c >> shift & 15));
      }
    }
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) >= 0x7f) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c >= 0x7f || c == '\\') {
        return false;
      }
    }
    return true;
  }

  private static void append(StringBuilder safe, int codePoint) {
    switch (codePoint) {
      case '\\' -> safe.append("\\\\");
      case '\r' -> safe.append("\\r");
      case '\n' -> safe.append("\\n");
      case '\t' -> safe.append("\\t");
      default -> {
        if (isVisible(codePoint)) {
          safe.appendCodePoint(codePoint);
        } else {
          appendEscaped(safe, codePoint);
        }
      }
    }
  }

  /** Whether a code point prints as itself and changes nothing around it. */
  public static boolean isVisible(int codePoint) {
    if (codePoint < 0x7f) {
      return codePoint >= ' ';
    }
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
