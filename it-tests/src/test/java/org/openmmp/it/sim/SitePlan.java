package org.openmmp.it.sim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.BadConfigException;
import org.openmmp.config.ConfigReader;
import org.openmmp.config.GroupConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.routing.StoreAccess;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.EmbeddedDirectory;
import org.openmmp.storesim.ProtocolEndpoint;
import org.openmmp.storesim.SimulatedCertificate;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.imap.ImapEndpoint;
import org.openmmp.storesim.pop3.Pop3Endpoint;
import org.openmmp.storesim.session.NodeTls;

/** What a simulated site shall be, until it starts. Limits are short; cool-downs are long. */
final class SitePlan {
  /** How long a store has from its connect to its greeting. */
  static final Duration GREETING_LIMIT = Duration.ofMillis(500);

  private final List<ClusterSettings> groups = new ArrayList<>();
  private final List<String> settings = new ArrayList<>();
  private List<ProtocolEndpoint> endpoints =
      List.of(new ImapEndpoint(NodeTls.none()), new Pop3Endpoint(NodeTls.none()));
  private @Nullable Duration answerLimit;
  private MailProtocol protocol = MailProtocol.IMAP;
  private boolean clientTls;

  /** A site with these groups. */
  static SitePlan of(ClusterSettings... groups) {
    SitePlan plan = new SitePlan();
    plan.groups.addAll(List.of(groups));
    return plan;
  }

  /** The group {@code cluster1} of the replicating hosts huey, dewey and louie. */
  static SitePlan replicated() {
    return of(ClusterSettings.replicated("cluster1", "huey", "dewey", "louie"));
  }

  /**
   * One setting more, below {@code openmmp}; {@code <service>} in it becomes the first group's port
   * of that service.
   */
  SitePlan with(String setting) {
    settings.add(setting);
    return this;
  }

  /** What every store speaks; the proxy uses the services {@code imap} and {@code pop3}. */
  SitePlan speaking(ProtocolEndpoint... spoken) {
    endpoints = List.of(spoken);
    return this;
  }

  /** What clients speak where a test leaves it to the site; at first IMAP. */
  SitePlan readBy(MailProtocol spoken) {
    protocol = spoken;
    return this;
  }

  /** A limit of a store's answer to a login that no configuration file may have (rule B2.6). */
  SitePlan answeringWithin(Duration limit) {
    answerLimit = limit;
    return this;
  }

  /** Clients may begin TLS, and there is a port under TLS. */
  SitePlan withClientTls() {
    clientTls = true;
    return this;
  }

  /** A store's port for clients of a protocol. */
  static ProtocolEndpoint endpoint(MailProtocol spoken, String service, NodeTls tls) {
    return spoken == MailProtocol.IMAP
        ? new ImapEndpoint(service, tls)
        : new Pop3Endpoint(service, tls);
  }

  SimSite start() {
    return new SimSite(this);
  }

  List<ClusterSettings> groups() {
    return groups;
  }

  MailProtocol protocol() {
    return protocol;
  }

  List<ProtocolEndpoint> endpoints() {
    return endpoints;
  }

