package org.openmmp.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.GrowingPause;
import org.openmmp.repgroup.SelectorSettings;
import org.openmmp.routing.HostTraits;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.Survival;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.text.HostName;
import org.openmmp.wire.Secret;

/** Reads one group, or the defaults of all groups (rule B2.3). */
final class GroupReader {
  private static final String HOST = "a bare host name or address";
  private static final int LMTP_PORT = 24;
  private static final int MOST = 100_000;
  private static final int LARGEST_PORT = 65_535;
  private static final Duration SHORTEST = Duration.ofMillis(10);

  /** Time kept at the end of a login for going on at a replica: connect, greeting, answer. */
  private static final Duration READ_ONLY_RESERVE = Duration.ofSeconds(5);

  /**
   * How much longer others wait for an attempt than it may take, so that its end is known before
   * anybody asks the same host again (rule B2.9).
   */
  private static final Duration PROBE_GRACE = Duration.ofSeconds(1);

  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** A group that sets no more than these differs from the defaults in its hosts alone. */
  private static final Set<String> OF_HOSTS = Set.of("storehostlist", "standby-site");

  /** A group that sets no more than these is reached in its own way, and chosen by the defaults. */
  private static final Set<String> OF_ACCESS =
      Set.of(
          "storehostlist",
          "standby-site",
          "affinity",
          "imapport",
          "popport",
          "lmtpport",
          "imapadmin",
          "imapadminpass",
          "imapadminpass-file",
          "tls",
          "tls-trust",
          "imap",
          "pop3",
          "lmtp");

  private final Section section;

  /** What all groups have in common; null while that is read. */
  private final @Nullable GroupConfig defaults;

  /** A reader of the defaults. */
  GroupReader(Section section) {
    this(section, null);
  }

  /** A reader of a group. */
  GroupReader(Section section, @Nullable GroupConfig defaults) {
    this.section = section;
    this.defaults = defaults;
  }

  /** The defaults, if a group sets no more than these keys: thousands of groups read them once. */
  private @Nullable GroupConfig defaultsBeside(Set<String> keys) {
    return keys.containsAll(section.own().keySet()) ? defaults : null;
  }

  /** The defaults: a group without name and hosts. */
  GroupConfig readDefaults() {
    return read("", List.of(), List.of());
  }

  /** A group under its folded name. */
  GroupConfig read(String name) {
    int mark = section.reading().mark();
    List<String> hosts = hosts("storehostlist");
    List<String> standby = hosts("standby-site");
    if (!section.isSet("storehostlist")) {
      hosts = List.of(name);
    } else if (hosts.isEmpty() && section.reading().cleanSince(mark)) {
      section.missing("storehostlist", "at least one host");
    }
    if (section.reading().cleanSince(mark) && !hosts.containsAll(standby)) {
      section.problem(
          section.value("standby-site"),
          section.at("standby-site"),
          String.join(" ", standby),
          "hosts of storehostlist, which is " + String.join(" ", hosts));
    }
    GroupConfig same = defaultsBeside(OF_HOSTS);
    return same == null ? read(name, hosts, standby) : same.named(name, hosts, standby);
  }

  private GroupConfig read(String name, List<String> hosts, List<String> standby) {
    GroupConfig same = defaultsBeside(OF_ACCESS);
    Section trust = section.section("tls-trust");
    StoreAccess common =
        new StoreAccess(
            0,
            section.choice("tls", TlsPolicy.class),
            new StoreAccess.Trust(
                FileSettings.pem(trust, "ca-file"),
                trust.host("certificate-name", "a host name; null for the host's own").orElse("")),
            section.duration("connect-timeout", SHORTEST, MINUTE),
            section.duration("greeting-timeout", SHORTEST, MINUTE),
            section.duration("login-answer-timeout", Duration.ofSeconds(10), Duration.ofMinutes(5)),
            imapAdmin(),
            FileSettings.password(section, "imapadminpass"),
            section.choice("client-id", StoreAccess.ClientId.class),
            same == null ? survival() : same.imap().survival());
    return new GroupConfig(
        name,
        hosts,
        standby,
        section.flag("affinity"),
        stores("imap", "imapport", 143, 993, common),
        stores("pop3", "popport", 110, 995, common),
        stores("lmtp", "lmtpport", LMTP_PORT, LMTP_PORT, common),
        same == null ? selection(common) : same.selection(),
        same == null ? probe(section.section("probe")) : same.probe());
  }

