package org.openmmp.config;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import org.openmmp.directory.CertificateField;

/** Checks templates of filters, DNs and store names (rules B1.1, B1.3) without expanding them. */
final class TemplateText {
  private static final List<String> SEARCH =
      List.of("login", "user", "domain", "original", "clientIp", "serverIp");
  private static final List<String> STORE_NAME = List.of("login", "user", "domain");
  private static final List<String> CERTIFICATE =
      Stream.of(CertificateField.values()).map(CertificateField::placeholder).toList();
  private static final String ATTRIBUTE = "attr:";
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)\\}");

  private TemplateText() {}

  static String filter(Section section, String key) {
    return filter(section, key, SEARCH);
  }

  /** A filter that fields of a certificate are filled into, one at the least. */
  static String certificateFilter(Section section, String key) {
    return filter(section, key, CERTIFICATE);
  }

  private static String filter(Section section, String key, List<String> placeholders) {
    boolean needed = placeholders == CERTIFICATE;
    return section.read(
        key,
        "an LDAP filter in parentheses; placeholders are " + shown(placeholders, ""),
        "",
        value ->
            Scalar.text(value)
                .filter(text -> isFilter(text, placeholders))
                .filter(text -> !needed || text.indexOf('{') >= 0));
  }

  private static boolean isFilter(String text, List<String> placeholders) {
    Optional<String> plain = filled(text, placeholders, false);
    return plain.isPresent()
        && text.startsWith("(")
        && text.endsWith(")")
        && closesOnlyAtItsEnd(plain.get())
        && plain.get().contains("=");
  }

  private static boolean closesOnlyAtItsEnd(String text) {
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (depth < 0 || (depth == 0 && i < text.length() - 1)) {
        return false;
      }
    }
    return depth == 0;
  }

  static String baseDn(Section section, String key) {
    return section.read(
        key,
        "a DN; placeholders are " + shown(SEARCH, ""),
        "",
        value -> Scalar.text(value).filter(text -> isDn(text, SEARCH)));
  }

  /** A DN without placeholders. */
  static String plainDn(Section section, String key) {
    return section.read(
        key, "a DN", "", value -> Scalar.text(value).filter(text -> isDn(text, List.of())));
  }

  private static boolean isDn(String text, List<String> placeholders) {
    try {
      Optional<String> plain = filled(text, placeholders, false);
      return plain.isPresent() && new LdapName(plain.get()).size() > 0;
    } catch (InvalidNameException e) {
      return false;
    }
  }

  static String storeName(Section section, String key) {
    return section.read(
        key,
        "a text, not empty, with the placeholders " + shown(STORE_NAME, ", {attr:NAME}"),
        "",
        value ->
            Scalar.text(value)
                .filter(text -> !text.isEmpty() && filled(text, STORE_NAME, true).isPresent()));
  }

  /** The template with a letter in each placeholder's stead; nothing if one is unknown. */
  private static Optional<String> filled(String text, List<String> names, boolean attributes) {
    Matcher matcher = PLACEHOLDER.matcher(text);
    StringBuilder plain = new StringBuilder();
    while (matcher.find()) {
      String name = matcher.group(1);
      boolean attribute =
          attributes && name.startsWith(ATTRIBUTE) && name.length() > ATTRIBUTE.length();
      if (!names.contains(name) && !attribute) {
        return Optional.empty();
      }
      matcher.appendReplacement(plain, "x");
    }
    matcher.appendTail(plain);
    return Optional.of(plain.toString())
        .filter(rest -> rest.indexOf('{') < 0 && rest.indexOf('}') < 0);
  }

  private static String shown(List<String> names, String more) {
    return "{" + String.join("}, {", names) + "}" + more;
  }
}
