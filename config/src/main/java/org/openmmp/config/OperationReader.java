package org.openmmp.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.openmmp.guard.LimitsConfig;
import org.openmmp.repgroup.ReferralTrust;
import org.openmmp.routing.Recovery;
import org.openmmp.text.AddressLiteral;
import org.openmmp.text.HostName;
import org.openmmp.wire.NetworkSet;
import org.openmmp.wire.Secret;

/** Reads what every front end needs whatever it speaks: logins, limits, names, sockets, admin. */
final class OperationReader {
  private static final Duration LONGEST_DRAIN = Duration.ofDays(1);
  private static final int MOST_CLIENTS = 1_000_000;
  private static final String TOKEN = "{ name = …, role = look or act, token-file = … }";
  private static final String TOKEN_NAME =
      "1 to 64 letters, digits, dots, hyphens or underscores that no other token has as its name";
  private static final String ADDRESS = "an IPv4 or IPv6 address, or a list of them";
  private static final String PATTERN =
      "a host name in which * stands for any characters, such as *.example.com";

  private static final Set<String> LEVELS = Set.of("error", "warn", "info", "debug", "trace");
  private static final String LEVEL = "error, warn, info, debug or trace";
  private static final String PART =
      "a part of the program, such as session, refused, selection or directory";

  private final Section root;

  OperationReader(Section root) {
    this.root = root;
  }

  LoginConfig login() {
    Section login = root.section("login");
    Section referral = login.section("referral");
    return new LoginConfig(
        login.duration("deadline", Duration.ofSeconds(1), Duration.ofMinutes(5)),
        login.number("max-password", 64, 65_536),
        login
            .optional(
                "master-user-separator",
                "one character that no login name has in it, such as *; null: none",
                value -> Scalar.text(value).filter(OperationReader::isSeparator))
            .orElse(""),
        new ReferralTrust(
            referral.list(
                "trusted", PATTERN, value -> Scalar.text(value).flatMap(OperationReader::pattern)),
            Set.copyOf(
                referral.list(
                    "follow-ports",
                    "a port from 1 to 65535",
                    value -> Scalar.number(value, 1, 65_535))),
            referral.number("max-hops", 0, 10)),
        referral.flag("use-user"));
  }

  /** Printable ASCII that neither a name nor its domain is made of. */
  private static boolean isSeparator(String text) {
    return text.length() == 1
        && text.charAt(0) > ' '
        && text.charAt(0) <= '~'
        && !Character.isLetterOrDigit(text.charAt(0))
        && "@.-_".indexOf(text.charAt(0)) < 0;
  }

  private static Optional<String> pattern(String text) {
    return HostName.orAddress(text.replace("*", "x"))
        .map(any -> HostName.fold(text.toLowerCase(Locale.ROOT)));
  }

  LimitsConfig limits() {
    Section limits = root.section("limits");
    Section penalty = limits.section("penalty");
    Section beforeLogin = limits.section("before-login");
    Duration delay = penalty.duration("first", Duration.ZERO, Duration.ofMinutes(1));
    return new LimitsConfig(
        limits.number("max-connections", 1, MOST_CLIENTS),
        limits.number("connections-per-address", 0, MOST_CLIENTS),
        limits.number("sessions-per-user", 0, MOST_CLIENTS),
        limits.number("logins-per-second-per-address", 0, MOST_CLIENTS),
        limits.networks("exempt-networks"),
        new LimitsConfig.Penalty(
            delay,
            penalty.durationFrom("first", delay, "max", Duration.ZERO, Duration.ofMinutes(5)),
            penalty.duration("decay", Duration.ofSeconds(1), Duration.ofDays(1)),
            penalty.number("table-size", 1_000, 10_000_000)),
        beforeLogin.number("connections", 0, MOST_CLIENTS),
        beforeLogin.number("octets", 0, Integer.MAX_VALUE));
  }