  private GroupProbe probe(Section probe) {
    GroupProbe.Kind kind = probe.choice("kind", GroupProbe.Kind.class);
    String user =
        probe
            .<String>optional(
                "user",
                "a name, not empty; null for nobody",
                value -> Scalar.text(value).filter(text -> !text.isBlank()))
            .orElse("");
    Secret password = FileSettings.password(probe, "password");
    if (kind == GroupProbe.Kind.LOGIN) {
      if (user.isEmpty()) {
        probe.missing("user", "the name that probes log in with");
      }
      if (!probe.isSet("password") && !probe.isSet("password-file")) {
        probe.missing("password-file", "the file with the password of probe.user");
      }
    }
    return new GroupProbe(
        kind,
        probe.duration("interval", Duration.ofSeconds(1), Duration.ofDays(1)),
        user,
        password,
        Set.copyOf(
            probe.list(
                "compare",
                "of greeting, capabilities, certificate, clock; an empty list for none",
                value -> Scalar.choice(value, HostTraits.Kind.values()))));
  }

  private List<String> hosts(String key) {
    ConfigValue value = section.value(key);
    if (value == null) {
      return List.of();
    }
    List<String> hosts = new ArrayList<>();
    for (ConfigValue element : value instanceof ConfigList list ? list : List.of(value)) {
      Optional<String> text =
          element.valueType() == ConfigValueType.STRING
              ? Optional.of(String.valueOf(element.unwrapped()))
              : Optional.empty();
      if (text.isEmpty()) {
        section.refuse(element, section.at(key), HOST + "s, separated by white space or as a list");
      } else {
        Stream.of(text.get().split("\\s+"))
            .filter(word -> !word.isEmpty())
            .forEach(word -> host(key, element, word).ifPresent(hosts::add));
      }
    }
    return hosts;
  }

  private Optional<String> host(String key, ConfigValue where, String word) {
    Optional<String> host = HostName.orAddress(word);
    if (host.isEmpty()) {
      String accepted =
          hasPort(word)
              ? HOST
                  + " without a port: a port belongs to the group, not to one host, so that any"
                  + " host can take over; write it as imapport, popport or lmtpport of the group"
              : HOST + ", without brackets";
      section.problem(where, section.at(key), "\"" + Scalar.printable(word) + "\"", accepted);
    }
    return host;
  }

  /** Whether it is {@code host:port}, {@code [address]:port} or likewise. */
  private static boolean hasPort(String word) {
    return word.matches("\\[.*\\]:.*") || word.matches("[^:]*:[^:]*");
  }

  /** The service's own port, else the group's for it. */
  private int port(String service, String key, int standard) {
    int common = port(key, standard);
    return section
        .section(service)
        .<Integer>optional(
            "port",
            "a port from 1 to 65535; null for " + key,
            value -> Scalar.number(value, 1, LARGEST_PORT))
        .orElse(common);
  }

  private int port(String key, int standard) {
    return section.read(
        key,
        "a port from 1 to 65535, or auto",
        standard,
        value ->
            Scalar.text(value)
                .filter(text -> text.equals("auto"))
                .map(auto -> standard)
                .or(() -> Scalar.number(value, 1, LARGEST_PORT)));
  }

