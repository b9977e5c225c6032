package org.openmmp.it.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.RedisServer;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeBehaviour;

/** Three front ends that share a Redis server act as one, and each alone when it fails them. */
@Tag("real-servers")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class SeveralFrontEndsTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String KEY = "a-key-that-three-front-ends-share";
  private static final Pattern UP = Pattern.compile("(?m)^openmmp_shared_up (\\S+)$");

  private static final Pattern PROBES_OF_REMY =
      Pattern.compile(
          "(?m)^openmmp_store_probes_total\\{group=\"rats\",host=\"remy[^}]*result=\"failed\"[^}]*service=\"imap\"[^}]*}"
              + " (\\S+)$");

  private static OperatedSite site;
  private static RedisServer engine;
  private static MailUser alice;
  private static MailUser bob;
  private static MailUser carol;
  private static MailUser dora;
  private static final List<ProxyProcess> ALL = new ArrayList<>();

  @BeforeAll
  static void start() {
    site = new OperatedSite(SeveralFrontEndsTest.class);
    engine = new RedisServer(site.run(), "redis");
    site.cluster("ducks", "huey", "dewey", "louie")
        .cluster("mice", "mickey", "minnie", "morty")
        .cluster("rats", "remy", "emile");
    alice = site.user("alice", "ducks");
    bob = site.user("bob", "ducks");
    carol = site.user("carol", "mice");
    dora = site.user("dora", "rats");
    site.expectingInLog("shared-(away|forged|name-twice|tables-differ)")
        .expectingInLog("cool-down|no-master|served-elsewhere|outcome=")
        // one of them is stopped for a while
        .expectingInLog("own standstill");
    for (String name : List.of("mmp1", "mmp2", "mmp3")) {
      ALL.add(startAs(name, name));
    }
    ALL.forEach(each -> awaitUp(each, 1));
    awaitSite(ALL.get(0), 3);
  }

  private static ProxyProcess startAs(String name, String node) {
    return site.start(name, configuration(name, node));
  }

  private static String configuration(String name, String node) {
    return site.settings()
        + site.group("ducks", "huey", "dewey", "louie")
        + site.group("mice", "mickey", "minnie", "morty")
        + site.group("rats", "remy", "emile")
        + """
        openmmp {
          hostname = %1$s.example.com
          admin.socket = "%2$s.sock"
          state-file = "%2$s.state"
          proxy-defaults { connect-timeout = 2s, greeting-timeout = 5s }
          shared { url = "%3$s", key = "%4$s", node = %5$s, limit = 500ms }
          drain { lead = 0s, spread = 0s, limit = 1s }
          limits { exempt-networks = [], sessions-per-user = 6, penalty { first = 100ms, max = 4s } }
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

  @Test
  @Order(3)
  @DisplayName("B10.2: a front end that was away does what it missed when it is back")
  void whoWasAwayCatchesUp() {
    three().process().hang();
    awaitSite(one(), 2);
    String drained = told(one(), "drain louie.example.com");
    assertTrue(drained.contains("mmp3: is away"), drained);
    three().process().goOn();
    Await.until(
        () -> "louie is drained: " + told(three(), "status"),
        LIMIT,
        () -> told(three(), "status").contains("drained"));
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
    }
    String dump = engine.dump();
    assertTrue(dump.contains("openmmp:{site}:orders"), dump);
    for (String word :
        List.of("alice", "bob", "carol", "huey", "remy", "ducks", "rats", "kick", KEY)) {
      assertFalse(dump.contains(word), word);
    }
  }

  @Test
  @Order(6)
  @DisplayName("B10.1: killed, hanging, emptied, restarted: each front end works alone, warns once")
  void engineFails() {
    long before = warnings(one(), "shared-away");
    engine.process().kill();
    assertEveryoneLogsIn();
    ALL.forEach(each -> awaitUp(each, 0));
    assertEveryoneLogsIn();
    OperatedSite.Ran ran = OperatedSite.openmmp(one().configuration(), "failback ducks");
    assertTrue(ran.told().contains("nobody else was told"), ran::told);
    assertEquals(1, ran.status(), ran::told);
    engine.restart();
    ALL.forEach(each -> awaitUp(each, 1));
    assertEquals(before + 1, warnings(one(), "shared-away"));
    awaitSite(one(), 3);

    engine.process().hang();
    assertEveryoneLogsIn();
    ALL.forEach(each -> awaitUp(each, 0));
    assertEveryoneLogsIn();
    engine.process().goOn();
    ALL.forEach(each -> awaitUp(each, 1));
    assertEquals(before + 2, warnings(one(), "shared-away"));

    engine.answer("FLUSHALL");
    assertEveryoneLogsIn();
    awaitSite(one(), 3);
    assertEquals(before + 2, warnings(one(), "shared-away"));
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
    assertFalse(
        ALL.stream().anyMatch(each -> each.log().contains("where=guesses")), "nobody forged one");
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
    assertFalse(engine.dump().contains("bob"));
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
      assertTrue(handshake(three(), version, "-sess_in", session).contains("Reused, TLSv1"));
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

  private static Duration guess(ProxyProcess at, String password) {
    try (ImapConnection connection =
        new ImapConnection(at.at(MailProtocol.IMAP, Endpoint.Security.PLAIN))) {
      long begun = System.nanoTime();
      assertFalse(connection.login(bob, password).isOk());
      return Duration.ofNanos(System.nanoTime() - begun);
    }
  }

  @Test
  @Order(8)
  @DisplayName("B10.1: two front ends of one name are told, and both work")
  void twoOfOneName() {
    ProxyProcess twin = startAs("mmp4", "mmp3");
    awaitUp(twin, 1);
    Await.until(
        () -> "it is told: " + one().log(), LIMIT, () -> warnings(one(), "shared-name-twice") > 0);
    assertEveryoneLogsIn();
    twin.assertServes(alice);
    assertTrue(
        new String(engine.dump().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
            .contains("mmp3/"));
  }
}
