package org.openmmp.config;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.text.AddressLiteral;
import org.openmmp.wire.Network;
import org.openmmp.wire.NetworkSet;

/**
 * Looks at a sound configuration for what an operator may not have meant (rule B7.4). Whether hosts
 * resolve is not asked here.
 */
public final class ConfigLint {
  private static final int NARROW_IPV4 = 8;
  private static final int NARROW_IPV6 = 16;

  private static final String LOCALHOST = "localhost";

  private final OpenMmpConfig config;
  private final List<String> findings = new ArrayList<>();

  private ConfigLint(OpenMmpConfig config) {
    this.config = config;
  }

  /** The findings, by group in the order of the names, then the others; none is an error. */
  public static List<String> findings(OpenMmpConfig config) {
    ConfigLint lint = new ConfigLint(config);
    config.groups().forEach(lint::group);
    lint.hostsInSeveralGroups();
    lint.storesInTheClear();
    lint.logins();
    lint.passwordsInTheClear();
    lint.trust();
    lint.findings.addAll(sharedPorts(config, key -> true));
    lint.secrets();
    return List.copyOf(lint.findings);
  }

  private void group(GroupConfig group) {
    String key = "openmmp.proxy.\"" + group.name() + "\"";
    Set<String> hosts = new TreeSet<>();
    Set<String> twice = new TreeSet<>();
    for (String host : group.hosts()) {
      if (!hosts.add(host)) {
        twice.add(host);
      }
    }
    twice.forEach(host -> found(key + ".storehostlist", "names the host " + host + " twice"));
    number(key + ".storehostlist", hosts.size());
    if (new HashSet<>(group.standbySite()).containsAll(hosts)) {
      found(key + ".standby-site", "has all hosts: none is used until the site is activated");
    }
    if (!group.affinity()) {
      found(
          key + ".affinity",
          "is off: every login starts at the first host, wherever the master is");
    }
    StoreAccess access = group.imap();
    attemptFits(key, access);
    if (access.clientId() == StoreAccess.ClientId.NONE) {
      found(
          key + ".client-id",
          "is none: stores take every client for this front end, and blame it for wrong passwords");
    }
  }

  private void number(String key, int hosts) {
    if (hosts == 1) {
      found(key, "has one host: nothing takes over when it fails");
    } else if (hosts == 2) {
      found(
          key,
          "has two hosts: a replicated group of two may have no master once one fails, and while"
              + " one is upgraded nothing takes over from the other; three or more are advised");
    }
  }

  private void attemptFits(String key, StoreAccess access) {
    Duration attempt =
        access.connectTimeout().plus(access.greetingTimeout()).plus(access.answerTimeout());
    if (attempt.compareTo(config.login().deadline()) > 0) {
      found(
          key,
          "lets one attempt take "
              + Scalar.shown(attempt)
              + ", longer than openmmp.login.deadline, which is "
              + Scalar.shown(config.login().deadline())
              + ": one hung host uses up the whole login");
    }
  }

  private void hostsInSeveralGroups() {
    Map<String, Set<String>> groupsOf = new TreeMap<>();
    for (GroupConfig group : config.groups()) {
      for (String host : group.hosts()) {
        groupsOf.computeIfAbsent(host, any -> new TreeSet<>()).add(group.name());
      }
    }
    groupsOf.forEach(
        (host, groups) -> {
          if (groups.size() > 1) {
            found(
                "openmmp.proxy",
                "has the host "
                    + host
                    + " in the groups "
                    + String.join(", ", groups)
                    + ": a mail host that names it is ambiguous, and such logins fail temporarily");
          }
        });
  }

  private void logins() {
    for (String pattern : config.login().referrals().trusted()) {
      if (pattern.chars().allMatch(c -> c == '*' || c == '.')) {
        found(
            "openmmp.login.referral.trusted",
            "has " + pattern + ": passwords follow a store's word to any host");
      }
    }
    if (config.imap().listen().isEmpty()
        && config.pop3().listen().isEmpty()
        && config.lmtp().listen().isEmpty()) {
      found("openmmp", "has no listener, neither of imap, pop3 nor lmtp: no client can connect");
    }
  }