  private String imapAdmin() {
    Optional<String> admin =
        section.optional(
            "imapadmin",
            "a name, not empty; null for nobody",
            value -> Scalar.text(value).filter(text -> !text.isBlank()));
    boolean password = section.isSet("imapadminpass") || section.isSet("imapadminpass-file");
    if (admin.isPresent() && !password) {
      section.missing("imapadminpass", "the password of imapadmin, or imapadminpass-file");
    }
    if (!section.isSet("imapadmin") && password) {
      section.missing("imapadmin", "a name, since there is an imapadminpass");
    }
    return admin.orElse("");
  }

  private Survival survival() {
    Section moves = section.section("survival");
    return new Survival(
        section.flag("survive-failover"),
        moves.number("moves-per-second", 1, 100_000),
        moves.duration("longest-wait", Duration.ofSeconds(1), Duration.ofMinutes(10)),
        moves.matching("hidden-capabilities", "names of capabilities", "[\\w+.-]{1,64}").stream()
            .map(name -> name.toUpperCase(Locale.ROOT))
            .toList());
  }

  /** The service's own settings, and the group's where it has none. */
  private StoreAccess stores(
      String service, String portKey, int port, int tlsPort, StoreAccess common) {
    Section own = section.section(service);
    Section trust = own.section("tls-trust");
    TlsPolicy policy =
        own.<TlsPolicy>optional(
                "tls",
                "off, opportunistic, starttls or implicit; null for the group's",
                value -> Scalar.choice(value, TlsPolicy.values()))
            .orElse(common.tls());
    return common
        .under(policy)
        .believing(
            new StoreAccess.Trust(
                FileSettings.pem(trust, "ca-file").or(common.trust()::caFile),
                trust
                    .host("certificate-name", "a host name; null for the group's")
                    .orElse(common.trust().certificateName())))
        .atPort(port(service, portKey, policy == TlsPolicy.IMPLICIT ? tlsPort : port));
  }

  private SelectorSettings selection(StoreAccess access) {
    return new SelectorSettings(
        growing(section.section("cool-down"), Duration.ofHours(1)),
        section.number("max-attempts-per-store", 1, MOST),
        section.duration("confirm-window", Duration.ZERO, Duration.ofSeconds(10)),
        section.duration("discovery-patience", SHORTEST, MINUTE),
        access.connectTimeout().plus(access.greetingTimeout()).plus(PROBE_GRACE),
        growing(section.section("retry-pause"), MINUTE),
        section.duration("wait-for-store", Duration.ZERO, MINUTE),
        admission(section.section("admission"), section.number("max-attempts-per-store", 1, MOST)),
        new SelectorSettings.ReadOnlyFallback(
            section.flag("read-only-fallback"),
            section.duration("read-only-after", Duration.ZERO, Duration.ofMinutes(5)),
            READ_ONLY_RESERVE),
        patience(section.section("hedge"), section.section("give-up-early")));
  }

  private static SelectorSettings.Patience patience(Section hedge, Section giveUp) {
    return new SelectorSettings.Patience(
        hedge.number("percent", 0, 100),
        hedge.duration("after", SHORTEST, MINUTE),
        giveUp.flag("enabled"),
        giveUp.duration("connect", SHORTEST, MINUTE),
        giveUp.duration("greeting", SHORTEST, MINUTE));
  }

  /** A floor above the ceiling would be none. */
  private static SelectorSettings.AdmissionTerms admission(Section admission, int most) {
    return new SelectorSettings.AdmissionTerms(
        admission.flag("learn"),
        Math.min(most, admission.number("floor", 1, MOST)),
        admission.number("logins-per-second", 0, MOST),
        admission.number("slow-start", 0, MOST),
        admission.number("waiting", 1, 1_000_000),
        admission.duration("patience", Duration.ofSeconds(1), Duration.ofMinutes(5)));
  }

  private static GrowingPause growing(Section pause, Duration longest) {
    Duration first = pause.duration("first", SHORTEST, longest);
    return new GrowingPause(first, pause.durationFrom("first", first, "max", SHORTEST, longest));
  }
}
