package org.openmmp.it.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.openmmp.config.ConfigReader;
import org.openmmp.guard.WrongPassword;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.NetworkNamespace;
import org.openmmp.it.fixture.Ports;
import org.openmmp.it.fixture.RedisServer;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.it.fixture.ServerProcess;
import org.openmmp.it.fixture.TestAuthority;
import org.openmmp.repgroup.ProbePlace;
import org.openmmp.repgroup.ProbePlan;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.shared.NodeAnswer;
import org.openmmp.shared.ObedientFrontEnd;
import org.openmmp.shared.Site;
import org.openmmp.storesim.SimulatedCertificate;
import org.openmmp.wire.Network;
import org.openmmp.wire.Secret;

/** What front ends share, over every kind of Redis server that operators have (rule B10.1). */
@Tag("real-servers")
final class SharedEnginesTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Pattern CLUSTER_ACL =
      Pattern.compile("In a cluster it needs besides: `([^`]+)`");
  private static final Pattern ACL =
      Pattern.compile("ACL SETUSER openmmp on >PASSWORD (.*)", Pattern.MULTILINE);

  private static final String COPY =
      "redis.call('set', KEYS[2], redis.call('hget', KEYS[1], ARGV[1]))";
  private static final String PUT_BACK =
      "redis.call('hset', KEYS[2], ARGV[1], redis.call('get', KEYS[1]))";
  private static final String DIGEST = "return redis.sha1hex(redis.call('hget', KEYS[1], ARGV[1]))";

  @TempDir private Path folder;
  private RunDirectory run;
  private final List<AutoCloseable> opened = new ArrayList<>();

  @BeforeEach
  void open() {
    run = RunDirectory.of(SharedEnginesTest.class);
  }

  @AfterEach
  void close() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
    run.close();
  }

  /** One front end, of which nothing but what it tells and hears counts here. */
  private static final class FrontEnd extends ObedientFrontEnd implements AutoCloseable {
    private final Site site;
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedQueue<WrongPassword> heard = new ConcurrentLinkedQueue<>();
    private volatile List<ProbePlan.Turn<ProbePlace>> turns = List.of();
    private volatile List<List<ProbePlan.Turn<ProbePlace>>> othersTurns = List.of();
    private volatile int secrets;
    private volatile int frontEnds;
    private volatile String why = "";

    FrontEnd(String node, Path configuration) throws Exception {
      super(node);
      site = new Site(ConfigReader.load(configuration).shared(), this);
    }

    private boolean sees(int count) {
      return site.here() && site.members().stream().filter(each -> !each.away()).count() == count;
    }

    private List<NodeAnswer> give(String query) throws Exception {
      return site.give("/api/v1/drain", query).toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Override
    public List<ProbePlan.Turn<ProbePlace>> turns() {
      return turns;
    }

    @Override
    public void othersTurns(long own, Map<Long, List<ProbePlan.Turn<ProbePlace>>> all) {
      othersTurns = List.copyOf(all.values());
    }

    @Override
    public void guessed(List<WrongPassword> wrong, long nowNanos) {
      heard.addAll(wrong);
    }

    @Override
    public void among(int all) {
      frontEnds = all;
    }

    @Override
    public void tickets(List<Secret> all) {
      secrets = all.size();
    }

    @Override
    public void missed() {
      events.add("missed");
    }

    @Override
    public void away(String reason) {
      why = reason;
      events.add("away");
    }

    @Override
    public void back() {
      events.add("back");
    }

    @Override
    public void forged(String where) {
      events.add("forged " + where);
    }

    @Override
    public void close() {
      site.close();
    }
  }

  private FrontEnd frontEnd(String node, String settings) throws Exception {
    Path file = folder.resolve(node + ".conf");
    Files.writeString(
        file,
        """
        openmmp {
          directory { urls = "ldap://127.0.0.1", base-dn = "dc=example,dc=com" }
          shared { key = "0123456789abcdef", node = %s, limit = 1s, %s }
        }
        """
            .formatted(node, settings));
    FrontEnd one = new FrontEnd(node, file);
    opened.add(one);
    return one;
  }

  private List<FrontEnd> two(String settings) throws Exception {
    return List.of(frontEnd("mmp1", settings), frontEnd("mmp2", settings));
  }

  private static void awaitBoth(List<FrontEnd> all) {
    Await.until(
        () -> "both are there: " + all.get(0).events + all.get(1).events,
        LIMIT,
        () -> all.stream().allMatch(each -> each.sees(2)));
  }

  /** Everything that is shared goes from one to the other. */
  private static void assertShare(List<FrontEnd> all, String query) throws Exception {
    awaitBoth(all);
    List<NodeAnswer> answers = all.get(0).give(query);
    assertEquals(List.of(new NodeAnswer("mmp2", 200, "done")), answers);
    assertTrue(all.get(1).done().contains(query));
    WrongPassword wrong =
        new WrongPassword(query.hashCode(), 2, Network.parse("192.0.2.7"), 3, true);
    all.get(1).site.guessed(wrong);
    Await.until("a guess is heard", LIMIT, () -> all.get(0).heard.contains(wrong));
    ProbePlace place = new ProbePlace(new Service("imap"), new StoreHost("huey"), 143);
    List<ProbePlan.Turn<ProbePlace>> turns =
        List.of(new ProbePlan.Turn<>(place, query.hashCode(), true));
    all.get(1).turns = turns;
    Await.until("a turn is heard", LIMIT, () -> all.get(0).othersTurns.equals(List.of(turns)));
    Await.until(
        "secrets and number are known",
        LIMIT,
        () -> all.stream().allMatch(each -> each.secrets >= 2 && each.frontEnds == 2));
    assertFalse(all.get(0).events.toString().contains("forged"), all.get(0).events::toString);
  }

  private RedisServer redis(String name, String... options) {
    RedisServer server = new RedisServer(run, name, options);
    opened.add(server);
    return server;
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  @DisplayName("B10.1: the user of the ACL that several.md shows may do all that is needed")
  void userOfItsOwn() throws Exception {
    RedisServer engine = redis("acl");
    Matcher documented = ACL.matcher(Files.readString(Path.of("../docs/operate/several.md")));
    assertTrue(documented.find());
    List<String> words = new ArrayList<>(List.of("ACL", "SETUSER", "openmmp", "on", ">secret"));
    words.addAll(List.of(documented.group(1).strip().split(" ")));
    assertEquals("OK", engine.answer(words.toArray(String[]::new)));
    engine.answer("ACL", "SETUSER", "default", "off");
    assertShare(
        two("url = \"%s\", user = openmmp, password = secret".formatted(engine.url())), "one");
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  @DisplayName("B10.1: TLS is verified, by the authorities that are configured")
  void underTls() throws Exception {
    SimulatedCertificate certificate = SimulatedCertificate.forHosts(List.of("localhost"));
    Path pem = certificate.writeCertificate(folder.resolve("engine.pem"));
    Path key = certificate.writeKey(folder.resolve("engine.key"));
    Path other =
        SimulatedCertificate.forHosts(List.of("localhost"))
            .writeCertificate(folder.resolve("other.pem"));
    int port = Ports.freeOn("127.0.0.1");
    redis(
        "tls",
        "--tls-port",
        Integer.toString(port),
        "--tls-cert-file",
        pem.toString(),
        "--tls-key-file",
        key.toString(),
        "--tls-auth-clients",
        "no");
    String url = "url = \"rediss://localhost:%d\", ca-file = \"%s\"";
    assertShare(two(url.formatted(port, pem)), "one");
    FrontEnd third = frontEnd("mmp3", url.formatted(port, other));
    Await.until("it is refused", LIMIT, () -> third.events.contains("away"));
    assertFalse(third.site.here());
    FrontEnd fourth = // the certificate is believed, and is another host's
        frontEnd("mmp4", url.replace("localhost", "127.0.0.1").formatted(port, pem));
    Await.until("it is refused", LIMIT, () -> fourth.events.contains("away"));
    assertFalse(fourth.site.here());
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  @DisplayName("B10.1: a server that repeats the password in its error brings it into no log")
  void passwordIsRepeated() throws Exception {
    try (LyingEngine engine = new LyingEngine(LyingEngine.Way.REPEATS)) {
      FrontEnd one =
          frontEnd(
              "mmp1", "url = \"%s\", user = openmmp, password = s3cret".formatted(engine.url()));
      Await.until("it is away", LIMIT, () -> one.events.contains("away"));
      assertTrue(one.why.contains("unknown command"), one.why);
      assertFalse(one.why.contains("s3cret"), one.why);
    }
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  @DisplayName("B10.1: a front end that is gone does not live again by what was read of it")
  void whatIsPutThereAgain() throws Exception {
    RedisServer engine = redis("again");
    List<FrontEnd> all = two("url = \"%s\"".formatted(engine.url()));
    awaitBoth(all);
    String nodes = "openmmp:{site}:nodes";
    String gone =
        engine
            .answer("HKEYS", nodes)
            .lines()
            .filter(each -> each.startsWith("mmp2/"))
            .findFirst()
            .orElseThrow();
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String key = "kept" + i;
      kept.add(key);
      engine.answer("EVAL", COPY, "2", nodes, key, gone);
      String now = engine.answer("EVAL", DIGEST, "1", nodes, gone);
      Await.until(
          "it writes on",
          LIMIT,
          () -> !engine.answer("EVAL", DIGEST, "1", nodes, gone).equals(now));
    }
    all.forEach(FrontEnd::close);
    engine.answer("DEL", nodes);
    FrontEnd anew = frontEnd("mmp1", "url = \"%s\"".formatted(engine.url()));
    Await.until("it is there", LIMIT, () -> anew.sees(1));
    String own = engine.answer("HKEYS", nodes).lines().findFirst().orElseThrow();
    for (String key : kept) {
      engine.answer("EVAL", PUT_BACK, "2", key, nodes, gone);
      for (int i = 0; i < 2; i++) { // it is read between two beacons
        String now = engine.answer("EVAL", DIGEST, "1", nodes, own);
        Await.until(
            "it reads on",
            LIMIT,
            () -> !engine.answer("EVAL", DIGEST, "1", nodes, own).equals(now));
      }
      assertEquals(1, anew.site.members().size());
      assertEquals(1, anew.frontEnds);
    }
    assertEquals(List.of("back"), anew.events);
    frontEnd("mmp2", "url = \"%s\"".formatted(engine.url()));
    Await.until("one that lives is seen", LIMIT, () -> anew.sees(2));
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  @DisplayName("B10.1: sentinels tell who takes writes, also once the master has died")
  void sentinels() throws Exception {
    RedisServer master = redis("master");
    RedisServer replica = replicaOf(master);
    awaitLinked(replica);
    int port = Ports.freeOn("127.0.0.1");
    Path sentinel = folder.resolve("sentinel.conf");
    Files.writeString(
        sentinel,
        """
        port %d
        bind 127.0.0.1
        dir %s
        sentinel monitor engine 127.0.0.1 %d 1
        sentinel down-after-milliseconds engine 1000
        sentinel failover-timeout engine 5000
        """
            .formatted(port, run.create("sentinel"), master.port()));
    ServerProcess watching =
        ServerProcess.start(
            "sentinel",
            run.log("sentinel"),
            Map.of(),
            List.of("redis-server", sentinel.toString(), "--sentinel"));
    opened.add(watching);
    watching.awaitAccepting(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    List<FrontEnd> all = two("url = \"redis-sentinel://127.0.0.1:%d#engine\"".formatted(port));
    assertShare(all, "one");
    // Sentinels learn of replicas by asking the master each ten seconds.
    Await.until(
        "the sentinel knows the replica",
        LIMIT,
        () -> watching.printed().contains("+slave slave 127.0.0.1:" + replica.port()));
    master.process().kill();
    Await.until(
        () -> "the replica is promoted: " + watching.printed(),
        LIMIT,
        () -> replica.answer("INFO", "replication").contains("role:master"));
    // Both ask it now; the sentinel's connections have names, redis-cli says "client".
    Await.until(
        () -> "both are there: " + replica.answer("CLIENT", "LIST"),
        LIMIT,
        () ->
            replica
                    .answer("CLIENT", "LIST")
                    .lines()
                    .filter(each -> each.contains(" name= ") && !each.contains(" cmd=client"))
                    .count()
                == 2);
    assertShare(all, "two");
    assertEquals(List.of("one", "two"), all.get(1).done(), "each is done once");
  }

  /** Three masters that share the slots, and a replica of each; all have met. */
  private List<RedisServer> clusterOfSix() {
    List<RedisServer> nodes = new ArrayList<>();
    List<Integer> buses = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      int bus = Ports.freeOn("127.0.0.1");
      nodes.add(
          redis(
              "node" + i,
              "--cluster-enabled",
              "yes",
              "--cluster-port",
              Integer.toString(bus),
              "--cluster-node-timeout",
              "1000",
              "--cluster-replica-validity-factor",
              "0",
              "--repl-diskless-sync-delay",
              "0"));
      buses.add(bus);
    }
    for (int i = 0; i < 6; i++) {
      assertEquals(
          "OK", nodes.get(i).answer("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1)));
    }
    for (int i = 0; i < 3; i++) {
      String first = Integer.toString(16_384 * i / 3);
      String last = Integer.toString(16_384 * (i + 1) / 3 - 1);
      assertEquals("OK", nodes.get(i).answer("CLUSTER", "ADDSLOTSRANGE", first, last));
    }
    for (int i = 1; i < 6; i++) {
      String port = Integer.toString(nodes.get(i).port());
      String bus = Integer.toString(buses.get(i));
      assertEquals("OK", nodes.get(0).answer("CLUSTER", "MEET", "127.0.0.1", port, bus));
    }
    for (RedisServer each : nodes) {
      Await.until(
          () -> each.answer("CLUSTER", "NODES"),
          LIMIT,
          () -> each.answer("CLUSTER", "NODES").lines().count() == 6);
    }
    for (int i = 3; i < 6; i++) {
      String master = nodes.get(i - 3).answer("CLUSTER", "MYID");
      RedisServer replica = nodes.get(i);
      assertEquals("OK", replica.answer("CLUSTER", "REPLICATE", master));
      awaitLinked(replica);
    }
    for (RedisServer each : nodes) {
      Await.until(
          () -> each.answer("CLUSTER", "INFO"),
          LIMIT,
          () -> each.answer("CLUSTER", "INFO").contains("cluster_state:ok"));
    }
    return nodes;
  }

  private static RedisServer masterOfKeys(List<RedisServer> nodes) {
    return nodes.stream()
        .filter(
            each ->
                each.process().isAlive()
                    && each.answer("ROLE").startsWith("master")
                    && each.answer("KEYS", "openmmp:*").contains("nodes"))
        .findFirst()
        .orElseThrow();
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  @DisplayName(
      "B10.1: a cluster, also once the node with the keys has died; by the ACL of the page")
  void cluster() throws Exception {
    List<RedisServer> nodes = clusterOfSix();
    String page = Files.readString(Path.of("../docs/operate/several.md"));
    Matcher documented = ACL.matcher(page);
    Matcher more = CLUSTER_ACL.matcher(page);
    assertTrue(documented.find() && more.find());
    for (RedisServer each : nodes) {
      List<String> words = new ArrayList<>(List.of("ACL", "SETUSER", "openmmp", "on", ">secret"));
      words.addAll(List.of(documented.group(1).strip().split(" ")));
      words.addAll(List.of(more.group(1).strip().split(" ")));
      assertEquals("OK", each.answer(words.toArray(String[]::new)));
    }
    List<FrontEnd> all =
        two(
            "url = \"redis-cluster://127.0.0.1:%d,127.0.0.1:%d\", user = openmmp, password = secret"
                .formatted(nodes.get(0).port(), nodes.get(4).port()));
    assertShare(all, "one");
    RedisServer first = masterOfKeys(nodes);
    first.process().kill();
    RedisServer next = nodes.get(nodes.indexOf(first) + 3);
    Await.until(
        () -> "the replica is promoted: " + next.answer("CLUSTER", "NODES"),
        LIMIT,
        () ->
            next.answer("ROLE").startsWith("master")
                && next.answer("CLUSTER", "INFO").contains("cluster_state:ok"));
    assertShare(all, "two");
    assertEquals(List.of("one", "two"), all.get(1).done(), "each is done once");
    for (FrontEnd each : all) {
      assertTrue(each.events.stream().filter("away"::equals).count() <= 1, each.events::toString);
    }
    assertEquals(first.port() == nodes.get(0).port(), next.port() == nodes.get(3).port());
  }

  private RedisServer replicaOf(RedisServer master) {
    return redis(
        "replica", "--replicaof", "127.0.0.1 " + master.port(), "--repl-diskless-sync-delay", "0");
  }

  private static void awaitLinked(RedisServer replica) {
    Await.until(
        () -> replica.answer("INFO", "replication"),
        LIMIT,
        () -> replica.answer("INFO", "replication").contains("master_link_status:up"));
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  @DisplayName("B10.2: a replica that is behind and is promoted has nothing done twice or undone")
  void staleReplica() throws Exception {
    RedisServer master = redis("master");
    RedisServer replica = replicaOf(master);
    List<FrontEnd> all = two("url = \"%s\"".formatted(master.url()));
    assertShare(all, "one");
    awaitLinked(replica);
    Await.until(
        "the replica has the order",
        LIMIT,
        () -> replica.answer("XLEN", "openmmp:{site}:orders").equals("1"));
    replica.answer("REPLICAOF", "NO", "ONE"); // from now on it falls behind
    assertShare(all, "two");
    master.process().kill();
    Await.until(
        "both are alone", LIMIT, () -> all.stream().allMatch(e -> e.events.contains("away")));
    assertEquals("1", replica.answer("XLEN", "openmmp:{site}:orders"), "it is behind");
    replica.answer("CONFIG", "SET", "port", Integer.toString(master.port()));
    assertShare(all, "three");
    assertEquals(List.of("one", "two", "three"), all.get(1).done());
    assertEquals(List.of("back", "away", "back"), all.get(1).events);
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  @DisplayName("B10.1: cut off without a word, each works alone; back again, they act as one")
  void partitioned() throws Exception {
    NetworkNamespace host = new NetworkNamespace();
    opened.add(host);
    int port = Ports.freeOn("127.0.0.1");
    List<String> command = new ArrayList<>(host.launcher());
    command.addAll(
        List.of(
            "redis-server",
            "--bind",
            host.address(),
            "--port",
            Integer.toString(port),
            "--protected-mode",
            "no",
            "--save",
            "",
            "--dir",
            run.create("far").toString()));
    ServerProcess engine = ServerProcess.start("far", run.log("far"), Map.of(), command);
    opened.add(engine);
    engine.awaitAccepting(new InetSocketAddress(host.address(), port));
    List<FrontEnd> all = two("url = \"redis://%s:%d\"".formatted(host.address(), port));
    assertShare(all, "one");
    host.vanish();
    Await.until(
        "both are alone", LIMIT, () -> all.stream().allMatch(e -> e.events.contains("away")));
    List<NodeAnswer> untold = all.get(0).give("two");
    assertTrue(untold.stream().allMatch(NodeAnswer::untold), untold::toString);
    host.reappear();
    assertShare(all, "three");
    assertEquals(List.of("one", "three"), all.get(1).done());
    assertEquals(List.of("back", "away", "back"), all.get(1).events, "each is told once");
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  @DisplayName("B10.1: an engine that is none: each works alone and says so once, whatever it does")
  void engineThatIsNone() throws Exception {
    Map<LyingEngine.Way, FrontEnd> all = new EnumMap<>(LyingEngine.Way.class);
    for (LyingEngine.Way way : LyingEngine.Way.values()) {
      LyingEngine engine = new LyingEngine(way);
      opened.add(engine);
      String name = way.name().toLowerCase(Locale.ROOT);
      all.put(way, frontEnd(name, "url = \"%s\"".formatted(engine.url())));
    }
    for (Map.Entry<LyingEngine.Way, FrontEnd> each : all.entrySet()) {
      FrontEnd one = each.getValue();
      Await.until(
          () -> each.getKey() + " is found out: " + one.events,
          LIMIT,
          () -> one.events.contains("away"));
      assertEquals(List.of("away"), one.events, each.getKey()::toString);
      assertEquals(List.of(), one.done());
      assertTrue(one.give("x").stream().allMatch(NodeAnswer::untold));
    }
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  @DisplayName(
      "B10.1: who may not do all that is needed hears of it at once, and not with an order")
  void userWhoMayNotDoAll() throws Exception {
    RedisServer engine = redis("acl");
    Matcher documented = ACL.matcher(Files.readString(Path.of("../docs/operate/several.md")));
    assertTrue(documented.find());
    List<String> rights = List.of(documented.group(1).strip().split(" "));
    Map<String, FrontEnd> all = new LinkedHashMap<>();
    for (String missing : rights) {
      // These are not asked without need, or not told by the server.
      if (List.of("~openmmp:*", "+client", "+ping", "+select").contains(missing)) {
        continue;
      }
      String user = "without-" + missing.substring(1);
      List<String> words = new ArrayList<>(List.of("ACL", "SETUSER", user, "on", ">secret"));
      rights.stream().filter(each -> !each.equals(missing)).forEach(words::add);
      assertEquals("OK", engine.answer(words.toArray(String[]::new)));
      all.put(
          missing,
          frontEnd(
              user, "url = \"%s\", user = %s, password = secret".formatted(engine.url(), user)));
    }
    assertTrue(all.size() >= 8, all::toString);
    for (Map.Entry<String, FrontEnd> each : all.entrySet()) {
      FrontEnd one = each.getValue();
      Await.until(
          () -> each.getKey() + " is missed: " + one.events,
          LIMIT,
          () -> one.events.contains("away"));
      assertEquals(List.of("away"), one.events, each::getKey);
      assertTrue(one.why.contains("NOPERM"), one.why);
    }
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  @DisplayName("B10.1: a server that becomes a replica serves nobody, until it takes writes again")
  void becomesAReplica() throws Exception {
    RedisServer engine = redis("master");
    List<FrontEnd> all = two("url = \"%s\"".formatted(engine.url()));
    assertShare(all, "one");
    assertEquals("OK", engine.answer("REPLICAOF", "127.0.0.1", "1"));
    Await.until(
        "both are alone", LIMIT, () -> all.stream().allMatch(e -> e.events.contains("away")));
    assertTrue(all.get(0).why.contains("READONLY"), all.get(0).why);
    assertEquals("OK", engine.answer("REPLICAOF", "NO", "ONE"));
    assertShare(all, "two");
    assertEquals(List.of("back", "away", "back"), all.get(1).events);
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  @DisplayName("B10.1: a certificate that is over is refused with the next connection, and told")
  void certificateIsOver() throws Exception {
    TestAuthority authority = new TestAuthority(run.create("pki"));
    TestAuthority.Certificate good = authority.issue("localhost");
    Path over = folder.resolve("over.pem");
    Command.run(
            Map.of("LD_PRELOAD", "/usr/$LIB/faketime/libfaketimeMT.so.1", "FAKETIME", "-30d"),
            "",
            List.of(
                "sh",
                "-ec",
                """
                openssl req -new -key "$1" -subj /CN=localhost -out "$0.csr"
                echo subjectAltName=DNS:localhost > "$0.ext"
                openssl x509 -req -in "$0.csr" -CA "$2" -CAkey "$3" -days 1 -extfile "$0.ext" -out "$0"
                """,
                over.toString(),
                good.key().toString(),
                authority.certificate().toString(),
                authority.certificate().resolveSibling("ca.key").toString()))
        .succeeded();
    int port = Ports.freeOn("127.0.0.1");
    RedisServer engine =
        redis(
            "tls",
            "--tls-port",
            Integer.toString(port),
            "--tls-cert-file",
            good.chain().toString(),
            "--tls-key-file",
            good.key().toString(),
            "--tls-auth-clients",
            "no");
    List<FrontEnd> all =
        two(
            "url = \"rediss://localhost:%d\", ca-file = \"%s\""
                .formatted(port, authority.certificate()));
    assertShare(all, "one");
    show(engine, over);
    Await.until(
        "both are alone", LIMIT, () -> all.stream().allMatch(e -> e.events.contains("away")));
    assertTrue(all.get(0).why.contains("NotAfter"), all.get(0).why);
    show(engine, good.chain());
    assertShare(all, "two");
    assertEquals(List.of("back", "away", "back"), all.get(1).events);
  }

  /** Shows another certificate, and ends what was agreed on with the former. */
  private static void show(RedisServer engine, Path certificate) {
    assertEquals("OK", engine.answer("CONFIG", "SET", "tls-cert-file", certificate.toString()));
    engine.answer("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  @DisplayName("B10.2: one that alone was cut off tells nobody meanwhile, and does what it missed")
  void oneIsCutOff() throws Exception {
    RedisServer engine = redis("one");
    List<FrontEnd> all = new ArrayList<>();
    for (String node : List.of("mmp1", "mmp2")) {
      engine.answer("ACL", "SETUSER", node, "on", ">secret", "~*", "+@all");
      all.add(
          frontEnd(
              node, "url = \"%s\", user = %s, password = secret".formatted(engine.url(), node)));
    }
    FrontEnd one = all.get(0);
    FrontEnd two = all.get(1);
    assertShare(all, "one");
    engine.answer("ACL", "SETUSER", "mmp2", "off");
    engine.answer("CLIENT", "KILL", "USER", "mmp2");
    Await.until("the second is alone", LIMIT, () -> two.events.contains("away"));
    assertTrue(two.give("untold").stream().allMatch(NodeAnswer::untold));
    Await.until("the first knows", LIMIT, () -> one.sees(1));
    List<NodeAnswer> answers = one.give("two");
    assertEquals(1, answers.size(), answers::toString);
    assertTrue(answers.get(0).body().contains("is away for"), answers::toString);
    engine.answer("ACL", "SETUSER", "mmp2", "on");
    Await.until("it does what it missed", LIMIT, () -> two.done().contains("two"));
    assertShare(all, "three");
    assertEquals(List.of("one", "two", "three"), two.done());
    assertEquals(List.of(), one.done(), "nobody was told");
    assertEquals(List.of("back"), one.events);
  }
}
