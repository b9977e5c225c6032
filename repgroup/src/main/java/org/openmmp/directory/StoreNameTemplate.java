package org.openmmp.directory;

import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openmmp.text.SafeText;

/**
 * The name that is replayed to the store, as a template (rule B1.3): {@code {login}}, {@code
 * {user}}, {@code {domain}}, and {@code {attr:NAME}} for an attribute of the entry.
 */
public final class StoreNameTemplate {
  /** The longest store name, in chars. */
  public static final int MAX_LENGTH = 512;

  /** The placeholders, for a message. */
  public static final String ACCEPTED = "{login}, {user}, {domain}, {attr:NAME}";

  private static final String ATTRIBUTE = "attr:";

  private final Template template;

  private StoreNameTemplate(Template template) {
    this.template = template;
  }

  /**
   * Parses a template.
   *
   * @throws IllegalArgumentException if it is empty, a brace is not closed or a placeholder is not
   *     known
   */
  public static StoreNameTemplate parse(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("a store name's template cannot be empty");
    }
    return new StoreNameTemplate(Template.parse(text, StoreNameTemplate::accepts, ACCEPTED));
  }

  /** The attributes that the template wants. */
  public Collection<String> attributes() {
    return template.parts().stream()
        .filter(part -> part.placeholder() && part.text().startsWith(ATTRIBUTE))
        .map(part -> part.text().substring(ATTRIBUTE.length()))
        .toList();
  }

  /**
   * The name for one user.
   *
   * @param values the values of an attribute, the distinguished one alone where there is one
   * @throws UnusableValueException if an attribute is missing or has several values, or the result
   *     is empty, too long, or has a control character in it
   */
  public String expand(LoginName name, Function<String, List<String>> values)
      throws UnusableValueException {
    String expanded = template.expand(placeholder -> valueOf(placeholder, name, values));
    if (expanded.isEmpty() || expanded.length() > MAX_LENGTH) {
      throw new UnusableValueException("the store name is empty or too long");
    }
    if (!SafeText.isVisible(expanded)) {
      throw new UnusableValueException("the store name has control characters in it");
    }
    return expanded;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof StoreNameTemplate name && template.equals(name.template);
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

  private static boolean accepts(String placeholder) {
    return Stream.of("login", "user", "domain").anyMatch(placeholder::equals)
        || placeholder.matches(ATTRIBUTE + "[A-Za-z][A-Za-z0-9;-]*");
  }

  private static String valueOf(
      String placeholder, LoginName name, Function<String, List<String>> values)
      throws UnusableValueException {
    return switch (placeholder) {
      case "login" -> name.login();
      case "user" -> name.user();
      case "domain" -> name.domain();
      default -> onlyValue(placeholder.substring(ATTRIBUTE.length()), values);
    };
  }

  private static String onlyValue(String attribute, Function<String, List<String>> values)
      throws UnusableValueException {
    List<String> found = values.apply(attribute);
    if (found.size() != 1) {
      throw new UnusableValueException(
          "the store name wants one value of " + attribute + ", there are " + found.size());
    }
    return found.get(0);
  }
}
