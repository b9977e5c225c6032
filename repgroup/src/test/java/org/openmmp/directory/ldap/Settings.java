package org.openmmp.directory.ldap;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.openmmp.directory.SearchTemplate;
import org.openmmp.directory.StoreNameTemplate;
import org.openmmp.wire.Secret;

/** Settings of a directory for tests; each method changes one and returns this. */
final class Settings {
  private final List<DirectoryConfig.Server> servers;
  private String bindDn = LdapServerFixture.ADMIN;
  private Secret bindPassword = Secret.of(LdapServerFixture.ADMIN_PASSWORD);
  private Optional<Path> bindPasswordFile = Optional.empty();
  private int maxEntry = 8 * 1024 * 1024;
  private DirectoryConfig.References references = DirectoryConfig.References.OUTAGE;
  private String base = LdapServerFixture.BASE;
  private String filter = "(|(mail={login})(uid={login}))";
  private String delimiters = "@";
  private List<String> mailHostAttributes = List.of("mailHost");
  private String defaultMailHost = "";
  private String storeName = "{login}";
  private Optional<DirectoryConfig.DomainSearch> domains = Optional.empty();
  private DirectoryConfig.Strategy strategy = DirectoryConfig.Strategy.FAILOVER;
  private boolean startTls;
  private Optional<Path> caFile = Optional.empty();
  private Duration connectTimeout = Duration.ofSeconds(5);
  private Duration searchTimeout = Duration.ofSeconds(10);
  private int poolSize = 2;
  private int cacheSize = 1000;
  private Duration refreshAhead = Duration.ZERO;
  private Duration staleFor = Duration.ZERO;
  private List<String> preAuthenticated = List.of();
  private String recipientsSentOnAs = "";
  private final Map<String, HostedDomain> hosted = new HashMap<>();

  static final Duration POSITIVE = Duration.ofSeconds(60);
  static final Duration NEGATIVE = Duration.ofSeconds(10);
  static final Duration SUCCESS = Duration.ofSeconds(20);

  private Settings(List<DirectoryConfig.Server> servers) {
    this.servers = servers;
  }

  static Settings of(DirectoryConfig.Server... servers) {
    return new Settings(List.of(servers));
  }

  Settings anonymous() {
    bindDn = "";
    return this;
  }

  Settings bindPassword(String value) {
    bindPassword = Secret.of(value);
    return this;
  }

  Settings bindPasswordFile(Path value) {
    bindPasswordFile = Optional.of(value);
    return this;
  }

  Settings maxEntry(int value) {
    maxEntry = value;
    return this;
  }

  Settings ignoreReferences() {
    references = DirectoryConfig.References.IGNORE;
    return this;
  }

  Settings base(String value) {
    base = value;
    return this;
  }

  Settings filter(String value) {
    filter = value;
    return this;
  }

  Settings delimiters(String value) {
    delimiters = value;
    return this;
  }

  Settings mailHost(String defaultHost, String... attributes) {
    defaultMailHost = defaultHost;
    mailHostAttributes = List.of(attributes);
    return this;
  }

  Settings storeName(String value) {
    storeName = value;
    return this;
  }

  Settings domains(String baseDn, String domainFilter) {
    domains =
        Optional.of(
            new DirectoryConfig.DomainSearch(
                SearchTemplate.dn(baseDn), SearchTemplate.filter(domainFilter)));
    return this;
  }

  Settings balanced() {
    strategy = DirectoryConfig.Strategy.BALANCED;
    return this;
  }

  Settings startTls() {
    startTls = true;
    return this;
  }

  Settings caFile(Path file) {
    caFile = Optional.of(file);
    return this;
  }

  Settings connectTimeout(Duration value) {
    connectTimeout = value;
    return this;
  }

  Settings searchTimeout(Duration value) {
    searchTimeout = value;
    return this;
  }

  Settings poolSize(int value) {
    poolSize = value;
    return this;
  }

  Settings cacheSize(int value) {
    cacheSize = value;
    return this;
  }

  Settings refreshAhead(Duration value) {
    refreshAhead = value;
    return this;
  }

  Settings staleFor(Duration value) {
    staleFor = value;
    return this;
  }

  Settings preAuthenticated(String... value) {
    preAuthenticated = List.of(value);
    return this;
  }

  Settings hosted(String domain, HostedDomain value) {
    hosted.put(domain, value);
    return this;
  }

  Settings recipientsSentOnAs(String value) {
    recipientsSentOnAs = value;
    return this;
  }

  DirectoryConfig build() {
    HostedDomain users =
        new HostedDomain(
            SearchTemplate.dn(base),
            SearchTemplate.filter(filter),
            defaultMailHost,
            StoreNameTemplate.parse(storeName),
            preAuthenticated.contains("*"));
    Map<String, HostedDomain> hostedDomains = new HashMap<>(hosted);
    preAuthenticated.stream()
        .filter(domain -> !domain.equals("*"))
        .forEach(domain -> hostedDomains.putIfAbsent(domain, users.withPreAuthentication()));
    return new DirectoryConfig(
        servers,
        bindDn,
        bindPassword,
        bindPasswordFile,
        users,
        "example.com",
        delimiters,
        mailHostAttributes,
        List.of("cn"),
        new DirectoryConfig.Connections(
            strategy,
            startTls,
            caFile,
            connectTimeout,
            searchTimeout,
            poolSize,
            Duration.ofMinutes(5),
            maxEntry,
            references),
        new DirectoryConfig.Status(
            List.of("inetDomainStatus", "mailDomainStatus"),
            List.of("inetUserStatus", "mailUserStatus"),
            List.of("mailDomainAllowedServiceAccess"),
            List.of("mailAllowedServiceAccess")),
        domains,
        new DirectoryConfig.Cache(cacheSize, POSITIVE, NEGATIVE, refreshAhead, staleFor),
        SUCCESS,
        hostedDomains,
        new DirectoryConfig.Recipients(
            SearchTemplate.filter("(|(mail={login})(mailAlternateAddress={login}))"),
            Optional.of(recipientsSentOnAs)
                .filter(text -> !text.isEmpty())
                .map(StoreNameTemplate::parse)));
  }
}
