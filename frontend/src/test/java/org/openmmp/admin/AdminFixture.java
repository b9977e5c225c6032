package org.openmmp.admin;

import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import org.openmmp.config.AdminConfig;
import org.openmmp.config.ListenAddress;
import org.openmmp.directory.DirectoryServerState;
import org.openmmp.directory.DirectoryServerState.State;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Freshness;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.Candidate;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.GroupMatch;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.repgroup.GroupSnapshot.AffinitySnapshot;
import org.openmmp.repgroup.GroupSnapshot.HostSnapshot;
import org.openmmp.repgroup.GroupSnapshot.HostState;
import org.openmmp.repgroup.GroupSnapshot.Use;
import org.openmmp.repgroup.Reason;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.HostTraits;
import org.openmmp.routing.Recovery;
import org.openmmp.testkit.OwnLoopback;
import org.openmmp.wire.Secret;

/** An admin server on a free loopback port, before sources that a test may change. */
final class AdminFixture implements AdminSources, AutoCloseable {
  volatile Recovery recovery = Recovery.NONE;
  static final Service IMAP = new Service("imap");
  static final StoreHost HUEY = new StoreHost("huey");
  static final StoreHost DEWEY = new StoreHost("dewey");

  private static final List<DirectoryServerState> DIRECTORY =
      List.of(
          new DirectoryServerState("ldap1:389", State.ASIDE, 62_500, 700, "refused \u001b[31m"),
          new DirectoryServerState("[2001:db8::2]:389", State.UP, 4_000, 0, ""),
          new DirectoryServerState("ldap3:389", State.UNTRIED, 0, 0, ""));

  volatile Map<String, Map<String, Integer>> movable = Map.of();
  volatile List<Map<String, Object>> site = List.of();
  volatile boolean live = true;
  volatile boolean started = true;
  volatile boolean draining;
  volatile boolean broken;
  volatile CompletionStage<Explanation> explanation =
      CompletableFuture.completedFuture(explanationOf("ada@example.com"));
  volatile String askedUser = "";
  final List<String> acted = new CopyOnWriteArrayList<>();
  volatile String page = "openmmp_x 1\n";
  volatile LongFunction<List<GroupSnapshot>> groups = any -> usual();
  final AtomicInteger groupsAsked = new AtomicInteger();
  final News news = new News(Clock.systemUTC());

  final AdminServer server;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

  AdminFixture(String token, Duration longestStep) {
    this(token, longestStep, Map.of());
  }

  /** With further pages. */
  AdminFixture(String token, Duration longestStep, Map<String, AdminPage> more) {
    this(token, List.of(), longestStep, more);
  }

