package org.openmmp.it.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.NetworkNamespace;
import org.openmmp.it.fixture.Ports;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.RedisServer;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.it.fixture.TurnedClock;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeBehaviour;

/**
 * Three front ends that share a Redis server act as one, and each alone when it fails them. The
 * clock of the second is an hour ahead, that of the third an hour behind; it makes no difference.
 */
@Tag("real-servers")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class SeveralFrontEndsTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String KEY = "a-key-that-three-front-ends-share";
  private static final String MOVE =
      "local one = redis.call('hget', KEYS[1], ARGV[1]);"
          + " if one then redis.call('hset', KEYS[2], ARGV[2], one) end";
  private static final String ORDERS = "openmmp:{site}:orders";
  private static final Pattern UP = Pattern.compile("(?m)^openmmp_shared_up (\\S+)$");

  private static final Pattern PROBES_OF_REMY =
      Pattern.compile(
          "(?m)^openmmp_store_probes_total\\{group=\"rats\",host=\"remy[^}]*result=\"failed\"[^}]*service=\"imap\"[^}]*}"
              + " (\\S+)$");

  private static OperatedSite site;
  private static NetworkNamespace far;
  private static RedisServer engine;
  private static MailUser alice;
  private static MailUser bob;
  private static MailUser carol;
  private static MailUser dora;
  private static MailUser erin;
  private static MailUser fay;
  private static final List<ProxyProcess> ALL = new ArrayList<>();

  @BeforeAll
  static void start() {
    site = new OperatedSite(SeveralFrontEndsTest.class);
    far = new NetworkNamespace();
    engine = new RedisServer(site.run(), far, "redis");
    site.cluster("ducks", "huey", "dewey", "louie")
        .cluster("mice", "mickey", "minnie", "morty")
        .cluster("rats", "remy", "emile")
        .cluster("dogs", "pluto", "goofy", "max")
        .cluster("geese", "gus", "gertie");
    alice = site.user("alice", "ducks");
    bob = site.user("bob", "ducks");
    carol = site.user("carol", "mice");
    dora = site.user("dora", "rats");
    erin = site.user("erin", "ducks");
    fay = site.user("fay", "geese");
    site.expectingInLog("shared-(away|forged|name-twice|tables-differ)")
        .expectingInLog("cool-down|no-master|served-elsewhere|outcome=")
        // one is stopped while its connection to the server fails
        .expectingInLog("refused-untold")
        // one of them is stopped for a while
        .expectingInLog("own standstill");
    ALL.add(startAs("mmp1", "mmp1"));
    ALL.add(site.start("mmp2", configuration("mmp2", "mmp2"), clock("+3600")));
    ALL.add(site.start("mmp3", configuration("mmp3", "mmp3"), clock("-3600")));
    ALL.forEach(each -> awaitUp(each, 1));
    awaitSite(ALL.get(0), 3);
  }

  private static ProxyProcess startAs(String name, String node) {
    return site.start(name, configuration(name, node));
  }

  /** A clock that many seconds ahead; how long something takes, it tells right. */
  private static List<String> clock(String ahead) {
    return List.of(
        "LD_PRELOAD=/usr/$LIB/faketime/libfaketimeMT.so.1",
        "FAKETIME=" + ahead,
        "FAKETIME_DONT_FAKE_MONOTONIC=1",
        // With it every question of a JVM for the time takes a lock.
        "FAKETIME_FORCE_MONOTONIC_FIX=0");
  }

  private static String configuration(String name, String node) {
    return site.settings()
        + site.group("ducks", "huey", "dewey", "louie")
        + site.group("mice", "mickey", "minnie", "morty")
        + site.group("rats", "remy", "emile")
        + site.group("dogs", "pluto", "goofy", "max")
        + site.group("geese", "gus", "gertie")
        + """
        openmmp.proxy.geese.admission.logins-per-second = 24
        openmmp.proxy.dogs.standby-site = ["max.example.com"]
        openmmp {
          hostname = %1$s.example.com
          admin.socket = "%2$s.sock"
          state-file = "%2$s.state"
          proxy-defaults { connect-timeout = 2s, greeting-timeout = 5s }
          shared { url = "%3$s", key = "%4$s", node = %5$s, limit = 500ms }
          drain { lead = 0s, spread = 0s, limit = 1s }
          limits { exempt-networks = [], sessions-per-user = 6, connections-per-address = 24, penalty { first = 100ms, max = 4s } }
        }
        """
            .formatted(name, site.file(name, ""), engine.url(), KEY, node);
  }

  @AfterAll
  static void stop() {
    try {
      ALL.forEach(each -> each.process().goOn());
      site.close();
    } finally {
      engine.close();
      far.close();
    }
  }

  private static ProxyProcess one() {
    return ALL.get(0);
  }

  private static ProxyProcess two() {
    return ALL.get(1);
  }

  private static ProxyProcess three() {
    return ALL.get(2);
  }

  private static String told(ProxyProcess at, String line) {
    return OperatedSite.openmmp(at.configuration(), line).told();
  }

  private static double metric(ProxyProcess at, Pattern metric) {
    Matcher found = metric.matcher(at.admin().page("/metrics"));
    return found.find() ? Double.parseDouble(found.group(1)) : Double.NaN;
  }

  private static void awaitUp(ProxyProcess at, double up) {
    Await.until(() -> "shared is " + up + "\n" + at.log(), LIMIT, () -> metric(at, UP) == up);
  }

  private static void awaitSite(ProxyProcess at, int count) {
    Await.until(
        () -> count + " front ends are here: " + told(at, "site"),
        LIMIT,
        () -> told(at, "site").lines().filter(each -> each.contains(" here ")).count() == count);
  }

  private static ImapConnection loggedIn(ProxyProcess at, MailUser user) {
    ImapConnection connection =
        new ImapConnection(at.at(MailProtocol.IMAP, Endpoint.Security.PLAIN));
    ImapConnection.Response answer = connection.login(user);
    assertTrue(answer.isOk(), answer::toString);
    return connection;
  }

  /** Somebody who logs in at every front end again and again, beside what else happens. */
  private static final class LoginsBeside implements AutoCloseable {
    private static final int PAUSE_MILLIS = 20;

    private final List<Thread> clients = new ArrayList<>();
    private final Map<ProxyProcess, AtomicInteger> served = new HashMap<>();
    private final List<String> failed = new CopyOnWriteArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);

    LoginsBeside() {
      for (ProxyProcess each : ALL) {
        AtomicInteger count = new AtomicInteger();
        served.put(each, count);
        Thread client = new Thread(() -> logIn(each, count));
        clients.add(client);
        client.start();
      }
    }

    private void logIn(ProxyProcess at, AtomicInteger count) {
      while (goesOn()) {
        try (ImapConnection one =
            new ImapConnection(at.at(MailProtocol.IMAP, Endpoint.Security.PLAIN))) {
          ImapConnection.Response answer = one.login(erin);
          if (answer.isOk()) {
            count.incrementAndGet();
          } else {
            failed.add(answer.toString());
          }
        } catch (RuntimeException | AssertionError broken) {
          failed.add(broken.toString());
        }
      }
    }

    /** Until the end, behind a pause that leaves the processors to the front ends. */
    private boolean goesOn() {
      try {
        return !over.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }

    /** As many more are served at each, while everything stays as it is. */
    void assertGoOn() {
      Map<ProxyProcess, Integer> before = new HashMap<>();
      served.forEach((at, count) -> before.put(at, count.get()));
      Await.until(
          () -> "ten more are served at each: " + served.values() + failed,
          LIMIT,
          () ->
              served.entrySet().stream()
                  .allMatch(
                      each -> each.getValue().get() >= before.getOrDefault(each.getKey(), 0) + 10));
      assertEquals(List.of(), failed);
    }

    @Override
    public void close() {
      over.countDown();
      for (Thread each : clients) {
        try {
          each.join();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException(e);
        }
      }
      assertEquals(List.of(), failed);
    }
  }

  private static void assertEveryoneLogsIn() {
    for (ProxyProcess each : ALL) {
      each.assertServes(alice);
    }
  }

  private static long warnings(ProxyProcess at, String event) {
    return at.log().lines().filter(line -> line.contains(event)).count();
  }

  @Test
  @Order(1)
  @DisplayName(
      "B10.2: a kick at one front end ends the user's sessions at all, with an answer each")
  void kickReachesAll() {
    List<ImapConnection> sessions = new ArrayList<>();
    for (ProxyProcess each : ALL) {
      sessions.add(loggedIn(each, alice));
    }
    try (ImapConnection other = loggedIn(two(), bob)) {
      String listed = told(one(), "sessions --site");
      for (String name : List.of("mmp1: 1 session", "mmp2: 2 sessions", "mmp3: 1 session")) {
        assertTrue(listed.contains(name), listed);
      }
      String kicked = told(one(), "kick --user alice --yes");
      for (String name : List.of("mmp1", "mmp2", "mmp3")) {
        assertTrue(kicked.contains(name + ": 1 session is being ended"), kicked);
      }
      for (ImapConnection each : sessions) {
        assertTrue(each.line().startsWith("* BYE"));
        each.close();
      }
      assertTrue(other.command("NOOP").isOk());
      String log = two().log();
      assertTrue(log.contains("acted who=mmp1 from=site action=kick"), log);
    }
  }

  @Test
  @Order(2)
  @DisplayName("B10.2: drain, undrain, block and unblock hold at all front ends; --here at one")
  void ordersHoldAtAll() {
    String drained = told(one(), "drain louie.example.com");
    assertEquals(3, drained.lines().filter(each -> each.contains("drained in ducks")).count());
    assertTrue(told(three(), "status").contains("drained"), () -> told(three(), "status"));
    told(two(), "undrain louie.example.com");
    assertFalse(told(three(), "status").contains("drained"), () -> told(three(), "status"));
    told(two(), "block bob");
    assertTrue(told(one(), "blocks").contains("bob@example.com"));
    try (ImapConnection connection =
        new ImapConnection(three().at(MailProtocol.IMAP, Endpoint.Security.PLAIN))) {
      assertFalse(connection.login(bob).isOk());
    }
    told(three(), "unblock bob");
    told(one(), "block bob --here");
    assertTrue(told(two(), "blocks").contains("nobody is blocked"));
    told(one(), "unblock bob");
  }

  private static Duration left(ProxyProcess at, MailUser user) {
    Matcher found =
        Pattern.compile(user.login() + " for another (?:(\\d+)m ?)?(?:(\\d+)s)?")
            .matcher(told(at, "blocks"));
    assertTrue(found.find(), () -> told(at, "blocks"));
    return Duration.ofMinutes(found.group(1) == null ? 0 : Long.parseLong(found.group(1)))
        .plusSeconds(found.group(2) == null ? 0 : Long.parseLong(found.group(2)));
  }

  private static boolean canLogIn(ProxyProcess at, MailUser user) {
    try (ImapConnection connection =
        new ImapConnection(at.at(MailProtocol.IMAP, Endpoint.Security.PLAIN))) {
      return connection.login(user).isOk();
    }
  }

  @Test
  @Order(2)
  @DisplayName("B10.2: by clocks an hour apart a block ends when it was to end, whoever gave it")
  void blockEndsInTimeByClocksApart() throws Exception {
    String now = Command.run("date", "-u", "+%H").succeeded().output().strip();
    assertFalse(two().log().lines().reduce((a, b) -> b).orElse("").contains("T" + now + ":"));
    for (ProxyProcess giving : ALL) {
      told(giving, "block bob --for 40m");
      for (ProxyProcess each : ALL) {
        Duration left = left(each, bob);
        assertTrue(
            left.compareTo(Duration.ofMinutes(38)) > 0
                && left.compareTo(Duration.ofMinutes(40)) <= 0,
            left::toString);
        assertFalse(canLogIn(each, bob));
      }
      told(giving, "unblock bob");
    }
    three().process().hang();
    awaitSite(one(), 2);
    told(two(), "block bob --for 40m");
    told(two(), "block carol --for 5s");
    assertFalse(canLogIn(one(), carol));
    Await.until("the short block is over", LIMIT, () -> canLogIn(one(), carol));
    three().process().goOn();
    Await.until("the third has heard", LIMIT, () -> told(three(), "blocks").contains(bob.login()));
    assertFalse(told(three(), "blocks").contains(carol.login()), "its time was over");
    assertTrue(left(three(), bob).compareTo(left(one(), bob).plusSeconds(2)) <= 0);
    told(two(), "unblock bob");
    awaitSite(one(), 3);
    ALL.forEach(each -> assertEquals(0, warnings(each, "shared-away"), each::log));
  }

  @Test
  @Order(3)
  @DisplayName("B10.2: a front end that was away does what it missed when it is back")
  void whoWasAwayCatchesUp() {
    ImapConnection session = loggedIn(three(), bob);
    three().process().hang();
    awaitSite(one(), 2);
    told(one(), "kick --user bob --yes");
    String drained = told(one(), "drain louie.example.com");
    assertTrue(drained.contains("mmp3: is away"), drained);
    three().process().goOn();
    Await.until(
        () -> "louie is drained: " + told(three(), "status"),
        LIMIT,
        () -> told(three(), "status").contains("drained"));
    assertTrue(session.line().startsWith("* BYE"));
    session.close();
    awaitSite(one(), 3);
    told(one(), "undrain louie.example.com");
  }

  @Test
  @Order(4)
  @DisplayName("B10.3: a master that hangs is found out by one front end, for all of them")
  void oneDiscovery() {
    for (ProxyProcess each : ALL) {
      each.assertServes(carol);
    }
    site.cluster("mice").behave("mickey", NodeBehaviour.failing(Fault.HANG));
    site.cluster("mice").makeMaster("minnie");
    int asked = site.cluster("mice").node("mickey").counters().connections();
    one().assertServes(carol);
    int discovery = site.cluster("mice").node("mickey").counters().connections() - asked;
    assertTrue(discovery >= 1, "mickey was asked");
    for (ProxyProcess other : List.of(two(), three())) {
      Await.until(
          () -> "begins elsewhere: " + told(other, "explain carol"),
          LIMIT,
          () -> told(other, "explain carol").contains("1. minnie"));
      long begun = System.nanoTime();
      other.assertServes(carol);
      long took = System.nanoTime() - begun;
      assertTrue(took < Duration.ofSeconds(4).toNanos(), () -> took / 1_000_000 + " ms");
    }
    int all = site.cluster("mice").node("mickey").counters().connections() - asked;
    assertTrue(all <= discovery + 2, all + " connections; the others probe once each");
    site.cluster("mice").behave("mickey", NodeBehaviour.healthy());
  }

  private static int askedRemy() {
    return site.cluster("rats").node("remy").counters().connections();
  }

  private static void awaitAsked(int more) {
    int before = askedRemy();
    Await.until("remy is asked", LIMIT, () -> askedRemy() >= before + more);
  }

  private static double probesOfRemy(ProxyProcess at) {
    return metric(at, PROBES_OF_REMY);
  }

  @Test
  @Order(4)
  @DisplayName("B10.8: a store that is away has one prober of the site at a time, also if one dies")
  void oneProberForAll() throws Exception {
    for (ProxyProcess each : ALL) {
      each.assertServes(dora);
    }
    for (String host : List.of("remy", "emile")) {
      site.cluster("rats").behave(host, NodeBehaviour.failing(Fault.RESET));
    }
    List<Thread> waiting = new ArrayList<>();
    for (ProxyProcess each : ALL) {
      Thread client =
          new Thread(
              () -> {
                try (ImapConnection one =
                    new ImapConnection(each.at(MailProtocol.IMAP, Endpoint.Security.PLAIN))) {
                  one.login(dora);
                }
              });
      client.start();
      waiting.add(client);
    }
    for (Thread each : waiting) {
      each.join();
    }
    awaitAsked(6);
    List<Double> before = ALL.stream().map(SeveralFrontEndsTest::probesOfRemy).toList();
    long begun = System.nanoTime();
    awaitAsked(9);
    long took = System.nanoTime() - begun;
    // Each alone would ask once a second, and nine would be over in three.
    assertTrue(took > Duration.ofSeconds(6).toNanos(), () -> took / 1_000_000 + " ms");
    for (int i = 0; i < 3; i++) {
      double own = probesOfRemy(ALL.get(i)) - before.get(i);
      assertTrue(own >= 2 && own <= 5, own + " of nine by " + (i + 1));
    }
    three().process().hang();
    awaitAsked(4);
    for (String host : List.of("remy", "emile")) {
      site.cluster("rats").behave(host, NodeBehaviour.healthy());
    }
    one().assertServes(dora);
    two().assertServes(dora);
    three().process().goOn();
    three().assertServes(dora);
    awaitSite(one(), 3);
  }

  @Test
  @Order(5)
  @DisplayName("B10.1: no name and no secret stands in the engine")
  void nothingInTheClear() {
    try (ImapConnection session = loggedIn(one(), alice)) {
      told(one(), "block alice@example.com --for 1m");
      told(one(), "unblock alice@example.com");
      assertTrue(session.command("NOOP").isOk());
      guess(two(), "guess-of-bob");
      assertTrue(told(two(), "sessions --site").contains("alice"));
      told(two(), "kick --user carol --yes");
      Await.until("guesses are told", LIMIT, () -> engine.dump().contains("{site}:guesses"));
      assertTrue(session.command("NOOP").isOk());
    }
    String dump = engine.dump();
    for (String key :
        List.of("nodes", "words", "guesses", "held", "tickets", "probes", "orders", "answers:")) {
      assertTrue(dump.contains("openmmp:{site}:" + key), key + " in " + dump);
    }
    List<String> words = new ArrayList<>(List.of("huey", "remy", "ducks", "rats", KEY, "guess-"));
    words.addAll(List.of("kick", "block", "sessions", "user=", "127.0.0", "Secret_of", "example"));
    for (MailUser each : List.of(alice, bob, carol, dora, erin, fay)) {
      words.addAll(List.of(each.name() + "@", each.password())); // three letters come by chance
    }
    for (String word : words) {
      assertFalse(dump.contains(word), word);
    }
  }

  @Test
  @Order(6)
  @DisplayName(
      "B10.1: killed, hanging, cut off, emptied, restarted: each front end works alone, warns once")
  void engineFails() throws Exception {
    try (LoginsBeside beside = new LoginsBeside()) {
      beside.assertGoOn();
      long before = warnings(one(), "shared-away");
      engine.process().kill();
      beside.assertGoOn();
      ALL.forEach(each -> awaitUp(each, 0));
      beside.assertGoOn();
      OperatedSite.Ran ran = OperatedSite.openmmp(one().configuration(), "failback ducks");
      assertTrue(ran.told().contains("nobody else was told"), ran::told);
      assertEquals(1, ran.status(), ran::told);
      engine.restart();
      ALL.forEach(each -> awaitUp(each, 1));
      beside.assertGoOn();
      assertEquals(before + 1, warnings(one(), "shared-away"));
      awaitSite(one(), 3);

      engine.process().hang();
      beside.assertGoOn();
      ALL.forEach(each -> awaitUp(each, 0));
      beside.assertGoOn();
      engine.process().goOn();
      ALL.forEach(each -> awaitUp(each, 1));
      assertEquals(before + 2, warnings(one(), "shared-away"));

      far.vanish();
      beside.assertGoOn();
      ALL.forEach(each -> awaitUp(each, 0));
      beside.assertGoOn();
      far.reappear();
      ALL.forEach(each -> awaitUp(each, 1));
      awaitSite(one(), 3);
      assertEquals(before + 3, warnings(one(), "shared-away"));

      engine.answer("FLUSHALL");
      beside.assertGoOn();
      awaitSite(one(), 3);
      assertEquals(before + 3, warnings(one(), "shared-away"));
    }
  }

  @Test
  @Order(6)
  @DisplayName("B10.2: a replica that is behind and takes over undoes nothing, beside logins")
  void staleReplica() throws Exception {
    try (RedisServer replica =
            new RedisServer(
                site.run(),
                far,
                "replica",
                "--replicaof",
                engine.address() + " " + engine.port(),
                "--repl-diskless-sync-delay",
                "0");
        LoginsBeside beside = new LoginsBeside()) {
      told(one(), "drain louie.example.com");
      Await.until(
          () -> replica.answer("INFO", "replication"),
          LIMIT,
          () ->
              replica.answer("INFO", "replication").contains("master_link_status:up")
                  && replica.answer("EXISTS", ORDERS).equals("1"));
      replica.answer("REPLICAOF", "NO", "ONE");
      told(one(), "undrain louie.example.com");
      engine.process().kill();
      ALL.forEach(each -> awaitUp(each, 0));
      replica.answer("CONFIG", "SET", "port", Integer.toString(engine.port()));
      ALL.forEach(each -> awaitUp(each, 1));
      awaitSite(one(), 3);
      beside.assertGoOn();
      for (ProxyProcess each : ALL) {
        assertFalse(told(each, "status").contains("drained"), () -> told(each, "status"));
      }
      replica.process().kill();
      engine.restart();
      ALL.forEach(each -> awaitUp(each, 1));
      awaitSite(one(), 3);
    }
  }

  private static List<String> keys() {
    List<String> keys = new ArrayList<>();
    for (String each : List.of("nodes", "words", "guesses", "held", "tickets", "probes")) {
      keys.add("openmmp:{site}:" + each);
    }
    return keys;
  }

  /** What somebody may put into any key: the words behind {@code HSET KEY}. */
  private static List<List<String>> poisons(List<String> fields) {
    List<String> values =
        List.of(
            "",
            "0",
            "-1",
            "9223372036854775807",
            "NaN",
            "\u0001",
            "\u0001" + "x".repeat(40),
            "x".repeat(100_000));
    List<List<String>> all = new ArrayList<>();
    for (String value : values) {
      List<String> words = new ArrayList<>(List.of(value + "/1", value));
      fields.forEach(field -> words.addAll(List.of(field, value)));
      all.add(words);
    }
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      many.addAll(List.of("mmp" + i + "/1", "1"));
    }
    all.add(many);
    return all;
  }

  private static void redis(String command, String key, List<String> words) {
    List<String> all = new ArrayList<>(List.of(command, key));
    all.addAll(words);
    engine.answer(all.toArray(String[]::new));
  }

  private static void emptyEngine() {
    engine.answer("FLUSHALL");
    ALL.forEach(each -> awaitUp(each, 1));
    awaitSite(one(), 3);
  }

  @Test
  @Order(7)
  @DisplayName("B10.1: of whatever value, size and number: nobody waits, and none is believed")
  void poisonOfEveryKind() {
    List<String> keys = keys();
    try (LoginsBeside beside = new LoginsBeside()) {
      Await.until(
          () -> engine.answer("HKEYS", keys.get(0)),
          LIMIT,
          () -> Integer.parseInt(engine.answer("HLEN", keys.get(0))) >= 3);
      List<String> fields = engine.answer("HKEYS", keys.get(0)).lines().toList();
      for (String key : keys) {
        poisons(fields).forEach(poison -> redis("HSET", key, poison));
        beside.assertGoOn();
        if (!key.equals(keys.get(0))) { // a sealed thing in another's place
          engine.answer("EVAL", MOVE, "2", keys.get(0), key, fields.get(0), fields.get(1));
        }
        redis("HINCRBY", key, List.of("counted", "9223372036854775807"));
      }
      for (String value : List.of("", "0", "-1", "NaN", "\u0001", "x".repeat(100_000))) {
        redis("XADD", ORDERS, List.of("*", "o", value));
        redis("XADD", ORDERS, List.of("*", value, "o", "o", value, "o", "o"));
      }
      redis("XADD", ORDERS, List.of("18446744073709551615-18446744073709551615", "o", "o"));
      beside.assertGoOn();
      emptyEngine();
      for (String key : keys) {
        redis("EXPIRE", key, List.of("1"));
        redis("RENAME", key, List.of(key + "-away"));
        redis("DEL", key, List.of());
      }
      redis("DEL", ORDERS, List.of());
      beside.assertGoOn();
      emptyEngine();
      beside.assertGoOn();
    }
  }

  @Test
  @Order(7)
  @DisplayName("B10.1: each key of each other type: nobody waits, and all is well without it")
  void poisonOfEveryType() {
    List<String> keys = keys();
    keys.add(ORDERS);
    List<List<String>> types =
        List.of(
            List.of("SET", "x"),
            List.of("LPUSH", "x"),
            List.of("SADD", "x"),
            List.of("ZADD", "1", "x"),
            List.of("XADD", "*", "x", "x"),
            List.of("HSET", "x", "x"));
    try (LoginsBeside beside = new LoginsBeside()) {
      for (int turn = 0; turn < types.size(); turn++) {
        for (int i = 0; i < keys.size(); i++) { // each key has each type, beside others of others
          List<String> type = types.get((turn + i) % types.size());
          engine.answer("DEL", keys.get(i));
          redis(type.get(0), keys.get(i), type.subList(1, type.size()));
        }
        beside.assertGoOn();
        if (turn == 0) {
          ALL.forEach(each -> awaitUp(each, 0));
          beside.assertGoOn();
        }
      }
      emptyEngine();
      for (String key : keys) { // and one alone, as nothing else is wrong
        engine.answer("DEL", key);
        redis("SET", key, List.of("x"));
        beside.assertGoOn();
        engine.answer("DEL", key);
      }
      emptyEngine();
      beside.assertGoOn();
    }
  }

  @Test
  @Order(7)
  @DisplayName("B10.1: no answer to an order is believed but its own front end's")
  void poisonedAnswers() throws Exception {
    three().process().hang();
    List<String> answers = new CopyOnWriteArrayList<>();
    Thread administrator = new Thread(() -> answers.add(told(one(), "flush alice")));
    try {
      String third =
          engine
              .answer("HKEYS", keys().get(0))
              .lines()
              .filter(each -> each.startsWith("mmp3/"))
              .findFirst()
              .orElseThrow();
      List<String> before = engine.answer("KEYS", "openmmp:{site}:answers:*").lines().toList();
      administrator.start();
      List<String> after = new ArrayList<>();
      Await.until(
          "the second has answered",
          LIMIT,
          () -> {
            engine
                .answer("KEYS", "openmmp:{site}:answers:*")
                .lines()
                .filter(each -> !before.contains(each))
                .forEach(after::add);
            return !after.isEmpty();
          });
      String key = after.get(0);
      String second = engine.answer("HKEYS", key).lines().findFirst().orElseThrow();
      poisons(List.of(third)).stream()
          .filter(each -> each.size() < 100) // of too many none is read, and each is alone
          .forEach(poison -> redis("HSET", key, poison));
      engine.answer("EVAL", MOVE, "2", key, key, second, third);
      administrator.join();
      String told = answers.get(0);
      assertTrue(told.contains("mmp3: has not answered") || told.contains("mmp3: is away"), told);
      assertEquals(1, told.lines().filter(each -> each.startsWith("mmp2: ")).count(), told);
      assertEquals(3, told.lines().filter(each -> each.startsWith("mmp")).count(), told);
    } finally {
      three().process().goOn();
    }
    awaitSite(one(), 3);
  }

  @Test
  @Order(7)
  @DisplayName("B10.1: whatever stands in the engine that nobody of the site wrote does nothing")
  void poisoned() {
    String prefix = "openmmp:{site}:";
    engine.answer("HSET", prefix + "nodes", "mmp9/1", "nonsense");
    engine.answer("HSET", prefix + "nodes", "", "");
    engine.answer("HSET", prefix + "words", "mmp9/1", "x".repeat(100_000));
    engine.answer("XADD", prefix + "orders", "*", "o", "drain huey");
    engine.answer("XADD", prefix + "orders", "*", "o", "o", "x", "1-1", "o", "o");
    Await.until(
        () -> "it is told: " + one().log(), LIMIT, () -> warnings(one(), "shared-forged") >= 2);
    assertEveryoneLogsIn();
    awaitSite(one(), 3);
    assertEquals(1.0, metric(one(), UP));
    // A copy of what one front end wrote is believed at no other place.
    String own = engine.answer("HKEYS", prefix + "nodes").lines().findFirst().orElseThrow();
    assertFalse(own.isEmpty());
    engine.answer("DEL", prefix + "orders");
    engine.answer("SET", prefix + "orders", "of another type");
    ALL.forEach(each -> awaitUp(each, 0));
    assertEveryoneLogsIn();
    engine.answer("DEL", prefix + "orders", prefix + "nodes", prefix + "words");
    ALL.forEach(each -> awaitUp(each, 1));
    awaitSite(one(), 3);
  }

  @Test
  @Order(9)
  @DisplayName("B10.5: who guesses at three front ends is slowed as at one")
  void guesserIsSlowedByAll() {
    long forged = forgedGuesses();
    for (int i = 0; i < 6; i++) {
      guess(ALL.get(i % 2), "guess-" + i);
    }
    // A password that was tried before counts once, whether this front end has heard of it or not.
    Duration whole = Duration.ofMillis(3_200);
    Await.until(
        "the third front end has heard of six",
        LIMIT,
        () -> guess(three(), "guess-0").compareTo(whole) >= 0);
    assertEveryoneLogsIn();
    String dump = engine.dump();
    assertTrue(dump.contains("openmmp:{site}:guesses"), dump);
    assertFalse(dump.contains("127.0.0") || dump.contains("guess-"), dump);
    assertEquals(forged, forgedGuesses(), "nobody forged one");
  }

  @Test
  @Order(8)
  @DisplayName("B10.6: a user has no more sessions at all front ends than at one")
  void sessionsOfAUserCountAtAll() {
    List<ImapConnection> sessions = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      sessions.add(loggedIn(ALL.get(i % 2), bob));
    }
    List<String> answers = new ArrayList<>();
    Await.until(
        () -> "the seventh has no room: " + answers,
        LIMIT,
        () -> {
          try (ImapConnection one =
              new ImapConnection(three().at(MailProtocol.IMAP, Endpoint.Security.PLAIN))) {
            answers.add(one.login(bob).toString());
            return answers.get(answers.size() - 1).contains("[LIMIT]");
          }
        });
    three().assertServes(alice);
    two().process().hang(); // what it holds counts no more
    Await.until("there is room at the others", LIMIT, () -> canLogIn(three(), bob));
    two().process().goOn();
    awaitSite(three(), 3);
    Await.until("there is none", LIMIT, () -> !canLogIn(three(), bob));
    sessions.forEach(ImapConnection::close);
    Await.until(
        "there is room again",
        LIMIT,
        () -> {
          try (ImapConnection one =
              new ImapConnection(three().at(MailProtocol.IMAP, Endpoint.Security.PLAIN))) {
            return one.login(bob).isOk();
          }
        });
    assertFalse(engine.dump().contains("bob@"));
  }

  @Test
  @Order(8)
  @DisplayName("B10.7: a client resumes its TLS session at another front end")
  void sessionsResumeElsewhere() {
    for (String version : List.of("-tls1_2", "-tls1_3")) {
      Path session = site.file("session" + version, "");
      assertTrue(handshake(one(), version, "-sess_out", session).contains("New, TLSv1"));
      Await.until(
          "the session is resumed",
          LIMIT,
          () -> handshake(two(), version, "-sess_in", session).contains("Reused, TLSv1"));
      // The TLS library takes no ticket from the future, and agrees on everything anew.
      String behind = handshake(three(), version, "-sess_in", session);
      assertTrue(behind.contains("New, TLSv1") || behind.contains("Reused, TLSv1"), behind);
      assertTrue(handshake(three(), version, "-sess_out", session).contains("New, TLSv1"));
      for (ProxyProcess ahead : List.of(one(), two())) {
        Await.until(
            "the session of one whose clock is behind is resumed",
            LIMIT,
            () -> handshake(ahead, version, "-sess_in", session).contains("Reused, TLSv1"));
      }
    }
  }

  private static String handshake(ProxyProcess at, String version, String option, Path session) {
    int port = at.at(MailProtocol.IMAP, Endpoint.Security.TLS).port();
    return Command.run(
            Map.of(),
            "a LOGOUT\r\n",
            List.of(
                "openssl",
                "s_client",
                "-connect",
                "127.0.0.1:" + port,
                version,
                "-ign_eof",
                option,
                session.toString()))
        .output();
  }

  private static long forgedGuesses() {
    return ALL.stream().mapToLong(each -> warnings(each, "where=guesses")).sum();
  }

  private static Duration guess(ProxyProcess at, String password) {
    try (ImapConnection connection =
        new ImapConnection(at.at(MailProtocol.IMAP, Endpoint.Security.PLAIN))) {
      long begun = System.nanoTime();
      assertFalse(connection.login(bob, password).isOk());
      return Duration.ofNanos(System.nanoTime() - begun);
    }
  }

  /** A client that has the session of that file; whether it is resumed. */
  private static boolean isResumed(ProxyProcess at, String version, Path session) {
    String told = handshake(at, version, "-sess_in", session);
    assertTrue(told.contains("New, TLSv1") || told.contains("Reused, TLSv1"), told);
    return told.contains("Reused, TLSv1");
  }

  /** Sessions of both versions that began at that front end now. */
  private static Map<String, Path> begun(ProxyProcess at, String name) {
    Map<String, Path> sessions = new HashMap<>();
    for (String version : List.of("-tls1_2", "-tls1_3")) {
      Path session = site.file(name + version, "");
      assertTrue(handshake(at, version, "-sess_out", session).contains("New, TLSv1"));
      sessions.put(version, session);
    }
    return sessions;
  }

  private static void awaitResumed(ProxyProcess at, Map<String, Path> sessions) {
    sessions.forEach(
        (version, session) ->
            Await.until("it is resumed", LIMIT, () -> isResumed(at, version, session)));
  }

  @Test
  @Order(8)
  @DisplayName("B10.7: a ticket opens everywhere for an hour more, and nowhere after another one")
  void ticketsOutliveOneRotation() {
    int port = Ports.freeOn("127.0.0.1");
    ProxyProcess sealing =
        site.start(
            "mmp8",
            configuration("mmp8", "mmp8"),
            List.of("JAVA_TOOL_OPTIONS=" + TurnedClock.option(port)));
    awaitUp(sealing, 1);
    awaitSite(one(), 4);
    try (TurnedClock secret = new TurnedClock(port, "org.openmmp.shared.Tickets", "madeNanos")) {
      Map<String, Path> first = begun(sealing, "first");
      awaitResumed(one(), first);
      anHourPasses(secret);
      Map<String, Path> second = begun(sealing, "second");
      awaitResumed(one(), second); // it has heard of the new secret
      awaitResumed(one(), first);
      awaitResumed(sealing, first);
      anHourPasses(secret);
      awaitResumed(one(), begun(sealing, "third"));
      awaitResumed(one(), second);
      for (ProxyProcess each : List.of(one(), sealing)) {
        first.forEach((version, session) -> assertFalse(isResumed(each, version, session)));
      }
    }
    sealing.close();
    awaitSite(one(), 3);
  }

  private static void anHourPasses(TurnedClock secret) {
    long made = secret.nanos();
    secret.turnBack(Duration.ofMinutes(61));
    Await.until("there is a new secret", LIMIT, () -> secret.nanos() - made > 0);
  }

  /** How long it takes until so many were let in, one after the other. */
  private static Duration letIn(ProxyProcess at, int logins) {
    long begun = System.nanoTime();
    for (int i = 0; i < logins; i++) {
      loggedIn(at, fay).close();
    }
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  @Test
  @Order(8)
  @DisplayName("B10.6: a store's logins a second are divided by the front ends that live")
  void storesLoginsAreDivided() throws Exception {
    // Each gives a third of 24 a second to the store, and all of them while the others are away.
    Duration atThirds = Duration.ofMillis(1_800);
    Duration took = letIn(one(), 20);
    assertTrue(took.compareTo(atThirds) > 0, took::toString);
    two().process().hang();
    three().process().hang();
    try {
      Await.until("it has all", LIMIT, () -> letIn(one(), 20).compareTo(atThirds) < 0);
    } finally {
      two().process().goOn();
      three().process().goOn();
    }
    Await.until("it has a third", LIMIT, () -> letIn(one(), 20).compareTo(atThirds) > 0);
    awaitSite(one(), 3);
    engine.process().hang(); // by as many as were there last
    ALL.forEach(each -> awaitUp(each, 0));
    Duration alone = letIn(one(), 20);
    engine.process().goOn();
    assertTrue(alone.compareTo(atThirds) > 0, alone::toString);
    ALL.forEach(each -> awaitUp(each, 1));
    awaitSite(one(), 3);
  }

  @Test
  @Order(6)
  @DisplayName(
      "B10.1: full, read-only, without a right or its replicas: each works alone, warns once")
  void engineRefuses() {
    List<List<String>> refusals =
        List.of(
            List.of("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
            List.of("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0"),
            List.of("ACL SETUSER default -hset", "ACL SETUSER default +hset"),
            List.of("ACL SETUSER default -xadd", "ACL SETUSER default +xadd"),
            List.of("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"));
    try (LoginsBeside beside = new LoginsBeside()) {
      for (List<String> each : refusals) {
        long before = warnings(one(), "shared-away");
        assertEquals("OK", engine.answer(each.get(0).split(" ")));
        if (each.get(0).contains("xadd")) { // what is not asked at once is with the next connection
          engine.answer("CLIENT", "KILL", "TYPE", "normal");
        }
        ALL.forEach(front -> awaitUp(front, 0));
        beside.assertGoOn();
        assertEquals("OK", engine.answer(each.get(1).split(" ")));
        ALL.forEach(front -> awaitUp(front, 1));
        assertEquals(before + 1, warnings(one(), "shared-away"), each::toString);
      }
      engine.answer("CONFIG", "SET", "maxmemory-policy", "allkeys-random");
      String used = engine.answer("INFO", "memory").replaceAll("(?s).*used_memory:(\\d+).*", "$1");
      engine.answer("CONFIG", "SET", "maxmemory", used);
      beside.assertGoOn(); // now and then a key of ours is evicted
      beside.assertGoOn();
      engine.answer("CONFIG", "SET", "maxmemory", "0");
      engine.answer("CONFIG", "SET", "maxmemory-policy", "noeviction");
    }
    emptyEngine();
  }

  @Test
  @Order(7)
  @DisplayName("B10.4: who has another key by now is shown so, and a command says it is not told")
  void keyIsChanged() {
    String own = configuration("mmp2", "mmp2");
    RunDirectory.write(two().configuration(), own.replace(KEY, "another-key-than-theirs"));
    told(two(), "reload");
    Await.until(
        () -> told(one(), "site"),
        LIMIT,
        () ->
            told(one(), "site").lines().anyMatch(each -> each.matches(" *mmp2 +other key for .*")));
    OperatedSite.Ran ran = OperatedSite.openmmp(one().configuration(), "drain louie.example.com");
    assertEquals(1, ran.status(), ran::told);
    assertTrue(ran.told().contains("another key by now, and is not told"), ran::told);
    assertTrue(told(three(), "status").contains("drained"), () -> told(three(), "status"));
    assertTrue(one().log().contains("action=drain with="), one()::log);
    assertTrue(one().log().contains("result=in-part status=502"), one()::log);
    RunDirectory.write(two().configuration(), own);
    told(two(), "reload");
    awaitSite(one(), 3);
    told(one(), "undrain louie.example.com");
    emptyEngine();
  }

  @Test
  @Order(8)
  @DisplayName("B10.1: two front ends of one name are told, and both work")
  void twoOfOneName() throws Exception {
    try (LoginsBeside beside = new LoginsBeside()) {
      ProxyProcess twin = startAs("mmp4", "mmp3");
      awaitUp(twin, 1);
      Await.until(
          () -> "it is told: " + one().log(),
          LIMIT,
          () -> warnings(one(), "shared-name-twice") > 0);
      beside.assertGoOn();
      twin.assertServes(alice);
      twin.close();
    }
    Await.until( // the other one is there, and nobody of that name is away
        () -> told(one(), "site"),
        LIMIT,
        () -> told(one(), "site").lines().filter(each -> each.contains("mmp3 ")).count() == 1);
    awaitSite(one(), 3);
    assertTrue(
        new String(engine.dump().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
            .contains("mmp3/"));
  }

  @Test
  @Order(2)
  @DisplayName("B10.2: each command that is for all is done at all, with the same answer")
  void everyCommandReachesAll() {
    for (String command :
        List.of(
            "flush alice",
            "prefer goofy.example.com",
            "failback dogs",
            "recovery dogs on",
            "recovery dogs off",
            "retire goofy.example.com",
            "undrain goofy.example.com",
            "activate-site dogs --yes",
            "deactivate-site dogs --yes")) {
      OperatedSite.Ran ran = OperatedSite.openmmp(two().configuration(), command);
      assertEquals(0, ran.status(), ran::told);
      List<String> lines = ran.printed().lines().filter(each -> each.startsWith("mmp")).toList();
      assertEquals(
          List.of("mmp2", "mmp1", "mmp3"),
          lines.stream().map(each -> each.substring(0, 4)).toList(),
          ran::told);
      assertEquals(1, lines.stream().map(each -> each.substring(4)).distinct().count(), ran::told);
    }
  }

  @Test
  @Order(2)
  @DisplayName("B10.2: of two opposite commands at one moment the same one holds at all")
  void oppositeCommandsAtOnce() throws Exception {
    for (int i = 0; i < 5; i++) {
      Thread drain = new Thread(() -> told(one(), "drain louie.example.com"));
      Thread undrain = new Thread(() -> told(two(), "undrain louie.example.com"));
      drain.start();
      undrain.start();
      drain.join();
      undrain.join();
      Await.until(
          "they agree",
          LIMIT,
          () ->
              ALL.stream().map(each -> told(each, "status").contains("drained")).distinct().count()
                  == 1);
    }
    told(one(), "undrain louie.example.com");
  }

  @Test
  @Order(2)
  @DisplayName("B10.4: whose groups are others, is shown at all front ends")
  void othersGroupsAreShown() {
    String own = configuration("mmp3", "mmp3");
    RunDirectory.write(
        three().configuration(), own + "openmmp.proxy.more.storehostlist = huey.example.com\n");
    told(three(), "reload");
    for (ProxyProcess each : ALL) {
      Await.until(
          () -> told(each, "site"),
          LIMIT,
          () -> told(each, "site").lines().anyMatch(line -> line.contains(" others ")));
    }
    RunDirectory.write(three().configuration(), own);
    told(three(), "reload");
    for (ProxyProcess each : ALL) {
      Await.until(() -> told(each, "site"), LIMIT, () -> !told(each, "site").contains(" others "));
    }
    awaitSite(one(), 3);
  }

  /** The second anew, with its files or others. */
  private static ProxyProcess restarted(String process, String files) {
    two().close();
    ProxyProcess next = site.start(process, configuration(files, "mmp2"), clock("+3600"));
    ALL.set(1, next);
    awaitUp(next, 1);
    awaitSite(one(), 3);
    return next;
  }

  @Test
  @Order(6)
  @DisplayName("B10.2: a standby site stays active over an engine that is emptied and a restart")
  void siteActivationOutlivesTheEngine() throws Exception {
    told(one(), "activate-site dogs --yes");
    engine.process().kill();
    engine.restart();
    ALL.forEach(each -> awaitUp(each, 1));
    restarted("mmp2-again", "mmp2");
    assertEquals("0", engine.answer("EXISTS", ORDERS), "nobody tells it of the activation");
    for (ProxyProcess each : ALL) {
      assertTrue(told(each, "status").contains("standby site active"), () -> told(each, "status"));
    }
    told(three(), "deactivate-site dogs --yes");
    for (ProxyProcess each : ALL) {
      assertFalse(told(each, "status").contains("standby site active"), () -> told(each, "status"));
    }
  }

  @Test
  @Order(7)
  @DisplayName("B10.2: a new installation of a name is no twin, stands there once, and catches up")
  void newInstallationOfAName() {
    long twice = warnings(one(), "shared-name-twice");
    told(one(), "drain louie.example.com");
    ProxyProcess anew = restarted("mmp2-anew", "mmp2-anew");
    assertTrue(told(anew, "status").contains("drained"), () -> told(anew, "status"));
    String shown = told(one(), "site");
    assertEquals(1, shown.lines().filter(each -> each.contains("mmp2 ")).count(), shown);
    String answers = told(one(), "undrain louie.example.com");
    assertEquals(3, answers.lines().filter(each -> each.startsWith("mmp")).count(), answers);
    assertFalse(answers.contains("away") || answers.contains("not answered"), answers);
    assertEquals(twice, warnings(one(), "shared-name-twice"));
  }

  @Test
  @Order(7)
  @DisplayName("B10.1: a front end with another key works alone, and both sides are told")
  void anotherKey() {
    ProxyProcess stranger =
        site.start("mmp6", configuration("mmp6", "mmp6").replace(KEY, "another-key-than-theirs"));
    for (ProxyProcess each : List.of(stranger, one())) {
      Await.until(each::log, LIMIT, () -> each.log().contains("shared-forged where=nodes"));
    }
    assertEquals(1, told(stranger, "site").lines().filter(each -> each.contains(" here ")).count());
    awaitSite(one(), 3);
    told(stranger, "drain louie.example.com");
    assertFalse(told(one(), "status").contains("drained"), () -> told(one(), "status"));
    stranger.assertServes(alice);
    stranger.close();
    emptyEngine();
  }

  @Test
  @Order(7)
  @DisplayName("B10.1: whatever is there in the engine's place, logins go on, and it is told once")
  void engineThatLies() {
    try (LyingEngine lying = new LyingEngine(LyingEngine.Way.SAYS_OK)) {
      ProxyProcess alone =
          site.start("mmp7", configuration("mmp7", "mmp7").replace(engine.url(), lying.url()));
      Await.until(alone::log, LIMIT, () -> warnings(alone, "shared-away") == 1);
      for (LyingEngine.Way way : LyingEngine.Way.values()) {
        lying.go(way);
        for (int i = 0; i < 5; i++) {
          alone.assertServes(erin);
        }
      }
      assertEquals(1, warnings(alone, "shared-away"), alone::log);
      assertEquals(0.0, metric(alone, UP));
      alone.close();
    }
  }

  private static List<Socket> connected(ProxyProcess at, int count) throws IOException {
    List<Socket> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Socket client = new Socket();
      client.bind(new InetSocketAddress("127.0.0.9", 0));
      client.connect(
          new InetSocketAddress(
              "127.0.0.1", at.at(MailProtocol.IMAP, Endpoint.Security.PLAIN).port()));
      client.setSoTimeout((int) LIMIT.toMillis());
      all.add(client);
    }
    return all;
  }

  private static boolean isGreeted(Socket client) throws IOException {
    byte[] greeting = client.getInputStream().readNBytes(4);
    return new String(greeting, StandardCharsets.US_ASCII).equals("* OK");
  }

  @Test
  @Order(8)
  @DisplayName("B10.6: an address has no more connections at all front ends than at one")
  void connectionsOfAnAddressCountAtAll() throws Exception {
    List<Socket> all = connected(one(), 12);
    all.addAll(connected(two(), 12));
    for (Socket each : all) {
      assertTrue(isGreeted(each));
    }
    Await.until("there is no room at the third", LIMIT, () -> !findsRoom(three()));
    three().assertServes(alice);
    for (Socket each : all) {
      each.close();
    }
    Await.until("there is room again", LIMIT, () -> findsRoom(three()));
  }

  private static boolean findsRoom(ProxyProcess at) {
    try (Socket one = connected(at, 1).get(0)) {
      return isGreeted(one);
    } catch (IOException e) {
      return false;
    }
  }
}