  private void storesInTheClear() {
    inTheClear("openmmp.proxy-defaults", config.groupDefaults(), false);
    for (GroupConfig group : config.groups()) {
      inTheClear("openmmp.proxy.\"" + group.name() + "\"", group, true);
    }
  }

  /**
   * Tells a service whose stores are reached without verified TLS; one that has it of the defaults
   * is told there, once for all groups.
   */
  private void inTheClear(String key, GroupConfig group, boolean overDefaults) {
    List<StoreService> told = new ArrayList<>();
    for (StoreService service : StoreService.values()) {
      TlsPolicy policy = group.stores(service).tls();
      boolean inherited = overDefaults && policy == config.groupDefaults().stores(service).tls();
      if (!policy.required() && !inherited) {
        told.add(service);
      }
    }
    boolean allAlike =
        told.size() == StoreService.values().length
            && told.stream().map(service -> group.stores(service).tls()).distinct().count() == 1;
    for (StoreService service : allAlike ? told.subList(0, 1) : told) {
      String at = allAlike ? key : key + "." + service.name().toLowerCase(Locale.ROOT);
      found(
          at + ".tls",
          group.stores(service).tls() == TlsPolicy.OFF
              ? "is off: what goes to the stores, passwords too, can be read on the way"
              : "is opportunistic: who is in between can take TLS away, or stand in for a store,"
                  + " and read what goes there, passwords too");
    }
  }

  private void passwordsInTheClear() {
    passwordsInTheClear("imap", config.imap().listen());
    passwordsInTheClear("pop3", config.pop3().listen());
  }

  private void passwordsInTheClear(String section, ListenConfig listen) {
    for (ListenAddress address : listen.plain()) {
      boolean local = isLoopback(address.host()) && !address.proxyProtocol();
      if (address.clearTextPasswords() == ClearTextPasswords.ALWAYS && !local) {
        found(
            "openmmp." + section + ".clear-text-passwords",
            "is always at " + address + ": clients' passwords can be read on the way");
      }
    }
  }

  private void trust() {
    wide(
        "proxy-protocol.networks",
        config.proxyProtocol().networks(),
        "everybody may say that he is another client");
    wide(
        "imap.trusted-proxies",
        config.imap().preAuth().trustedProxies(),
        "everybody may say that he is another client");
    wide(
        "pop3.trusted-proxies",
        config.pop3().preAuth().trustedProxies(),
        "everybody may say that he is another client");
    wide(
        "lmtp.trusted-clients",
        config.lmtp().clients().trusted(),
        "everybody may say that he is another client");
    wide(
        "lmtp.client-networks",
        config.lmtp().clients().networks(),
        "everybody may deliver, past every check of the MTA");
    wide(
        "limits.exempt-networks",
        config.limits().exemptNetworks(),
        "nobody is limited, and wrong passwords delay nobody");
    wide(
        "log.health-check-networks",
        config.log().healthCheckNetworks(),
        "clients that are turned away leave no line");
  }

  private void wide(String key, NetworkSet networks, String therefore) {
    for (Network network : networks.networks()) {
      if (isWide(network)) {
        found("openmmp." + key, "has " + network + ", as wide as the world: " + therefore);
      }
    }
  }

  /**
   * Whether a network has more addresses than any owner of one: an IPv4 network wider than /8, an
   * IPv6 network wider than /16 that is not among the private, link-local and multicast ones.
   */
  private static boolean isWide(Network network) {
    int bits = network.prefixLength();
    if (!network.ipv6()) {
      return bits < NARROW_IPV4;
    }
    int first = (int) (network.high() >>> (Long.SIZE - Byte.SIZE));
    boolean ofNoStranger = first >= 0xfc && bits >= (first < 0xfe ? 7 : 8);
    return bits < NARROW_IPV6 && !ofNoStranger;
  }

  private void secrets() {
    config.secretFiles().forEach(this::secret);
  }

