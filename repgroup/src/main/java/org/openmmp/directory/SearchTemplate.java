package org.openmmp.directory;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A search filter or a search base with placeholders, every expansion escaped (rule B1.1).
 *
 * <p>The placeholders: {@code {login}} the whole name with its domain, {@code {user}}, {@code
 * {domain}}, {@code {original}} as typed, {@code {clientIp}}, {@code {serverIp}}.
 */
public final class SearchTemplate {
  private static final List<String> PLACEHOLDERS =
      List.of("login", "user", "domain", "original", "clientIp", "serverIp");

  /** The placeholders, for a message. */
  public static final String ACCEPTED = "{" + String.join("}, {", PLACEHOLDERS) + "}";

  private final Template template;
  private final boolean filter;

  /** Of what changes from one request for a name to the next, what is used. */
  private final List<String> others;

  private SearchTemplate(String text, boolean filter) {
    this.template = Template.parse(text, PLACEHOLDERS::contains, ACCEPTED);
    this.filter = filter;
    this.others = Stream.of("original", "clientIp", "serverIp").filter(template::uses).toList();
  }

  /**
   * A filter (RFC 4515).
   *
   * @throws IllegalArgumentException if it cannot be one, or a placeholder stands elsewhere than in
   *     an assertion value
   */
  public static SearchTemplate filter(String text) {
    SearchTemplate parsed = new SearchTemplate(text, true);
    checkFilter(parsed.template, text);
    return parsed;
  }

  /**
   * A distinguished name (RFC 4514).
   *
   * @throws IllegalArgumentException if a placeholder stands elsewhere than in an attribute value
   */
  public static SearchTemplate dn(String text) {
    SearchTemplate parsed = new SearchTemplate(text, false);
    String before = "";
    for (Template.Part part : parsed.template.parts()) {
      if (!part.placeholder()) {
        before += part.text();
      } else if (before.lastIndexOf('=') <= before.lastIndexOf(',')) {
        throw new IllegalArgumentException(
            "{" + part.text() + "} stands outside of an attribute value in: " + text);
      }
    }
    return parsed;
  }

  /** The text for one request. */
  public String expand(LoginName name, LookupRequest request) {
    StringBuilder expanded = new StringBuilder();
    for (Template.Part part : template.parts()) {
      if (!part.placeholder()) {
        expanded.append(part.text());
      } else {
        String value = valueOf(part.text(), name, request);
        expanded.append(filter ? escapeFilter(value) : escapeDn(value));
      }
    }
    return expanded.toString();
  }

  /**
   * What the expansion depends on besides the whole name, as a part of a cache key: empty for a
   * template that uses nothing else.
   */
  public String otherValues(LoginName name, LookupRequest request) {
    if (others.isEmpty()) {
      return "";
    }
    StringBuilder values = new StringBuilder();
    for (String placeholder : others) {
      values.append(valueOf(placeholder, name, request)).append('\0');
    }
    return values.toString();
  }

  /**
   * The part of a distinguished name behind all placeholders: the tree that must be there whoever
   * is looked up. Empty if there is none.
   */
  public String fixedEnd() {
    int last = -1;
    List<Template.Part> parts = template.parts();
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).placeholder()) {
        last = i;
      }
    }
    StringBuilder end = new StringBuilder();
    parts.subList(last + 1, parts.size()).forEach(part -> end.append(part.text()));
    return last < 0 ? end.toString() : behindFirstComma(end.toString());
  }

  private static String behindFirstComma(String dn) {
    for (int i = 0; i < dn.length(); i++) {
      if (dn.charAt(i) == '\\') {
        i++;
      } else if (dn.charAt(i) == ',' || dn.charAt(i) == ';') {
        return dn.substring(i + 1).strip();
      }
    }
    return "";
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SearchTemplate search
        && filter == search.filter
        && template.equals(search.template);
  }

  @Override
  public int hashCode() {
    return template.hashCode();
  }

  /** As it is written. */
  @Override
  public String toString() {
    return template.text();
  }

  /** Whether there is any placeholder. */
  public boolean varies() {
    return template.parts().stream().anyMatch(Template.Part::placeholder);
  }

  /** Escapes an assertion value (RFC 4515 section 3). */
  public static String escapeFilter(String value) {
    StringBuilder escaped = new StringBuilder(value.length() + 8);
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\0', '(', ')', '*', '\\' -> escaped.append(String.format("\\%02x", (int) c));
        default -> escaped.append(c);
      }
    }
    return escaped.toString();
  }

  /** Escapes an attribute value of a distinguished name (RFC 4514 section 2.4). */
  public static String escapeDn(String value) {
    StringBuilder escaped = new StringBuilder(value.length() + 8);
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean edge = i == 0 || i == value.length() - 1;
      if (c < ' ' || c == 0x7f) {
        for (byte octet : String.valueOf(c).getBytes(StandardCharsets.UTF_8)) {
          escaped.append(String.format("\\%02x", octet & 0xff));
        }
      } else if ("\"+,;<>\\=".indexOf(c) >= 0 || (c == '#' && i == 0) || (c == ' ' && edge)) {
        escaped.append('\\').append(c);
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }

  private static String valueOf(String placeholder, LoginName name, LookupRequest request) {
    return switch (placeholder) {
      case "login" -> name.login();
      case "user" -> name.user();
      case "domain" -> name.domain();
      case "original" -> name.original();
      case "clientIp" -> request.clientIp();
      case "serverIp" -> request.serverIp();
      default -> throw new IllegalStateException("the parser accepted {" + placeholder + "}");
    };
  }

  /**
   * Sees that a template is one filter in parentheses, with placeholders in its values alone.
   *
   * @throws IllegalArgumentException if it is not
   */
  static void checkFilter(Template template, String text) {
    int depth = 0;
    boolean inValue = false;
    boolean compares = false;
    boolean ended = false;
    for (Template.Part part : template.parts()) {
      if (part.placeholder() && !inValue) {
        throw new IllegalArgumentException(
            "{" + part.text() + "} stands outside of an assertion value in: " + text);
      }
      for (int i = 0; i < part.text().length() && !part.placeholder(); i++) {
        char c = part.text().charAt(i);
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        inValue = c == '=' ? depth > 0 : inValue && c != '(' && c != ')';
        if (depth < 0) {
          throw new IllegalArgumentException("a parenthesis is closed but not opened in: " + text);
        }
        if (ended) {
          throw new IllegalArgumentException("the filter ends before its end: " + text);
        }
        ended = c == ')' && depth == 0;
        compares |= inValue;
      }
    }
    if (depth != 0 || !compares || !text.startsWith("(")) {
      throw new IllegalArgumentException("the filter does not stand in parentheses: " + text);
    }
  }
}
