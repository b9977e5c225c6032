package org.openmmp.wire;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Text of a peer in a form that may be printed on one line: control and format characters, line
 * separators, backslashes and lone surrogates are escaped, and its length is bounded.
 */
public final class SafeText {
  private SafeText() {}

  /**
   * The printable form.
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
    String utf8 = LoginOctets.utf8(octets);
    Charset charset = utf8 == null ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8;
    String text = utf8 == null ? line : utf8;
    StringBuilder passed = new StringBuilder(Math.min(line.length(), maxOctets));
    int length = 0;
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      i += Character.charCount(codePoint);
      if (!mustEscape(codePoint)) {
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
        if (mustEscape(codePoint)) {
          safe.append("\\u{").append(Integer.toHexString(codePoint)).append('}');
        } else {
          safe.appendCodePoint(codePoint);
        }
      }
    }
  }

  private static boolean mustEscape(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
