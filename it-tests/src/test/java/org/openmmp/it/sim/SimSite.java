package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.program.Main;
import org.openmmp.program.Program;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;
import org.openmmp.storesim.NodeBehaviour;
import org.openmmp.storesim.ReferralForm;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.StoreNode;

/**
 * A proxy in this process, its directory, and the simulated groups behind it. Its end judges the
 * log: a warning or an error that was not expected fails the test, and so does a password.
 */
final class SimSite implements AutoCloseable {
  private final LogCapture log = new LogCapture();
  private final List<String> expected = new ArrayList<>();
  private final List<String> secrets = new ArrayList<>(List.of(EmbeddedDirectory.BIND_PASSWORD));
  private final Accounts accounts = new Accounts();
  private final EmbeddedDirectory directory = EmbeddedDirectory.start();
  private final List<StoreCluster> clusters = new ArrayList<>();
  private final MailProtocol protocol;
  private final Path files;
  private final Program proxy;
  private final HostTraffic traffic;
  private final SiteClients clients;

  SimSite(SitePlan plan) {
    protocol = plan.protocol();
    try {
      files = Files.createTempDirectory("openmmp-site");
      for (ClusterSettings group : plan.groups()) {
        clusters.add(StoreCluster.start(group, accounts, plan.endpoints()));
      }
      proxy = Program.start(plan.config(files, directory, clusters), Set.of("proxy"));
      traffic = new HostTraffic(proxy.selector());
      clients = new SiteClients(proxy, protocol, files.resolve("proxy.pem"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A user at the site's first group. */
  MailUser user(String name) {
    return user(name, clusters.get(0).name());
  }

  /** A user whose mail host is what is given. */
  MailUser user(String name, String mailHost) {
    MailUser user = MailUser.of(name);
    add(user, mailHost, user.login());
    return user;
  }

  /** A user of any domain whom the stores know by a name of their own. */
  void add(MailUser user, String mailHost, String storeName) {
    secrets.add(user.password());
    accounts.user(storeName, user.password());
    directory.add(new DirectoryUser(user.name(), user.domain(), user.password(), mailHost));
  }

  /** Whom the stores let log in as any user. */
  void administrator(String name, String password) {
    secrets.add(password);
    accounts.admin(name, password);
  }

  /** The site's first group. */
  StoreCluster cluster() {
    return clusters.get(0);
  }

  StoreCluster cluster(String name) {
    return clusters.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  EmbeddedDirectory directory() {
    return directory;
  }

  Program proxy() {
    return proxy;
  }

  /** What was logged so far. */
  String log() {
    return log.text();
  }

  /** Lines in which this pattern is found may be warnings or errors. */
  SimSite expectingInLog(String pattern) {
    expected.add(pattern);
    return this;
  }

  /** Its clients, in every protocol. */
  SiteClients clients() {
    return clients;
  }

  /** An IMAP client's connection in the clear. */
  ImapConnection connect() {
    return connect(Endpoint.Security.PLAIN);
  }

  /** An IMAP client's connection. */
  ImapConnection connect(Endpoint.Security security) {
    return new ImapConnection(clients.endpoint(MailProtocol.IMAP, security));
  }

  /** Logs in on a connection of its own by IMAP and leaves. */
  ImapConnection.Response login(MailUser user) {
    return clients.login(user);
  }

  /** Whether a login is accepted on a connection of its own, in the protocol of the plan. */
  boolean accepts(MailUser user) {
    return clients.answer(user).startsWith(protocol.accepted());
  }

  /** Whether a login finds its store unavailable, likewise. */
  boolean findsNoStore(MailUser user) {
    return clients.answer(user).startsWith(protocol.unavailable());
  }

  /** Makes a host refer everybody to a host, given with or without a port. */
  void refer(String node, ReferralForm form, String hostAndPort) {
    refer(clusters.get(0), node, form, hostAndPort);
  }

  /** The same in any group. */
  void refer(StoreCluster cluster, String node, ReferralForm form, String hostAndPort) {
    boolean port = hostAndPort.indexOf(':') >= 0;
    String words =
        protocol == MailProtocol.IMAP
            ? "imap://" + hostAndPort + "/"
            : (port ? "REFERRAL/" : "SYS/REFER/") + hostAndPort;
    cluster.behave(node, NodeBehaviour.healthy().referringBy(form).referringTo(words));
  }

  /** What a replica got that referred a client once: IMAP lets the client in at that. */
  String referred() {
    return protocol == MailProtocol.IMAP ? "1/1/1" : "1/1/0";
  }

  /** The host that is remembered as the group's master, by its simulated name; empty if none is. */
  String affinity(String group) {
    return affinity(protocol, group);
  }

  /** The same as another service has it. */
  String affinity(MailProtocol service, String group) {
    return traffic
        .snapshot(group, service.service())
        .map(GroupSnapshot::affinity)
        .map(affinity -> nodeAt(group, affinity.host().name()))
        .orElse("");
  }

  /** Waits until the first group's last login is old enough that its master is asked again. */
  void awaitDoubt() {
    traffic.awaitDoubt(cluster().name(), protocol.service());
  }

  /** Counts begin anew from here. */
  void mark() {
    clusters.forEach(traffic::mark);
  }

  /**
   * Asserts what the first group's hosts got since the last mark, in list order, such as {@code
   * huey 1/1/0, dewey 1/1/1}: attempts, connections, logins. Waits for what is on its way.
   */
  void assertTraffic(String wanted) {
    assertTraffic(cluster(), wanted);
  }

  /** The same of any group. */
  void assertTraffic(StoreCluster cluster, String wanted) {
    traffic.assertSinceMark(
        cluster, wanted, () -> "the proxy says:\n" + log.linesOf("org.openmmp.selection"));
  }

  /**
   * What logins attempted at the first group's hosts since the last mark, such as {@code huey 1,
   * dewey 0}: where a prober connects to them, too, which is no attempt.
   */
  String attempts() {
    return traffic.attemptsSinceMark(cluster());
  }

  /** What the proxy knows of a group; nothing before its first login. */
  Optional<GroupSnapshot> snapshot(String group) {
    return traffic.snapshot(group, protocol.service());
  }

  /** An administrator ends a group's affinity. */
  void failback(StoreCluster cluster) {
    assertEquals(0, openmmp("failback", cluster.name()).status());
  }

  /** An administrator activates a group's standby site. */
  void activateStandbySite(StoreCluster cluster) {
    assertEquals(0, openmmp("activate-site", cluster.name(), "--yes").status());
  }

  /** What a command of an administrator printed, and how it ended. */
  record Ran(int status, String printed, String told) {}

  /** Runs a command against the proxy. */
  Ran openmmp(String... line) {
    return openmmp(new StringWriter(), line);
  }

  /** The same where what it prints can be seen while it runs. */
  Ran openmmp(StringWriter out, String... line) {
    StringWriter errors = new StringWriter();
    List<String> words = new ArrayList<>(List.of(line));
    words.addAll(List.of("--config", files.resolve("openmmp.conf").toString()));
    int status =
        Main.run(
            new PrintWriter(out, true),
            new PrintWriter(errors, true),
            words.toArray(String[]::new));
    return new Ran(status, out.toString(), errors.toString());
  }

  /** The same; what it printed, provided that it ended with that status. */
  String operate(int status, String command) {
    Ran ran = openmmp(command.split(" "));
    assertEquals(status, ran.status(), ran::toString);
    return ran.printed() + ran.told();
  }

  private String nodeAt(String group, String host) {
    return cluster(group).nodes().stream()
        .filter(node -> node.hostName().equals(host))
        .map(StoreNode::name)
        .findFirst()
        .orElse(host);
  }

  /** Ends everything, and judges the log. */
  @Override
  public void close() {
    proxy.close();
    clusters.forEach(StoreCluster::close);
    directory.close();
    log.close();
    removeFiles();
    LogWatch watch = new LogWatch(secrets);
    expected.forEach(watch::expect);
    watch.judge(log.text());
  }

  private void removeFiles() {
    try (Stream<Path> all = Files.list(files)) {
      for (Path file : all.toList()) {
        Files.delete(file);
      }
      Files.delete(files);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
