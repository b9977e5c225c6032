package org.openmmp.it.operate;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLSocket;
import org.openmmp.it.fixture.AnyCertificate;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.program.Main;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;
import org.openmmp.storesim.LoopbackAddresses;
import org.openmmp.storesim.ProtocolEndpoint;
import org.openmmp.storesim.SimulatedCertificate;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.imap.ImapEndpoint;
import org.openmmp.storesim.lmtp.LmtpEndpoint;
import org.openmmp.storesim.mailbox.StoredMessage;
import org.openmmp.storesim.pop3.Pop3Endpoint;
import org.openmmp.storesim.session.NodeTls;

/**
 * What an operator has: the packaged program as a process with a configuration file, a directory,
 * and replicated groups of simulated stores that are called by names, such as {@code
 * huey.example.com}. Its end judges the logs.
 */
final class OperatedSite implements AutoCloseable {
  static final String DOMAIN = ".example.com";
  static final String TOKEN = "act-t0ken-of-a-machine";

  private final RunDirectory run;
  private final Path folder;
  private final Accounts accounts = new Accounts();
  private final EmbeddedDirectory directory = EmbeddedDirectory.start();
  private final Map<String, StoreCluster> clusters = new LinkedHashMap<>();
  private final List<ProxyProcess> programs = new ArrayList<>();
  private final LogWatch watch =
      new LogWatch(List.of(EmbeddedDirectory.BIND_PASSWORD, TOKEN, "Secret_of_"));

  OperatedSite(Class<?> test) {
    run = RunDirectory.of(test);
    folder = run.create("etc");
    renewCertificate();
  }

  /** Where its servers keep their state. */
  RunDirectory run() {
    return run;
  }

  /** Starts a group of that name on these hosts, the first of which is master. */
  OperatedSite cluster(String name, String... hosts) {
    return cluster(name, ClusterSettings.Model.REPLICATED, hosts);
  }

  /** The same of a group that fails over in that way. */
  OperatedSite cluster(String name, ClusterSettings.Model model, String... hosts) {
    List<String> addresses = LoopbackAddresses.next(hosts.length);
    List<ClusterSettings.Node> nodes = new ArrayList<>();
    for (int i = 0; i < hosts.length; i++) {
      nodes.add(new ClusterSettings.Node(hosts[i], addresses.get(i)).called(hosts[i] + DOMAIN));
    }
    ClusterSettings settings = new ClusterSettings(name, model, nodes, null, false);
    List<ProtocolEndpoint> endpoints =
        List.of(
            new ImapEndpoint(NodeTls.none()),
            new Pop3Endpoint(NodeTls.none()),
            new LmtpEndpoint(NodeTls.none()));
    clusters.put(name, StoreCluster.start(settings, accounts, endpoints));
    return this;
  }

  StoreCluster cluster(String name) {
    return Objects.requireNonNull(clusters.get(name), name);
  }

  /** Somebody whose mailbox is in that group. */
  MailUser user(String name, String group) {
    MailUser user = MailUser.of(name);
    accounts.user(user.login(), user.password());
    directory.add(new DirectoryUser(user.name(), user.domain(), user.password(), group));
    return user;
  }

  EmbeddedDirectory directory() {
    return directory;
  }

  /** A group as it stands in a configuration. */
  String group(String name, String... hosts) {
    StoreCluster cluster = cluster(name);
    return "openmmp.proxy.%s { storehostlist = \"%s\", imapport = %d, popport = %d, lmtpport = %d }%n"
        .formatted(
            name,
            String.join(" ", Arrays.stream(hosts).map(host -> host + DOMAIN).toList()),
            cluster.port("imap"),
            cluster.port("pop3"),
            cluster.port(LmtpEndpoint.LMTP));
  }