  /** The configuration of the proxy in front of what was started. */
  OpenMmpConfig config(Path directory, EmbeddedDirectory ldap, List<StoreCluster> clusters) {
    StringBuilder text = new StringBuilder(usual(ldap));
    for (StoreCluster cluster : clusters) {
      for (ProtocolEndpoint endpoint : endpoints) {
        text.append(portOption(cluster, endpoint.service()));
      }
      text.append(
          "openmmp.proxy.\"%s\".storehostlist = \"%s\"%n"
              .formatted(cluster.name(), cluster.storeHostList()));
    }
    if (clientTls) {
      SimulatedCertificate shown = SimulatedCertificate.forHosts(List.of("localhost"));
      text.append(
          "openmmp.imap.listen-tls = \"127.0.0.1:0\"\nopenmmp.pop3.listen-tls = \"127.0.0.1:0\"\nopenmmp.tls { certificate = \"%s\", key = \"%s\" }%n"
              .formatted(
                  shown.writeCertificate(directory.resolve("proxy.pem")),
                  shown.writeKey(directory.resolve("proxy.key"))));
    }
    settings.forEach(setting -> text.append("openmmp.").append(setting).append('\n'));
    String configuration = withPorts(text.toString(), clusters.get(0));
    try {
      Path file = Files.writeString(directory.resolve("openmmp.conf"), configuration);
      return withAnswerLimit(ConfigReader.load(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (BadConfigException e) {
      throw new AssertionError(e.problems().toString(), e);
    }
  }

  /** Empty for a service that the proxy does not know. */
  private static String portOption(StoreCluster cluster, String service) {
    String key = Map.of("imap", "imapport", "pop3", "popport").getOrDefault(service, "");
    return key.isEmpty()
        ? ""
        : "openmmp.proxy.\"%s\".%s = %d%n".formatted(cluster.name(), key, cluster.port(service));
  }

  private String withPorts(String text, StoreCluster cluster) {
    String filled = text;
    for (ProtocolEndpoint endpoint : endpoints) {
      String port = Integer.toString(cluster.port(endpoint.service()));
      filled = filled.replace("<" + endpoint.service() + ">", port);
    }
    return filled;
  }

  private static String usual(EmbeddedDirectory ldap) {
    return """
    openmmp.hostname = mmp.example.com
    openmmp.directory {
      urls = "%s", base-dn = "%s", bind-dn = "%s", bind-password = "%s", default-domain = example.com
    }
    openmmp.proxy-defaults {
      tls = off, connect-timeout = 300ms, greeting-timeout = %dms, wait-for-store = 500ms
      cool-down { first = 30s, max = 60s }
      retry-pause { first = 100ms, max = 200ms }
      # each host has all its time, so that connections can be counted
      hedge.percent = 0, give-up-early.enabled = off
    }
    openmmp.imap { listen = "127.0.0.1:0", clear-text-passwords = always }
    openmmp.pop3 { listen = "127.0.0.1:0", clear-text-passwords = always }
    openmmp.limits { exempt-networks = "127.0.0.0/8", max-connections = 2000 }
    openmmp.admin { listen = "127.0.0.1:0", socket = admin.sock }
    openmmp.state-file = state
    """
        .formatted(
            ldap.url(),
            EmbeddedDirectory.BASE_DN,
            EmbeddedDirectory.BIND_DN,
            EmbeddedDirectory.BIND_PASSWORD,
            GREETING_LIMIT.toMillis());
  }

  private OpenMmpConfig withAnswerLimit(OpenMmpConfig read) {
    Duration limit = answerLimit;
    return limit == null
        ? read
        : new OpenMmpConfig(
            read.hostname(),
            read.directory(),
            read.groupDefaults(),
            read.groups().stream().map(group -> answering(group, limit)).toList(),
            read.recovery(),
            read.login(),
            read.imap(),
            read.pop3(),
            read.lmtp(),
            read.tls(),
            read.limits(),
            read.proxyProtocol(),
            read.resolver(),
            read.transport(),
            read.sources(),
            read.admin(),
            read.log(),
            read.drain(),
            read.shared(),
            read.stateFile(),
            read.secretFiles(),
            read.written(),
            read.notices());
  }

  private static GroupConfig answering(GroupConfig group, Duration limit) {
    return new GroupConfig(
        group.name(),
        group.hosts(),
        group.standbySite(),
        group.affinity(),
        answering(group.imap(), limit),
        answering(group.pop(), limit),
        answering(group.lmtp(), limit),
        group.selection(),
        group.probe());
  }

  private static StoreAccess answering(StoreAccess access, Duration limit) {
    return new StoreAccess(
        access.port(),
        access.tls(),
        access.trust(),
        access.connectTimeout(),
        access.greetingTimeout(),
        limit,
        access.adminName(),
        access.adminPassword(),
        access.clientId(),
        access.survival());
  }
}
