package org.openmmp.directory;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Says whom certificates stand for: the first mapping counts whose issuer a certificate has, and
 * all of whose fields.
 */
public final class CertificateMap {
  /** The placeholders of a filter, for a message. */
  public static final String ACCEPTED =
      Stream.of(CertificateField.values())
          .map(field -> "{" + field.placeholder() + "}")
          .collect(Collectors.joining(", "));

  private static final Pattern COMMA = Pattern.compile("(?<!\\\\),");

  private final List<Entry> entries;

  /** A mapping, its patterns parsed. */
  private record Entry(Pattern issuer, CertificateMapping to, Optional<Template> filter) {}

  /** A map of those mappings, in order. */
  public CertificateMap(List<CertificateMapping> configured) {
    this.entries =
        configured.stream()
            .map(
                to ->
                    new Entry(
                        issuerPattern(to.issuer()),
                        to,
                        to.search().map(search -> template(search.filter()))))
            .toList();
  }

  /**
   * Whom a certificate stands for.
   *
   * @param fields what stands in it; a field that it does not have is missing
   */
  public CertificateIdentity identify(Map<CertificateField, String> fields) {
    String issuer = folded(fields.getOrDefault(CertificateField.ISSUER, ""));
    return entries.stream()
        .filter(entry -> entry.issuer().matcher(issuer).matches())
        .map(entry -> identify(entry, fields))
        .filter(CertificateIdentity::somebody)
        .findFirst()
        .orElse(CertificateIdentity.NOBODY);
  }

  private static CertificateIdentity identify(Entry entry, Map<CertificateField, String> fields) {
    Optional<CertificateField> name = entry.to().name();
    if (name.isPresent()) {
      return CertificateIdentity.named(fields.getOrDefault(name.get(), ""));
    }
    try {
      String filter = entry.filter().orElseThrow().expand(field -> valueOf(field, fields));
      CertificateMapping.Search search = entry.to().search().orElseThrow();
      return new CertificateIdentity("", filter, search.baseDn(), search.loginAttribute());
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

  /**
   * Sees that fields of a certificate are filled into a filter, one at the least.
   *
   * @throws IllegalArgumentException if it is no filter, or has no placeholder
   */
  public static void checkFilter(String filter) {
    Template parsed = template(filter);
    SearchTemplate.checkFilter(parsed, filter);
    if (parsed.parts().stream().noneMatch(Template.Part::placeholder)) {
      throw new IllegalArgumentException("no placeholder stands in the filter: " + filter);
    }
  }

  private static Template template(String filter) {
    return Template.parse(filter, name -> CertificateField.of(name).isPresent(), ACCEPTED);
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
}