  /** With further tokens, too. */
  AdminFixture(
      String token,
      List<AdminConfig.Token> tokens,
      Duration longestStep,
      Map<String, AdminPage> more) {
    var config =
        new AdminConfig(
            Optional.of(new ListenAddress(OwnLoopback.TEXT, 0, "")),
            Optional.empty(),
            Secret.of(token),
            tokens,
            List.of("admin.example.com"),
            200);
    Map<String, AdminPage> pages = new HashMap<>(AdminPages.of(this));
    pages.putAll(more);
    try {
      server =
          new AdminServer(
              config,
              "mail.example.com",
              this,
              pages,
              longestStep,
              cause -> false,
              NioServerSocketChannel::new);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  HttpResponse<String> get(String target, String... fields) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://" + OwnLoopback.TEXT + ":" + server.port() + target))
            .timeout(Duration.ofSeconds(20));
    if (fields.length > 0) {
      request.headers(fields);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** Sends the octets of the text as they stand, and no more, and returns all that comes back. */
  String raw(String request) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      return rest(socket);
    }
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(OwnLoopback.address(), server.port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  /** What the server still sends until it closes. */
  static String rest(Socket socket) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    socket.getInputStream().transferTo(all);
    return all.toString(StandardCharsets.UTF_8);
  }

  /** The status code of an answer. */
  static int status(String response) {
    return Integer.parseInt(response.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()));
  }

  static Explanation explanationOf(String login) {
    var lookup =
        new LookupResult(
            LookupResult.Kind.FOUND,
            login,
            "cluster1",
            "ada",
            "uid=ada,dc=example,dc=com",
            "",
            Map.of("uid", "ada"),
            Freshness.CACHED,
            Duration.ofMillis(12_500),
            "");
    var group = ReplicationGroup.of("cluster1", List.of(HUEY, DEWEY));
    return new Explanation(
        IMAP,
        lookup,
        GroupMatch.found(group, null, "group of that name"),
        List.of(
            new Candidate(DEWEY, new Reason(Reason.Kind.AFFINITY, "")),
            new Candidate(HUEY, new Reason(Reason.Kind.COOLING_DOWN, "3 s left"))),
        Map.of("huey", "unreachable: refused \u001b[31m"));
  }

  @Override
  public List<GroupSnapshot> groups(long nowNanos) {
    if (broken) {
      throw new IllegalStateException("broken on purpose");
    }
    groupsAsked.incrementAndGet();
    return groups.apply(nowNanos);
  }

  private static List<GroupSnapshot> usual() {
    return List.of(
        new GroupSnapshot(
            "cluster1",
            IMAP,
            ClientKind.WRITER,
            false,
            new AffinitySnapshot(
                DEWEY, 1_500_000_000L, new Reason(Reason.Kind.REFERRED_BY, "huey")),
            List.of(
                new HostSnapshot(
                    HUEY,
                    HostState.COOLING,
                    3_000_000_000L,
                    2,
                    AttemptOutcome.UNREACHABLE,
                    "said \"\u001b[31m\r\n",
                    7,
                    1,
                    64,
                    0,
                    0,
                    false,
                    Use.IN_USE,
                    0),
                new HostSnapshot(
                    DEWEY, HostState.UNKNOWN, 0, 0, null, "", 0, 0, 64, 0, 0, true, Use.IN_USE, 0)),
            4,
            false,
            false,
            null),
        new GroupSnapshot(
            "cluster1", IMAP, ClientKind.READER, true, null, List.of(), 0, true, true, DEWEY));
  }

  @Override
  public CompletionStage<Map<String, Map<String, Integer>>> movable() {
    return CompletableFuture.completedFuture(movable);
  }

  @Override
  public String fullnessOf(String host) {
    return "full: 7 connections, 3 waiting";
  }

  @Override
  public Map<HostTraits.Kind, String> differences(String group, String service) {
    return service.equals("imap")
        ? Map.of(HostTraits.Kind.CLOCK, "the clock of dewey is about 75 s ahead")
        : Map.of();
  }

  @Override
  public long sessionsAt(String host) {
    return host.equals(HUEY.name()) ? 3 : 0;
  }

  @Override
  public CompletionStage<Explanation> explain(String loginName, String service, String client) {
    askedUser = loginName + " " + service + (client.equals("127.0.0.1") ? "" : " " + client);
    return explanation;
  }

  @Override
  public List<AdminPage> pages() {
    return List.of();
  }

  @Override
  public void acted(String who, String from, String action, String query, int status) {
    acted.add(String.join("|", who, from, action, query, Integer.toString(status)));
  }

  @Override
  public String metrics(Set<String> groups) {
    return groups.isEmpty() ? page : String.join(" ", new TreeSet<>(groups));
  }

  @Override
  public Map<String, Object> about() {
    return Map.of("hostname", "mail.example.com", "draining", draining);
  }

  @Override
  public Map<String, Object> counts() {
    Map<String, Object> counts = new HashMap<>(Map.of("sessions", Map.of("imap", 3L)));
    if (!site.isEmpty()) {
      counts.put("site", site);
    }
    return counts;
  }

  @Override
  public Map<String, Instant> certificates() {
    return Map.of("mail.example.com", Instant.ofEpochSecond(2_000_000_000));
  }

  @Override
  public News news() {
    return news;
  }

  @Override
  public Recovery recovery() {
    return recovery;
  }

  @Override
  public String fingerprint() {
    return "f00d";
  }

  @Override
  public List<DirectoryServerState> directory() {
    return DIRECTORY;
  }

  @Override
  public boolean live() {
    return live;
  }

  @Override
  public boolean started() {
    return started;
  }

  @Override
  public boolean draining() {
    return draining;
  }

  @Override
  public void close() {
    server.close();
  }
}
