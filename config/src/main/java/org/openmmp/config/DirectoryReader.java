package org.openmmp.config;

import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import org.openmmp.directory.SearchTemplate;
import org.openmmp.directory.StoreNameTemplate;
import org.openmmp.directory.ldap.DirectoryConfig;
import org.openmmp.directory.ldap.HostedDomain;
import org.openmmp.text.HostName;
import org.openmmp.text.HostPort;
import org.openmmp.wire.Secret;

/** Reads {@code openmmp.directory}. */
final class DirectoryReader {
  private static final int LDAP_PORT = 389;
  private static final int LDAPS_PORT = 636;
  private static final String SERVER = "ldap://host[:port] or ldaps://host[:port]";
  private static final String DOMAIN = "a domain name";
  private static final String PRE_AUTHENTICATION = "pre-authentication";

  /** Stand-ins for templates that cannot be read. */
  private static final SearchTemplate ROOT = SearchTemplate.dn("");

  private static final SearchTemplate ANYBODY = SearchTemplate.filter("(objectClass=*)");
  private static final StoreNameTemplate WHOLE_NAME = StoreNameTemplate.parse("{login}");

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
        section.list("urls", SERVER, value -> Scalar.text(value).flatMap(DirectoryReader::server));
    if (section.elements("urls").isEmpty()) {
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
    Section preAuthentication = section.section(PRE_AUTHENTICATION);
    List<String> checked = preAuthenticated(preAuthentication);
    HostedDomain users = domain(section, checked.contains("*"));
    return new DirectoryConfig(
        servers,
        bindDn,
        password,
        FileSettings.file(section, "bind-password-file"),
        users,
        section.hostOrEmpty("default-domain", ListenReader.DOMAIN),
        delimiters(),
        mailHostAttributes(),
        section.attributes("extra-attributes"),
        connections(),
        status(section.section("status")),
        domains(section.section("domain")),
        cache(section.section("cache")),
        preAuthentication.duration("success-cache-ttl", Duration.ZERO, Duration.ofDays(1)),
        hostedDomains(users, checked),
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
      return HostName.orAddress(at.host())
          .map(name -> new DirectoryConfig.Server(name, port, ldaps));
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
    if (section.elements("mail-host-attributes").isEmpty()) {
      section.missing("mail-host-attributes", "at least one attribute name");
    }
    return section.attributes("mail-host-attributes");
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
        status.attributes("domain-attributes"),
        status.attributes("user-attributes"),
        status.attributes("domain-service-attributes"),
        status.attributes("user-service-attributes"));
  }

  private static Optional<DirectoryConfig.DomainSearch> domains(Section domain) {
    SearchTemplate filter = filter(domain, "filter");
    return domain.isSet("base-dn")
        ? Optional.of(new DirectoryConfig.DomainSearch(baseDn(domain, "base-dn"), filter))
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

  /** The domains whose users are checked by a bind; {@code *} is every domain. */
  private static List<String> preAuthenticated(Section section) {
    return section.list(
        "domains",
        DOMAIN + ", or \"*\" for all",
        value -> Scalar.text(value).filter(text -> text.equals("*")).or(() -> Scalar.host(value)));
  }

  private Map<String, HostedDomain> hostedDomains(HostedDomain users, List<String> checked) {
    Map<String, HostedDomain> all = new TreeMap<>();
    new TreeMap<>(hosted.own()).forEach((key, value) -> addDomain(key, value, checked, all));
    checked.stream()
        .filter(name -> !name.equals("*"))
        .forEach(name -> all.putIfAbsent(name, users.withPreAuthentication()));
    return all;
  }

  private void addDomain(
      String key, ConfigValue value, List<String> checked, Map<String, HostedDomain> all) {
    hosted.nameChosen(key);
    String at = hosted.at(ConfigUtil.quoteString(key));
    Optional<String> name = HostName.orAddress(key);
    if (name.isEmpty() || all.containsKey(name.get())) {
      hosted.problem(
          value,
          at,
          name.isEmpty() ? ConfigUtil.quoteString(key) : "the domain " + name.get() + " again",
          "each domain once, in quotes");
      return;
    }
    Section domain = hosted.element(at, value, section, "an object { … }");
    boolean says = domain.own().containsKey(PRE_AUTHENTICATION);
    all.put(
        name.get(),
        domain(
            domain,
            says
                ? domain.flag(PRE_AUTHENTICATION)
                : checked.contains("*") || checked.contains(name.get())));
  }

  private static HostedDomain domain(Section of, boolean preAuthenticated) {
    return new HostedDomain(
        baseDn(of, "base-dn"),
        filter(of, "filter"),
        defaultMailHost(of),
        storeName(of, "store-name"),
        preAuthenticated);
  }

  /** Where users go that the directory names no mail host for, or empty. */
  private static String defaultMailHost(Section of) {
    return of.hostOrEmpty("default-mail-host", "a host or the name of a group, or empty for none");
  }

  private static SearchTemplate filter(Section of, String key) {
    return of.read(
        key,
        "an LDAP filter in parentheses; placeholders are " + SearchTemplate.ACCEPTED,
        ANYBODY,
        value -> Scalar.text(value).flatMap(text -> parsed(text, SearchTemplate::filter)));
  }

  private static SearchTemplate baseDn(Section of, String key) {
    return of.read(
        key,
        "a DN; placeholders are " + SearchTemplate.ACCEPTED,
        ROOT,
        value ->
            Scalar.text(value)
                .filter(text -> isDn(text.replaceAll("\\{[^{}]*\\}", "x")))
                .flatMap(text -> parsed(text, SearchTemplate::dn)));
  }

  private static StoreNameTemplate storeName(Section of, String key) {
    return of.read(
        key,
        "a text, not empty, with the placeholders " + StoreNameTemplate.ACCEPTED,
        WHOLE_NAME,
        value -> Scalar.text(value).flatMap(text -> parsed(text, StoreNameTemplate::parse)));
  }

  /** The parsed text; nothing if the parser refuses it. */
  static <T> Optional<T> parsed(String text, Function<String, T> parser) {
    try {
      return Optional.of(parser.apply(text));
    } catch (IllegalArgumentException refused) {
      return Optional.empty();
    }
  }

  /** Whether the text is a DN without placeholders. */
  static boolean isDn(String text) {
    try {
      return text.indexOf('{') < 0 && text.indexOf('}') < 0 && new LdapName(text).size() > 0;
    } catch (InvalidNameException e) {
      return false;
    }
  }

  /** How recipients are found, which is the directory's business. */
  private static DirectoryConfig.Recipients recipients(Section section) {
    return new DirectoryConfig.Recipients(
        filter(section, "recipient-filter"),
        section.isSet("recipient-template")
            ? Optional.of(storeName(section, "recipient-template"))
            : Optional.empty());
  }
}
