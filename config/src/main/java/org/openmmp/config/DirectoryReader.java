package org.openmmp.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.openmmp.directory.ldap.DirectoryConfig;
import org.openmmp.text.HostPort;
import org.openmmp.wire.Secret;

/** Reads {@code openmmp.directory}. */
final class DirectoryReader {
  private static final int LDAP_PORT = 389;
  private static final int LDAPS_PORT = 636;
  private static final String SERVER = "ldap://host[:port] or ldaps://host[:port]";
  private static final String DOMAIN = "a domain name";

  private final Section section;
  private final Section hosted;
  private final Section lmtp;

  /**
   * A reader.
   *
   * @param hosted what differs for the users of single domains
   */
  DirectoryReader(Section section, Section hosted, Section lmtp) {
    this.section = section;
    this.hosted = hosted;
    this.lmtp = lmtp;
  }

  DirectoryConfig read() {
    List<DirectoryConfig.Server> servers =
        ListReader.list(
            section, "urls", SERVER, value -> Scalar.text(value).flatMap(DirectoryReader::server));
    if (ListReader.elements(section, "urls").isEmpty()) {
      section.missing("urls", "at least one " + SERVER);
    }
    int mark = section.reading().mark();
    Secret password = FileSettings.password(section, "bind-password");
    boolean passwordRead = section.reading().cleanSince(mark);
    String bindDn = section.text("bind-dn", "a DN, or empty for an anonymous bind");
    if (bindDn.isEmpty() && !password.isEmpty()) {
      section.problem(null, section.at("bind-dn"), "none, though there is a bind-password", "a DN");
    }
    if (!bindDn.isEmpty() && password.isEmpty() && passwordRead) {
      section.problem(
          null,
          section.at("bind-password"),
          "none, though there is a bind-dn",
          "a password or a bind-password-file, for servers take a bind without one for anonymous");
    }
    DirectoryConfig.PreAuthentication preAuthentication =
        preAuthentication(section.section("pre-authentication"));
    return new DirectoryConfig(
        servers,
        bindDn,
        password,
        FileSettings.file(section, "bind-password-file"),
        TemplateText.baseDn(section, "base-dn"),
        TemplateText.filter(section, "filter"),
        HostText.domain(section, "default-domain"),
        delimiters(),
        mailHostAttributes(),
        HostText.defaultMailHost(section),
        TemplateText.storeName(section, "store-name"),
        ListReader.attributes(section, "extra-attributes"),
        connections(),
        status(section.section("status")),
        domains(section.section("domain")),
        cache(section.section("cache")),
        preAuthentication,
        new HostedDomainReader(hosted, section, preAuthentication.domains()).read(),
        recipients(lmtp));
  }

  /** A server's URL; its host may be any that a store may be, which Java's own URLs refuse. */
  static Optional<DirectoryConfig.Server> server(String url) {
    try {
      URI uri = new URI(url);
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      boolean ldaps = scheme.equals("ldaps");
      boolean good =
          (ldaps || scheme.equals("ldap"))
              && uri.getRawQuery() == null
              && uri.getRawFragment() == null
              && uri.getRawAuthority() != null
              && uri.getRawPath().matches("/?");
      HostPort at = good ? HostPort.parse(uri.getRawAuthority()) : null;
      if (at == null) {
        return Optional.empty();
      }
      int port = at.port() > 0 ? at.port() : ldaps ? LDAPS_PORT : LDAP_PORT;
      return HostText.host(at.host()).map(name -> new DirectoryConfig.Server(name, port, ldaps));
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  private String delimiters() {
    return section.read(
        "delimiters",
        "one to eight characters that are neither letters, digits nor space",
        "@",
        value -> Scalar.text(value).filter(text -> text.matches("[^\\p{L}\\p{N}\\s]{1,8}")));
  }

  private List<String> mailHostAttributes() {
    if (ListReader.elements(section, "mail-host-attributes").isEmpty()) {
      section.missing("mail-host-attributes", "at least one attribute name");
    }
    return ListReader.attributes(section, "mail-host-attributes");
  }

  private DirectoryConfig.Connections connections() {
    Duration shortest = Duration.ofMillis(10);
    Duration longest = Duration.ofMinutes(1);
    return new DirectoryConfig.Connections(
        section.choice("strategy", DirectoryConfig.Strategy.class),
        section.flag("start-tls"),
        FileSettings.pem(section, "ca-file"),
        section.duration("connect-timeout", shortest, longest),
        section.duration("search-timeout", shortest, longest),
        section.number("pool-size", 1, 1_000),
        section.duration("reopen-interval", Duration.ofSeconds(1), Duration.ofDays(1)),
        section.number("max-entry", 65_536, 1_073_741_824),
        section.choice("continuation-references", DirectoryConfig.References.class));
  }

  private static DirectoryConfig.Status status(Section status) {
    return new DirectoryConfig.Status(
        ListReader.attributes(status, "domain-attributes"),
        ListReader.attributes(status, "user-attributes"),
        ListReader.attributes(status, "domain-service-attributes"),
        ListReader.attributes(status, "user-service-attributes"));
  }

  private static Optional<DirectoryConfig.DomainSearch> domains(Section domain) {
    String filter = TemplateText.filter(domain, "filter");
    return domain.isSet("base-dn")
        ? Optional.of(
            new DirectoryConfig.DomainSearch(TemplateText.baseDn(domain, "base-dn"), filter))
        : Optional.empty();
  }

  private static DirectoryConfig.Cache cache(Section cache) {
    int mark = cache.reading().mark();
    Duration positive = cache.duration("positive-ttl", Duration.ZERO, Duration.ofDays(1));
    Duration refresh = cache.duration("refresh-ahead", Duration.ZERO, Duration.ofDays(1));
    if (cache.reading().cleanSince(mark) && !refresh.isZero() && refresh.compareTo(positive) >= 0) {
      cache.problem(
          cache.value("refresh-ahead"),
          cache.at("refresh-ahead"),
          Scalar.shown(refresh),
          "less than positive-ttl, which is " + Scalar.shown(positive) + ", or 0");
    }
    return new DirectoryConfig.Cache(
        cache.number("size", 0, 10_000_000),
        positive,
        cache.duration("negative-ttl", Duration.ZERO, Duration.ofHours(1)),
        refresh,
        cache.duration("stale-for", Duration.ZERO, Duration.ofDays(30)));
  }

  private static DirectoryConfig.PreAuthentication preAuthentication(Section section) {
    return new DirectoryConfig.PreAuthentication(
        ListReader.list(
            section,
            "domains",
            DOMAIN + ", or \"*\" for all",
            value ->
                Scalar.text(value)
                    .flatMap(text -> text.equals("*") ? Optional.of(text) : HostText.host(text))),
        section.duration("success-cache-ttl", Duration.ZERO, Duration.ofDays(1)));
  }

  /** How recipients are found, which is the directory's business. */
  private static DirectoryConfig.Recipients recipients(Section section) {
    return new DirectoryConfig.Recipients(
        TemplateText.filter(section, "recipient-filter"),
        section.isSet("recipient-template")
            ? TemplateText.storeName(section, "recipient-template")
            : "");
  }
}
