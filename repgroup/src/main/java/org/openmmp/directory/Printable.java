package org.openmmp.directory;

/**
 * Foreign text made safe for one line of a log: what could move a cursor, end a line, hide or
 * reorder text is shown as <code>\\u</code> and four hexadecimal digits.
 */
public final class Printable {
  /** Longer text is cut here, in chars; the cut is shown by {@code …}. */
  public static final int MAX_LENGTH = 200;

  private Printable() {}

  /** The text in printable form, a backslash doubled so that the form is unambiguous. */
  public static String of(String text) {
    int end = Math.min(text.length(), MAX_LENGTH);
    StringBuilder safe = new StringBuilder(end + 16);
    for (int i = 0; i < end; ) {
      int codePoint = text.codePointAt(i);
      int next = i + Character.charCount(codePoint);
      if (codePoint == '\\') {
        safe.append("\\\\");
      } else if (isVisible(codePoint)) {
        safe.appendCodePoint(codePoint);
      } else {
        text.substring(i, next).chars().forEach(c -> safe.append(String.format("\\u%04x", c)));
      }
      i = next;
    }
    return end < text.length() ? safe.append('…').toString() : safe.toString();
  }

  /** Whether a code point prints as itself and changes nothing around it. */
  static boolean isVisible(int codePoint) {
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
