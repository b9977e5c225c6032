package org.openmmp.directory;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How to find the user whom a client's certificate stands for: by a field that is the login name,
 * or by a search for the one entry that it stands for.
 *
 * <p>An issuer is written as name parts in the order of RFC 2253, {@code *} for any characters in a
 * value, and alone as the first part for any parts; an empty one is any issuer.
 */
public final class CertificateMapping {
  /** The placeholders of a filter, for a message. */
  public static final String ACCEPTED =
      Stream.of(CertificateField.values())
          .map(field -> "{" + field.placeholder() + "}")
          .collect(Collectors.joining(", "));

  private static final Pattern COMMA = Pattern.compile("(?<!\\\\),");

  private final String written;
  private final Pattern issuer;
  private final @Nullable CertificateField name;
  private final @Nullable Template filter;
  private final String baseDn;
  private final String loginAttribute;

  private CertificateMapping(
      String issuer,
      @Nullable CertificateField name,
      @Nullable Template filter,
      String baseDn,
      String loginAttribute) {
    this.issuer = issuerPattern(issuer);
    this.name = name;
    this.filter = filter;
    this.baseDn = baseDn;
    this.loginAttribute = loginAttribute;
    this.written =
        "issuer \"%s\", %s"
            .formatted(
                issuer,
                filter == null
                    ? "login name " + name
                    : loginAttribute + " of " + filter.text() + " in " + baseDn);
  }

  /** Certificates of that issuer whose login name stands in that field. */
  public static CertificateMapping named(String issuer, CertificateField field) {
    return new CertificateMapping(issuer, field, null, "", "");
  }

  /**
   * Certificates of that issuer whose owner is searched for.
   *
   * @param baseDn where to search, the whole subtree
   * @param filter template of an LDAP filter, with the placeholders of {@link CertificateField}
   * @param loginAttribute the attribute whose one value is the entry's login name
   * @throws IllegalArgumentException if it is no filter, or has no placeholder
   */
  public static CertificateMapping searched(
      String issuer, String baseDn, String filter, String loginAttribute) {
    Template parsed =
        Template.parse(filter, each -> CertificateField.of(each).isPresent(), ACCEPTED);
    SearchTemplate.checkFilter(parsed, filter);
    if (parsed.parts().stream().noneMatch(Template.Part::placeholder)) {
      throw new IllegalArgumentException("no placeholder stands in the filter: " + filter);
    }
    return new CertificateMapping(issuer, null, parsed, baseDn, loginAttribute);
  }

  /**
   * The user that a certificate stands for: the first mapping counts whose issuer and fields it all
   * has.
   *
   * @param fields what stands in it; a field that it does not have is missing
   */
  public static CertificateIdentity identify(
      List<CertificateMapping> map, Map<CertificateField, String> fields) {
    String issuer = folded(fields.getOrDefault(CertificateField.ISSUER, ""));
    return map.stream()
        .filter(mapping -> mapping.issuer.matcher(issuer).matches())
        .map(mapping -> mapping.identify(fields))
        .filter(CertificateIdentity::somebody)
        .findFirst()
        .orElse(CertificateIdentity.NOBODY);
  }

  private CertificateIdentity identify(Map<CertificateField, String> fields) {
    if (filter == null) {
      return CertificateIdentity.named(name == null ? "" : fields.getOrDefault(name, ""));
    }
    try {
      String expanded = filter.expand(field -> valueOf(field, fields));
      return new CertificateIdentity("", expanded, baseDn, loginAttribute);
    } catch (UnusableValueException fieldIsMissing) {
      return CertificateIdentity.NOBODY;
    }
  }

  private static String valueOf(String placeholder, Map<CertificateField, String> fields)
      throws UnusableValueException {
    String value = fields.getOrDefault(CertificateField.of(placeholder).orElseThrow(), "");
    if (value.isEmpty()) {
      throw new UnusableValueException("the certificate has no " + placeholder);
    }
    return SearchTemplate.escapeFilter(value);
  }

  /** Names are compared without case and the spaces around their parts (RFC 5280 section 7.1). */
  private static String folded(String name) {
    return Stream.of(COMMA.split(name))
        .map(part -> part.strip().replaceFirst("\\s*=\\s*", "=").toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(","));
  }

  private static Pattern issuerPattern(String text) {
    if (text.isEmpty()) {
      return Pattern.compile(".*", Pattern.DOTALL);
    }
    String parts = folded(text);
    boolean anyBefore = parts.startsWith("*,");
    String values =
        Stream.of((anyBefore ? parts.substring(2) : parts).split("\\*", -1))
            .map(Pattern::quote)
            .collect(Collectors.joining("(?:[^,\\\\]|\\\\.)*"));
    return Pattern.compile((anyBefore ? "(?:.*[^\\\\],)?" : "") + values, Pattern.DOTALL);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CertificateMapping mapping && written.equals(mapping.written);
  }

  @Override
  public int hashCode() {
    return written.hashCode();
  }

  @Override
  public String toString() {
    return written;
  }
}
