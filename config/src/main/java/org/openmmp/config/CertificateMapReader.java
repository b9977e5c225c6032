package org.openmmp.config;

import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.openmmp.directory.CertificateField;
import org.openmmp.directory.CertificateMap;
import org.openmmp.directory.CertificateMapping;

/** Reads whom a client's certificate stands for: the map, or its short form. */
final class CertificateMapReader {
  private static final String ENTRY =
      "an object with a name or a filter, such as { issuer = \"CN=User CA\", name = email }";
  private static final String PART = "[A-Za-z0-9.-]+\\s*=([^,\\\\]|\\\\.)+";
  private static final Pattern ISSUER =
      Pattern.compile("(\\*\\s*,\\s*)?" + PART + "(,\\s*" + PART + ")*");

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
    return map.isEmpty() ? List.of(CertificateMapping.named(shortForm)) : map;
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
    Optional<CertificateField> name =
        byName
            ? Optional.of(entry.choice("name", ServerTlsConfig.CertificateName.class).field())
            : Optional.empty();
    return new CertificateMapping(
        issuer(entry), name, bySearch ? Optional.of(search(entry)) : Optional.empty());
  }

  private static String issuer(Section entry) {
    return entry
        .optional(
            "issuer",
            "parts of a DN, such as \"CN=User CA*, O=Example\" or \"*, O=Example\"",
            value -> Scalar.text(value).filter(text -> ISSUER.matcher(text).matches()))
        .orElse("");
  }

  private CertificateMapping.Search search(Section entry) {
    String base = usersBaseDn;
    if (entry.isSet("base-dn")) {
      base =
          entry.read(
              "base-dn", "a DN", "", value -> Scalar.text(value).filter(DirectoryReader::isDn));
    } else if (base.indexOf('{') >= 0) {
      entry.missing("base-dn", "a DN, since openmmp.directory.base-dn has placeholders");
    }
    String attribute = entry.isSet("login-attribute") ? attribute(entry) : "mail";
    String filter =
        entry.read(
            "filter",
            "an LDAP filter in parentheses; placeholders are " + CertificateMap.ACCEPTED,
            "",
            value ->
                Scalar.text(value)
                    .filter(text -> DirectoryReader.isUsable(text, CertificateMap::checkFilter)));
    return new CertificateMapping.Search(base, filter, attribute);
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
