package org.openmmp.config;

import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.openmmp.directory.ldap.HostedDomain;

/** Reads {@code openmmp.domains}. */
final class HostedDomainReader {
  private static final String PRE_AUTHENTICATION = "pre-authentication";

  private final Section domains;
  private final Section directory;
  private final List<String> preAuthenticated;

  /**
   * A reader.
   *
   * @param directory what holds where a domain says nothing
   * @param preAuthenticated the domains that the directory's section lists, {@code *} for all
   */
  HostedDomainReader(Section domains, Section directory, List<String> preAuthenticated) {
    this.domains = domains;
    this.directory = directory;
    this.preAuthenticated = preAuthenticated;
  }

  Map<String, HostedDomain> read() {
    Map<String, HostedDomain> all = new TreeMap<>();
    new TreeMap<>(domains.own()).forEach((key, value) -> add(key, value, all));
    return all;
  }

  private void add(String key, ConfigValue value, Map<String, HostedDomain> all) {
    domains.nameChosen(key);
    String at = domains.at(ConfigUtil.quoteString(key));
    Optional<String> name = HostText.host(key);
    if (name.isEmpty() || all.containsKey(name.get())) {
      domains.problem(
          value,
          at,
          name.isEmpty() ? ConfigUtil.quoteString(key) : "the domain " + name.get() + " again",
          "each domain once, in quotes");
      return;
    }
    Section domain = domains.element(at, value, directory, "an object { … }");
    boolean says = domain.own().containsKey(PRE_AUTHENTICATION);
    all.put(
        name.get(),
        new HostedDomain(
            TemplateText.baseDn(domain, "base-dn"),
            TemplateText.filter(domain, "filter"),
            HostText.defaultMailHost(domain),
            TemplateText.storeName(domain, "store-name"),
            says
                ? domain.flag(PRE_AUTHENTICATION)
                : preAuthenticated.contains("*") || preAuthenticated.contains(name.get())));
  }
}
