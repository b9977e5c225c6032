package org.openmmp.storesim.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.AckPolicy;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;
import org.openmmp.storesim.SimulatedCertificate;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.imap.ImapEndpoint;
import org.openmmp.storesim.lmtp.LmtpEndpoint;
import org.openmmp.storesim.pop3.Pop3Endpoint;
import org.openmmp.storesim.session.NodeTls;

/** The demo's surroundings of the proxy: directory, users, two groups of stores, certificates. */
final class DemoWorld implements AutoCloseable {
  /** Where the proxy listens. */
  static final String PROXY_ADDRESS = "127.0.20.1";

  /** How long the replicated group takes to elect. */
  static final Duration ELECTION_TIME = Duration.ofSeconds(1);

  private static final String DIRECTORY_ADDRESS = "127.0.19.1";
  private static final List<DirectoryUser> USERS =
      List.of(
          new DirectoryUser("alice", "example.com", "alice-sesame", "cluster1"),
          new DirectoryUser("bob", "example.com", "bob-sesame", "store1.example.com"),
          new DirectoryUser("carol", "example.org", "carol-sesame", "cluster1"),
          new DirectoryUser("dave", "example.org", "dave-sesame", "store1.example.com"));

  private final EmbeddedDirectory directory;
  private final StoreCluster replicated;
  private final StoreCluster sharedDisk;
  private final Path certificate;
  private final Path configFile;

  private DemoWorld(Path files) throws IOException {
    ClusterSettings cluster1 =
        new ClusterSettings(
            "cluster1",
            ClusterSettings.Model.REPLICATED,
            nodes("127.0.17.", "huey", "dewey", "louie"),
            ELECTION_TIME,
            false,
            AckPolicy.QUORUM,
            ClusterSettings.USUAL_ACK_TIMEOUT);
    ClusterSettings store1 =
        new ClusterSettings(
            "store1.example.com",
            ClusterSettings.Model.SHARED_DISK,
            nodes("127.0.18.", "store1a", "store1b", "store1c"),
            null,
            false);
    SimulatedCertificate stores = SimulatedCertificate.forHostsOf(cluster1, store1);
    SimulatedCertificate proxy = SimulatedCertificate.forHosts(List.of(PROXY_ADDRESS, "localhost"));
    certificate = proxy.writeCertificate(files.resolve("proxy.pem"));
    directory = EmbeddedDirectory.start(DIRECTORY_ADDRESS);
    replicated = start(cluster1, stores);
    sharedDisk = start(store1, stores);
    for (DirectoryUser user : USERS) {
      directory.add(user);
      StoreCluster group = groupOf(user);
      group.accounts().user(user.login(), user.password());
      group
          .mail()
          .of(user.login())
          .inbox()
          .append(List.of(), OffsetDateTime.parse("2026-11-02T08:30:00Z"), welcome(user));
    }
    configFile =
        Files.writeString(
            files.resolve("openmmp.conf"),
            DemoConfig.text(
                this,
                stores.writeCertificate(files.resolve("stores.pem")),
                certificate,
                proxy.writeKey(files.resolve("proxy.key"))));
  }

  /** Starts everything but the proxy, and writes its configuration into the directory given. */
  static DemoWorld start(Path files) throws IOException {
    return new DemoWorld(files);
  }

  /** The proxy's configuration. */
  Path configFile() {
    return configFile;
  }

  /** The proxy's certificate, for clients to trust. */
  Path certificate() {
    return certificate;
  }

  EmbeddedDirectory directory() {
    return directory;
  }

  /** The groups, the replicated one first. */
  List<StoreCluster> groups() {
    return List.of(replicated, sharedDisk);
  }

  List<DirectoryUser> users() {
    return USERS;
  }

  /**
   * A user by uid or whole name, in any case; {@link IllegalArgumentException} if there is none.
   */
  DirectoryUser user(String name) {
    return USERS.stream()
        .filter(user -> user.uid().equalsIgnoreCase(name) || user.login().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    none("user", name, USERS.stream().map(DirectoryUser::uid))));
  }

  /** A user's group. */
  StoreCluster groupOf(DirectoryUser user) {
    return user.mailHost().equals(replicated.name()) ? replicated : sharedDisk;
  }

  /**
   * A store's name, from its name or host name in any case; {@link IllegalArgumentException} if
   * there is none.
   */
  String store(String name) {
    return nodes()
        .map(StoreNode::name)
        .filter(
            store ->
                store.equalsIgnoreCase(name) || (store + ".example.com").equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException(none("store", name, nodes().map(StoreNode::name))));
  }

  private Stream<StoreNode> nodes() {
    return groups().stream().flatMap(group -> group.nodes().stream());
  }

  private static String none(String kind, String name, Stream<String> those) {
    return (name.isEmpty() ? "which " + kind + "?" : "there is no " + kind + " " + name + ";")
        + " there are "
        + those.collect(Collectors.joining(", "));
  }

  /** The group of a node, by the node's name; {@link IllegalArgumentException} if there is none. */
  StoreCluster groupOf(String node) {
    return groups().stream()
        .filter(group -> group.nodes().stream().map(StoreNode::name).anyMatch(node::equals))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no store " + node));
  }

  @Override
  public void close() {
    replicated.close();
    sharedDisk.close();
    directory.close();
  }

  private static StoreCluster start(ClusterSettings settings, SimulatedCertificate certificate) {
    NodeTls tls = NodeTls.startTls(certificate.serverContext());
    return StoreCluster.start(
        settings,
        new Accounts(),
        List.of(new ImapEndpoint(tls), new Pop3Endpoint(tls), new LmtpEndpoint(tls)));
  }

  private static List<ClusterSettings.Node> nodes(
      String network, String first, String second, String third) {
    return List.of(
        node(first, network + "1"), node(second, network + "2"), node(third, network + "3"));
  }

  private static ClusterSettings.Node node(String name, String address) {
    return new ClusterSettings.Node(name, address).called(name + ".example.com");
  }

  private static byte[] welcome(DirectoryUser user) {
    String text =
        """
        From: postmaster@example.com
        To: %s
        Subject: Welcome
        Date: Mon, 2 Nov 2026 08:30:00 +0000

        Your mail is in the group %s.
        """;
    return text.formatted(user.login(), user.mailHost())
        .replace("\n", "\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }
}