  /** To be read behind all listeners. */
  ProxyProtocolConfig proxyProtocol() {
    Section section = root.section("proxy-protocol");
    int mark = section.reading().mark();
    NetworkSet networks = section.networks("networks");
    List<String> expectedAt = section.reading().proxyHeaders();
    if (networks.networks().isEmpty()
        && !expectedAt.isEmpty()
        && section.reading().cleanSince(mark)) {
      section.problem(
          section.value("networks"),
          section.at("networks"),
          "no network, so nobody can connect to a listener that expects PROXY headers",
          "the networks of the load balancers, as needed for " + String.join(", ", expectedAt));
    }
    return new ProxyProtocolConfig(
        networks, section.duration("timeout", Duration.ofMillis(10), Duration.ofMinutes(1)));
  }

  ResolverConfig resolver() {
    Section resolver = root.section("resolver");
    Map<String, List<String>> hosts = new LinkedHashMap<>();
    ConfigValue table = resolver.value("hosts");
    if (table instanceof ConfigObject object) {
      addHosts(resolver, object, List.of(), hosts);
    } else if (table != null) {
      resolver.refuse(table, resolver.at("hosts"), "an object { host = address }");
    }
    Duration ttl = resolver.duration("min-ttl", Duration.ZERO, Duration.ofHours(1));
    return new ResolverConfig(
        hosts,
        ttl,
        resolver.durationFrom("min-ttl", ttl, "max-ttl", Duration.ZERO, Duration.ofDays(1)),
        resolver.duration("negative-ttl", Duration.ZERO, Duration.ofHours(1)),
        resolver.duration("stale-for", Duration.ZERO, Duration.ofDays(30)));
  }

  /** A name with dots is one key if it is quoted, else a path: both mean the same here. */
  private static void addHosts(
      Section resolver, ConfigObject object, List<String> path, Map<String, List<String>> hosts) {
    object.forEach(
        (key, value) -> {
          List<String> deeper = new ArrayList<>(path);
          deeper.add(key);
          if (value instanceof ConfigObject inner) {
            addHosts(resolver, inner, deeper, hosts);
            return;
          }
          String written = String.join(".", deeper);
          String at = resolver.at("hosts") + "." + ConfigUtil.quoteString(written);
          Optional<String> name = HostName.orAddress(written);
          if (name.isEmpty()) {
            resolver.problem(value, at, ConfigUtil.quoteString(written), "a host name");
            return;
          }
          List<String> addresses = addresses(resolver, at, value);
          if (hosts.put(name.get(), addresses) != null) {
            resolver.problem(value, at, "a second entry for this host", "one entry for each host");
          }
        });
  }

  private static List<String> addresses(Section resolver, String at, ConfigValue value) {
    List<ConfigValue> elements = value instanceof ConfigList list ? list : List.of(value);
    List<String> addresses = new ArrayList<>();
    for (ConfigValue element : elements) {
      Scalar.host(element)
          .filter(host -> AddressLiteral.parse(host) != null)
          .ifPresentOrElse(addresses::add, () -> resolver.refuse(element, at, ADDRESS));
    }
    if (elements.isEmpty()) {
      resolver.refuse(value, at, ADDRESS);
    }
    return List.copyOf(addresses);
  }

  /** Where listeners are that name no address of their own. */
  List<String> listenAddresses() {
    return root
        .list("listen-address", "a host name or an address without a port", Scalar::host)
        .stream()
        .distinct()
        .toList();
  }

  /** Where connections to stores come from. */
  List<InetAddress> sources() {
    return root
        .list(
            "source-address",
            "an IPv4 or IPv6 address of this machine, not of every interface",
            value ->
                Scalar.text(value)
                    .map(AddressLiteral::parse)
                    .filter(each -> !each.isAnyLocalAddress() && !each.isMulticastAddress()))
        .stream()
        .distinct()
        .toList();
  }

  private static final Duration SHORTEST_SILENCE = Duration.ofSeconds(10);
  private static final Duration LONGEST_SILENCE = Duration.ofDays(1);

  TransportConfig transport() {
    Section transport = root.section("transport");
    return new TransportConfig(
        transport.choice("native", TransportConfig.Kind.class),
        transport.number("threads", 0, 1_024),
        transport.number("backlog", 1, 65_535),
        transport.flag("reuse-port"),
        transport.flag("bind-before-up"),
        transport.duration("client-vanished", SHORTEST_SILENCE, LONGEST_SILENCE),
        transport.duration("store-vanished", SHORTEST_SILENCE, LONGEST_SILENCE));
  }

