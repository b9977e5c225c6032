package org.openmmp.text;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes trees of maps, lists, texts, numbers, booleans and null as JSON (RFC 8259), in characters
 * that are harmless wherever they are shown: what {@link SafeText} does not show is escaped.
 */
public final class Json {
  private Json() {}

  /**
   * The tree as one line of text; maps keep their order.
   *
   * @throws IllegalArgumentException for a value of any other type
   */
  public static String write(@Nullable Object tree) {
    StringBuilder out = new StringBuilder(256);
    write(tree, out);
    return out.toString();
  }

  private static void write(@Nullable Object value, StringBuilder out) {
    if (value == null || value instanceof Boolean || isWhole(value)) {
      out.append(value);
    } else if (value instanceof Double number) {
      // JSON has no word for what is not finite.
      out.append(Double.isFinite(number) ? number.toString() : "null");
    } else if (value instanceof String text) {
      append(out, text);
    } else if (value instanceof Map<?, ?> map) {
      writeMap(map, out);
    } else if (value instanceof List<?> list) {
      String between = "[";
      for (Object element : list) {
        out.append(between);
        write(element, out);
        between = ",";
      }
      out.append(list.isEmpty() ? "[]" : "]");
    } else {
      throw new IllegalArgumentException("no JSON for " + value.getClass());
    }
  }

  private static boolean isWhole(Object value) {
    return value instanceof Integer || value instanceof Long;
  }

  private static void writeMap(Map<?, ?> map, StringBuilder out) {
    String between = "{";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(between);
      append(out, (String) entry.getKey());
      out.append(':');
      write(entry.getValue(), out);
      between = ",";
    }
    out.append(map.isEmpty() ? "{}" : "}");
  }

  /** Appends a text in its quotation marks. */
  public static void append(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      i += Character.charCount(codePoint);
      if (codePoint == '"' || codePoint == '\\') {
        out.append('\\').append((char) codePoint);
      } else if (SafeText.isVisible(codePoint)) {
        out.appendCodePoint(codePoint);
      } else {
        SafeText.appendEscaped(out, codePoint);
      }
    }
    out.append('"');
  }
}
