package org.openmmp.config;

import com.typesafe.config.ConfigValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.openmmp.directory.CertificateField;
import org.openmmp.directory.CertificateMapping;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.HostName;
import org.openmmp.wire.Secret;

/** Reads {@code openmmp.tls}. */
final class ServerTlsReader {
  private static final String SNI = "an object { names = […], certificate = file, key = file }";

  private static final String ENTRY =
      "an object with a name or a filter, such as { issuer = \"CN=User CA\", name = email }";
  private static final String PART = "[A-Za-z0-9.-]+\\s*=([^,\\\\]|\\\\.)+";
  private static final Pattern ISSUER =
      Pattern.compile("(\\*\\s*,\\s*)?" + PART + "(,\\s*" + PART + ")*");

  /** A stand-in for a mapping that cannot be read. */
  private static final CertificateField STAND_IN = CertificateField.SUBJECT;

  private final Section section;
  private final String usersBaseDn;

  /**
   * A reader.
   *
   * @param usersBaseDn where users' entries are searched, perhaps with placeholders
   */
  ServerTlsReader(Section section, String usersBaseDn) {
    this.section = section;
    this.usersBaseDn = usersBaseDn;
  }

  ServerTlsConfig read() {
    Optional<ServerTlsConfig.Certificate> certificate = certificate(section);
    ServerTlsConfig.ClientAuth clientAuth =
        section.choice("client-auth", ServerTlsConfig.ClientAuth.class);
    Optional<Path> clientCa = FileSettings.pem(section, "client-ca-file");
    if (clientAuth != ServerTlsConfig.ClientAuth.NONE && clientCa.isEmpty()) {
      section.missing("client-ca-file", "a PEM file, since client-auth is not none");
    }
    Optional<Path> revoked = FileSettings.pem(section, "client-crl-file");
    if (section.isSet("client-crl-file") && !section.isSet("client-ca-file")) {
      section.missing("client-ca-file", "a PEM file, since there is a client-crl-file");
    }
    return new ServerTlsConfig(
        certificate,
        sni(),
        clientAuth,
        clientCa,
        revoked,
        certificateMap(),
        profile(section),
        profile(section.section("to-stores")));
  }

  private static Optional<ServerTlsConfig.Certificate> certificate(Section section) {
    Optional<Path> chain = FileSettings.pem(section, "certificate");
    Optional<Path> key = FileSettings.pem(section, "key");
    key.ifPresent(file -> section.reading().secretIn(file, section.nameOf("key")));
    Secret password = FileSettings.password(section, "key-password");
    if (section.isSet("certificate") && !section.isSet("key")) {
      section.missing("key", "a PEM file, the key of the certificate");
    }
    if (section.isSet("key") && !section.isSet("certificate")) {
      section.missing("certificate", "a PEM file, the certificate of the key");
    }
    return chain.flatMap(
        file -> key.map(its -> new ServerTlsConfig.Certificate(file, its, password)));
  }

  private List<ServerTlsConfig.SniCertificate> sni() {
    List<ServerTlsConfig.SniCertificate> all = new ArrayList<>();
    List<ConfigValue> elements = section.elements("sni");
    for (int i = 0; i < elements.size(); i++) {
      Section element =
          section.element(section.at("sni") + "[" + i + "]", elements.get(i), null, SNI);
      List<String> names =
          element.list(
              "names",
              "a host name, or *. before one",
              value -> Scalar.text(value).flatMap(ServerTlsReader::sniName));
      if (!element.isSet("names")) {
        element.missing("names", "at least one host name");
      }
      if (!element.isSet("certificate") && !element.isSet("key")) {
        element.missing("certificate", "a PEM file");
      }
      certificate(element)
          .ifPresent(its -> all.add(new ServerTlsConfig.SniCertificate(names, its)));
    }
    return all;
  }

  private static Optional<String> sniName(String text) {
    boolean wildcard = text.startsWith("*.");
    return HostName.orAddress(wildcard ? text.substring(2) : text)
        .filter(name -> AddressLiteral.parse(name) == null)
        .map(name -> wildcard ? "*." + name : name);
  }

  private static ServerTlsConfig.Profile profile(Section section) {
    return new ServerTlsConfig.Profile(
        minVersion(section),
        section.list(
            "cipher-suites",
            "a registered name such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            value -> Scalar.text(value).filter(name -> name.matches("TLS_[A-Z0-9_]{4,60}"))));
  }

  private static ServerTlsConfig.MinVersion minVersion(Section section) {
    return section.read(
        "min-version",
        "1.2 or 1.3",
        ServerTlsConfig.MinVersion.TLS_1_2,
        value ->
            Scalar.text(value)
                .flatMap(
                    text ->
                        Stream.of(ServerTlsConfig.MinVersion.values())
                            .filter(version -> version.protocol().equals("TLSv" + text))
                            .findFirst()));
  }

  /** How certificates are mapped to users: the map, or its short form. */
  private List<CertificateMapping> certificateMap() {
    CertificateField shortForm =
        section.choice("certificate-name", ServerTlsConfig.CertificateName.class).field();
    List<ConfigValue> elements = section.elements("certificate-map");
    List<CertificateMapping> map = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      String at = section.at("certificate-map") + "[" + i + "]";
      map.add(mapping(section.element(at, elements.get(i), null, ENTRY)));
    }
    return map.isEmpty() ? List.of(CertificateMapping.named("", shortForm)) : map;
  }

  private CertificateMapping mapping(Section entry) {
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
    List<String> named = entry.attributes("login-attribute");
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