  AdminConfig admin() {
    Section admin = root.section("admin");
    return new AdminConfig(
        admin.optional("listen", ListenReader.ACCEPTED, value -> ListenReader.parse(value, "")),
        FileSettings.file(admin, "socket"),
        FileSettings.password(admin, "token"),
        tokens(admin),
        admin.list("host-names", "a host name", Scalar::host),
        admin.number("metrics-groups", 0, 100_000));
  }

  private static List<AdminConfig.Token> tokens(Section admin) {
    List<AdminConfig.Token> all = new ArrayList<>();
    Set<String> names = new HashSet<>(Set.of("token"));
    List<ConfigValue> elements = admin.elements("tokens");
    for (int i = 0; i < elements.size(); i++) {
      String at = admin.at("tokens") + "[" + i + "]";
      Section entry = admin.element(at, elements.get(i), null, TOKEN);
      String name =
          entry.read(
              "name",
              TOKEN_NAME,
              "",
              value ->
                  Scalar.text(value)
                      .filter(text -> text.matches("[A-Za-z0-9._-]{1,64}") && names.add(text)));
      AdminConfig.Role role = entry.choice("role", AdminConfig.Role.class);
      Secret secret = FileSettings.password(entry, "token");
      if (!entry.isSet("token") && !entry.isSet("token-file")) {
        entry.missing("token-file", "the file whose first line is the token");
      }
      all.add(new AdminConfig.Token(name, role, secret));
    }
    return all;
  }

  /** What is being restored (rule B2.27). */
  Recovery recovery(List<GroupConfig> groups) {
    Section recovery = root.section("recovery");
    Set<String> known = groups.stream().map(GroupConfig::name).collect(Collectors.toSet());
    known.add(Recovery.ALL);
    return new Recovery(
        Set.copyOf(
            recovery.list(
                "groups",
                "groups of openmmp.proxy, or \"*\" for all",
                value ->
                    Scalar.text(value)
                        .filter(Recovery.ALL::equals)
                        .or(() -> Scalar.host(value))
                        .filter(known::contains))),
        Set.copyOf(
            recovery.list(
                "domains",
                ListenReader.DOMAIN + "s, or \"*\" for all",
                value ->
                    Scalar.text(value).filter(Recovery.ALL::equals).or(() -> Scalar.host(value)))));
  }

  /** Where an administrator's decisions are kept (rule B2.15). */
  Optional<Path> stateFile() {
    return FileSettings.file(root, "state-file");
  }

  LogConfig log() {
    Section log = root.section("log");
    return new LogConfig(
        log.choice("format", LogConfig.Format.class),
        log.optional("level", LEVEL, OperationReader::level).orElse(""),
        levels(log),
        log.networks("health-check-networks"));
  }

  private static Optional<String> level(ConfigValue value) {
    return Scalar.text(value).map(text -> text.toLowerCase(Locale.ROOT)).filter(LEVELS::contains);
  }

  private static Map<String, String> levels(Section log) {
    Map<String, String> levels = new LinkedHashMap<>();
    ConfigValue table = log.value("levels");
    if (table instanceof ConfigObject object) {
      object.forEach(
          (name, value) -> {
            String at = log.at("levels") + "." + ConfigUtil.quoteString(name);
            if (!name.matches("\\p{Alpha}\\w*")) {
              log.problem(value, at, ConfigUtil.quoteString(name), PART);
              return;
            }
            level(value)
                .ifPresentOrElse(
                    level -> levels.put(name, level), () -> log.refuse(value, at, LEVEL));
          });
    } else if (table != null) {
      log.refuse(table, log.at("levels"), "an object { name = level }");
    }
    return levels;
  }

  DrainConfig drain() {
    Section drain = root.section("drain");
    return new DrainConfig(
        drain.duration("limit", Duration.ZERO, LONGEST_DRAIN),
        drain.duration("lead", Duration.ZERO, LONGEST_DRAIN),
        drain.duration("spread", Duration.ZERO, LONGEST_DRAIN),
        drain.duration("after-loss", Duration.ZERO, Duration.ofMinutes(1)));
  }
}
