package org.openmmp.directory;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Text with placeholders in braces, parsed once.
 *
 * @param text as it is written
 * @param parts literal text and placeholders, in order
 */
record Template(String text, List<Part> parts) {
  Template {
    parts = List.copyOf(parts);
  }

  /**
   * One piece of a template.
   *
   * @param text the literal text, or the placeholder's name without its braces
   * @param placeholder which of the two it is
   */
  record Part(String text, boolean placeholder) {}

  /** Gives the value of each placeholder. */
  interface Values {
    String of(String placeholder) throws UnusableValueException;
  }

  /**
   * Parses a template.
   *
   * @throws IllegalArgumentException if a brace is not closed or a placeholder is not accepted; the
   *     message names it and what is accepted
   */
  static Template parse(String text, Predicate<String> accepted, String acceptedNames) {
    List<Part> parts = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int open = text.indexOf('{', at);
      String literal = text.substring(at, open < 0 ? text.length() : open);
      if (literal.indexOf('}') >= 0) {
        throw new IllegalArgumentException("a brace is closed but not opened in: " + text);
      }
      if (!literal.isEmpty()) {
        parts.add(new Part(literal, false));
      }
      if (open < 0) {
        break;
      }
      int close = text.indexOf('}', open);
      if (close < 0) {
        throw new IllegalArgumentException("a brace is not closed in: " + text);
      }
      String name = text.substring(open + 1, close);
      if (!accepted.test(name)) {
        throw new IllegalArgumentException(
            "{" + name + "} is not known in: " + text + "; accepted are " + acceptedNames);
      }
      parts.add(new Part(name, true));
      at = close + 1;
    }
    return new Template(text, parts);
  }

  String expand(Values values) throws UnusableValueException {
    StringBuilder expanded = new StringBuilder();
    for (Part part : parts) {
      expanded.append(part.placeholder() ? values.of(part.text()) : part.text());
    }
    return expanded.toString();
  }

  boolean uses(String placeholder) {
    for (Part part : parts) {
      if (part.placeholder() && part.text().equals(placeholder)) {
        return true;
      }
    }
    return false;
  }
}