  private void secret(Path file, String key) {
    try {
      Set<PosixFilePermission> modes = Files.getPosixFilePermissions(file);
      boolean read = modes.contains(PosixFilePermission.OTHERS_READ);
      boolean written = modes.contains(PosixFilePermission.OTHERS_WRITE);
      if (read || written) {
        found(
            key,
            "stands in "
                + file
                + ", which every user of this machine may "
                + (read && written ? "read and change" : read ? "read" : "change")
                + ": chmod o-rwx it");
      }
    } catch (IOException | UnsupportedOperationException unknown) {
      found(key, "stands in " + file + ", whose mode cannot be seen");
    }
  }

  /**
   * A finding for each pair of listeners at one port whose addresses meet.
   *
   * @param opened the keys whose listeners are opened by one process
   */
  public static List<String> sharedPorts(OpenMmpConfig config, Predicate<String> opened) {
    Map<Integer, List<Map.Entry<String, ListenAddress>>> byPort = new HashMap<>();
    List<String> findings = new ArrayList<>();
    for (Map.Entry<String, ListenAddress> listener : listeners(config)) {
      if (!opened.test(listener.getKey())) {
        continue;
      }
      List<Map.Entry<String, ListenAddress>> before =
          byPort.computeIfAbsent(listener.getValue().port(), any -> new ArrayList<>());
      for (Map.Entry<String, ListenAddress> other : before) {
        if (meet(listener.getValue().host(), other.getValue().host())) {
          findings.add(
              listener.getKey()
                  + " has "
                  + listener.getValue()
                  + ", and "
                  + other.getKey()
                  + " has "
                  + other.getValue()
                  + ": one port serves one of them");
        }
      }
      before.add(listener);
    }
    return findings;
  }

  private static List<Map.Entry<String, ListenAddress>> listeners(OpenMmpConfig config) {
    List<Map.Entry<String, ListenAddress>> all = new ArrayList<>();
    add(all, "imap.listen", config.imap().listen().plain());
    add(all, "imap.listen-tls", config.imap().listen().tls());
    add(all, "pop3.listen", config.pop3().listen().plain());
    add(all, "pop3.listen-tls", config.pop3().listen().tls());
    add(all, "lmtp.listen", config.lmtp().listen());
    add(all, "admin.listen", config.admin().listen().stream().toList());
    return all;
  }

  private static void add(
      List<Map.Entry<String, ListenAddress>> all, String key, List<ListenAddress> addresses) {
    for (ListenAddress address : addresses) {
      if (address.port() != 0) {
        all.add(Map.entry("openmmp." + key, address));
      }
    }
  }

  /** Whether a connection may come in at both; a name other than localhost is only itself. */
  private static boolean meet(String one, String other) {
    if (one.equals(other) || isAll(one) || isAll(other)) {
      return true;
    }
    if (isAllIpv4(one) || isAllIpv4(other)) {
      return !isIpv6(one) && !isIpv6(other);
    }
    return isLiteral(one) && isLiteral(other) && address(one).equals(address(other));
  }

  private static boolean isAll(String host) {
    return isLiteral(host)
        && address(host) instanceof Inet6Address every
        && every.isAnyLocalAddress();
  }

  private static boolean isAllIpv4(String host) {
    return isLiteral(host)
        && address(host) instanceof Inet4Address every
        && every.isAnyLocalAddress();
  }

  private static boolean isIpv6(String host) {
    return isLiteral(host) && address(host) instanceof Inet6Address;
  }

  private static boolean isLiteral(String host) {
    return host.equals(LOCALHOST) || AddressLiteral.parse(host) != null;
  }

  private static InetAddress address(String host) {
    String text = host.equals(LOCALHOST) ? "127.0.0.1" : host;
    return Objects.requireNonNull(AddressLiteral.parse(text), text + " is no address");
  }

  /** Whether only this machine's own clients come in there. */
  static boolean isLoopback(String host) {
    return isLiteral(host) && address(host).isLoopbackAddress();
  }

  private void found(String key, String text) {
    findings.add(key + ' ' + text);
  }
}
