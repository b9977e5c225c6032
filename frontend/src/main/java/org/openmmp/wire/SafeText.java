package org.openmmp.wire;

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
