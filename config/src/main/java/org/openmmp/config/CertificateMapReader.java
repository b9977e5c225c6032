package org.openmmp.config;

import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.openmmp.directory.CertificateField;
import org.openmmp.directory.CertificateMapping;

/** Reads whom a client's certificate stands for: the map, or its short form. */
final class CertificateMapReader {
  private static final String ENTRY =
      "an object with a name or a filter, such as { issuer = \"CN=User CA\", name = email }";
  private static final String PART = "[A-Za-z0-9.-]+\\s*=([^,\\\\]|\\\\.)+";
  private static final Pattern ISSUER =
      Pattern.compile("(\\*\\s*,\\s*)?" + PART + "(,\\s*" + PART + ")*");

  /** What stands in for a mapping that cannot be read. */
  private static final CertificateField STAND_IN = CertificateField.SUBJECT;

  private final Section tls;
  private final String usersBaseDn;

  /**
   * A reader.
   *
   * @param usersBaseDn where users' entries are searched, perhaps with placeholders
   */
  CertificateMapReader(Section tls, String usersBaseDn) {
    this.tls = tls;
    this.usersBaseDn = usersBaseDn;
  }

  List<CertificateMapping> read() {
    CertificateField shortForm =
        tls.choice("certificate-name", ServerTlsConfig.CertificateName.class).field();
    List<ConfigValue> elements = ListReader.elements(tls, "certificate-map");
    List<CertificateMapping> map = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      String at = tls.at("certificate-map") + "[" + i + "]";
      map.add(entry(tls.element(at, elements.get(i), null, ENTRY)));
    }
    return map.isEmpty() ? List.of(CertificateMapping.named("", shortForm)) : map;
  }

  private CertificateMapping entry(Section entry) {
    boolean byName = entry.isSet("name");
    boolean bySearch = entry.isSet("filter");
    if (byName == bySearch) {
      entry.problem(
          entry.value("filter"),
          entry.at("name"),
          byName ? "a name and a filter" : "neither a name nor a filter",
          "one of the two");
    }
    String issuer = issuer(entry);
    if (byName) {
      return CertificateMapping.named(
          issuer, entry.choice("name", ServerTlsConfig.CertificateName.class).field());
    }
    return bySearch ? search(entry, issuer) : CertificateMapping.named(issuer, STAND_IN);
  }

  private static String issuer(Section entry) {
    return entry
        .optional(
            "issuer",
            "parts of a DN, such as \"CN=User CA*, O=Example\" or \"*, O=Example\"",
            value -> Scalar.text(value).filter(text -> ISSUER.matcher(text).matches()))
        .orElse("");
  }

  private CertificateMapping search(Section entry, String issuer) {
    String base = usersBaseDn;
    if (entry.isSet("base-dn")) {
      base =
          entry.read(
              "base-dn", "a DN", "", value -> Scalar.text(value).filter(DirectoryReader::isDn));
    } else if (base.indexOf('{') >= 0) {
      entry.missing("base-dn", "a DN, since openmmp.directory.base-dn has placeholders");
    }
    String baseDn = base;
    String attribute = entry.isSet("login-attribute") ? attribute(entry) : "mail";
    return entry.read(
        "filter",
        "an LDAP filter in parentheses; placeholders are " + CertificateMapping.ACCEPTED,
        CertificateMapping.named(issuer, STAND_IN),
        value ->
            Scalar.text(value)
                .flatMap(
                    text ->
                        DirectoryReader.parsed(
                            text,
                            filter ->
                                CertificateMapping.searched(issuer, baseDn, filter, attribute))));
  }

  private static String attribute(Section entry) {
    List<String> named = ListReader.attributes(entry, "login-attribute");
    if (named.size() > 1) {
      entry.problem(
          entry.value("login-attribute"),
          entry.at("login-attribute"),
          named.size() + " attributes",
          "one attribute name");
    }
    return named.isEmpty() ? "mail" : named.get(0);
  }
}