  /** The configuration without groups; what stands behind it wins. */
  String settings() {
    StringBuilder hosts = new StringBuilder();
    for (StoreCluster each : clusters.values()) {
      for (StoreNode node : each.nodes()) {
        hosts.append("\"%s\" = \"%s\"%n".formatted(node.hostName(), node.address()));
      }
    }
    return """
    openmmp {
      hostname = mmp.example.com
      directory {
        urls = "%s", base-dn = "%s", bind-dn = "%s", bind-password = "%s"
        default-domain = example.com, connect-timeout = 30s, search-timeout = 30s
        cache.positive-ttl = 1h
      }
      resolver.hosts { %s }
      login.deadline = 3m
      proxy-defaults { tls = off, connect-timeout = 30s, greeting-timeout = 1m }
      imap { listen = "127.0.0.1:0", listen-tls = "127.0.0.1:0", clear-text-passwords = always }
      pop3 { listen = "127.0.0.1:0", listen-tls = "127.0.0.1:0", clear-text-passwords = always }
      lmtp { listen = "127.0.0.1:0", client-networks = "127.0.0.0/8", affinitylist = on }
      tls { certificate = "%s", key = "%s" }
      limits { exempt-networks = "127.0.0.0/8", max-connections = 2000 }
      admin { listen = "127.0.0.1:0", socket = "%s" }
      admin.tokens = [{ name = robot, role = act, token = "%s" }]
      state-file = "%s"
    }
    """
        .formatted(
            directory.url(),
            EmbeddedDirectory.BASE_DN,
            EmbeddedDirectory.BIND_DN,
            EmbeddedDirectory.BIND_PASSWORD,
            hosts,
            folder.resolve("mmp.pem"),
            folder.resolve("mmp.key"),
            folder.resolve("admin.sock"),
            TOKEN,
            folder.resolve("state"));
  }

  /** A file beside the configuration. */
  Path file(String name, String text) {
    Path file = folder.resolve(name);
    RunDirectory.write(file, text);
    return file;
  }

  /** Gives the program's certificate files another content. */
  void renewCertificate() {
    SimulatedCertificate next = SimulatedCertificate.forHosts(List.of("localhost"));
    next.writeCertificate(folder.resolve("mmp.pem"));
    next.writeKey(folder.resolve("mmp.key"));
  }

  /** Starts the program, out of jars, both servers in one process. */
  ProxyProcess start(String name, String configuration) {
    return start(name, configuration, List.of());
  }

  /** The same with more in its environment, such as {@code NAME=value}. */
  ProxyProcess start(String name, String configuration, List<String> environment) {
    List<String> launcher = new ArrayList<>(List.of("env"));
    launcher.addAll(environment);
    ProxyProcess started =
        new ProxyProcess(
            run, name, "all", configuration, folder.resolve("mmp.pem"), watch, launcher);
    programs.add(started);
    return started;
  }

  /** Lines in which this is found may be warnings or errors. */
  OperatedSite expectingInLog(String pattern) {
    watch.expect(pattern);
    return this;
  }

  /** What a command of an operator printed, also as errors, and how it ended. */
  record Ran(int status, String printed, String errors) {
    /** All of it. */
    String told() {
      return (printed + errors).strip();
    }
  }

  /** Runs a command against the program that has this configuration. */
  static Ran openmmp(Path configuration, String line) {
    StringWriter out = new StringWriter();
    StringWriter errors = new StringWriter();
    List<String> words = new ArrayList<>(List.of(line.split(" ")));
    words.addAll(List.of("--config", configuration.toString()));
    int status =
        Main.run(
            new PrintWriter(out, true),
            new PrintWriter(errors, true),
            words.toArray(String[]::new));
    return new Ran(status, out.toString(), errors.toString());
  }

  /** The serial number of the certificate that a new client is shown. */
  static BigInteger serialShown(Endpoint at) {
    try (SSLSocket socket =
        (SSLSocket)
            AnyCertificate.context()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), at.port())) {
      socket.setSoTimeout(180_000);
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The messages in a user's mailbox, octets as ISO-8859-1. */
  List<String> inbox(MailUser user) {
    return clusters.values().stream()
        .flatMap(cluster -> cluster.mail().of(user.login()).inbox().messages().stream())
        .map(StoredMessage::octets)
        .map(octets -> new String(octets, StandardCharsets.ISO_8859_1))
        .toList();
  }

  @Override
  public void close() {
    try {
      for (ProxyProcess each : programs) {
        each.close();
      }
    } finally {
      programs.forEach(each -> each.process().kill());
      clusters.values().forEach(StoreCluster::close);
      directory.close();
      run.close();
    }
  }
}
