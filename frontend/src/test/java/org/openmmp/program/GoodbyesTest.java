package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.guard.Farewell;
import org.openmmp.repgroup.GroupSnapshot.Use;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.transport.OpenSessions;
import org.openmmp.transport.QuietSession;
import org.openmmp.transport.SessionFacts;
import org.openmmp.wire.Network;

/**
 * Whom an order of an administrator sends away, and whom it cuts at its limit of 30 s: nobody but
 * who was told, and is where he was told (rules B2.26, B8.1, B9.7).
 */
class GoodbyesTest {
  private static final Duration SPREAD = Duration.ofSeconds(20);
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final StoreHost HUEY = new StoreHost("huey");
  private static final int MORE = 40;

  private final EmbeddedChannel clock = new EmbeddedChannel();
  private final OpenSessions sessions = new OpenSessions();
  private long millis;
  private String master = "";
  private Use use = Use.DRAINED;

  GoodbyesTest() {
    clock.freezeTime();
  }

  @AfterEach
  void close() {
    clock.finishAndReleaseAll();
  }

  /** One whose mailbox is open at a store, or who has not logged in yet. */
  private final class Client extends QuietSession {
    private final List<String> heard = new ArrayList<>();
    private final String service;
    private final String group;
    private String host;
    private int moves;

    Client(String host, String service, String group) {
      super("client");
      this.host = host;
      this.service = service;
      this.group = group;
      sessions.add(this, Runnable::run);
    }

    Client(String host) {
      this(host, "imap", "ducks");
    }

    void goesOnAt(String store) {
      host = store;
      moves++;
    }

    void logsInAt(String store) {
      host = store;
    }

    @Override
    public SessionFacts facts() {
      Network network = Network.of(InetAddress.getLoopbackAddress());
      boolean in = !host.isEmpty();
      return new SessionFacts(
          "client",
          service,
          network,
          Instant.EPOCH,
          in ? "amy" : "",
          "",
          in ? group : "",
          host,
          0,
          0);
    }

    @Override
    public int moves() {
      return moves;
    }

    @Override
    public void endAtSafePoint(Farewell why) {
      heard.add("told " + millis / 1_000);
    }

    @Override
    public void end(Farewell why) {
      heard.add("cut " + millis / 1_000);
      sessions.remove(this);
    }

    String heard() {
      return String.join(", ", heard);
    }
  }

  private void begin(String order) {
    Supplier<Function<SessionFacts, Goodbyes.Turn>> turns =
        switch (order) {
          case "failback" -> () -> facts -> GroupActions.turn("ducks", master, facts);
          case "drain" -> () -> facts -> HostActions.turn(HUEY, Map.of("ducks imap", use), facts);
          default -> () -> SelfDrain::leaves;
        };
    Goodbyes goodbyes =
        new Goodbyes(sessions, clock.eventLoop(), turns, () -> {}, Farewell.DRAINED, SPREAD, LIMIT);
    if (order.equals("failback")) {
      goodbyes.untilLimit();
    }
    goodbyes.begin();
    clock.runPendingTasks();
  }

  private void passes(long more) {
    for (long end = millis + more; millis < end; ) {
      millis += 50;
      clock.advanceTimeBy(50, TimeUnit.MILLISECONDS);
      clock.runScheduledPendingTasks();
      clock.runPendingTasks();
    }
  }

  private void happens(Client client, String word, String what) {
    switch (word) {
      case "master" -> master = what;
      case "use" -> use = Use.valueOf(what);
      case "at" -> client.goesOnAt(what);
      default -> client.logsInAt(what);
    }
  }

  /** What happens is told with its second; what happens at second 0 has happened before. */
  private String heard(String order, Client client, String events) {
    Map<Integer, List<String[]>> bySecond = new HashMap<>();
    for (String event : events.split(", ")) {
      String[] words = event.split(" ");
      bySecond.computeIfAbsent(Integer.parseInt(words[0]), s -> new ArrayList<>()).add(words);
    }
    bySecond.getOrDefault(0, List.of()).forEach(each -> happens(client, each[1], each[2]));
    begin(order);
    passes(50);
    for (int second = 1; second <= 100; second++) {
      passes(1_000);
      bySecond.getOrDefault(second, List.of()).forEach(each -> happens(client, each[1], each[2]));
    }
    return client.heard();
  }

  @ParameterizedTest(name = "{0}: at {1}; {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        // It stays where it was found: it is busy.
        "failback | huey  | 0 master dewey | told 0, cut 30",
        "drain    | huey  | 0 use DRAINED | told 0, cut 30",
        "drain    | huey  | 0 use RETIRED | told 0, cut 30",
        "self     | huey  | 0 use IN_USE | told 0, cut 30",
        // It leaves.
        "failback | huey  | 0 master dewey, 1 at dewey | told 0",
        "drain    | huey  | 0 use DRAINED, 1 at dewey | told 0",
        // The master fails to which it was brought.
        "failback | huey  | 0 master dewey, 1 at dewey, 9 at louie | told 0",
        "failback | huey  | 0 master dewey, 1 at dewey, 9 at huey | told 0",
        "failback | huey  | 0 master dewey, 1 at dewey, 9 at louie, 12 master huey | told 0",
        "failback | huey  | 0 master dewey, 1 at dewey, 9 master louie | told 0",
        // An administrator moves it elsewhere meanwhile.
        "failback | huey  | 0 master dewey, 5 at louie | told 0",
        "failback | dewey | 0 master dewey, 5 at louie | ''",
        "failback | dewey | 0 master dewey, 29 at louie | ''",
        // The master is known late, or never, or is another one.
        "failback | huey  | 29 master dewey | told 29, cut 60",
        "failback | huey  | 31 master dewey | ''",
        "failback | huey  | 0 use IN_USE | ''",
        "failback | dewey | 0 master dewey, 5 master huey | told 5, cut 36",
        "failback | huey  | 0 master dewey, 29 master huey | told 0",
        // It comes while the order lasts, or afterwards.
        "failback | ''    | 0 master dewey, 3 login huey | told 3, cut 34",
        "failback | ''    | 0 master dewey, 40 login huey | ''",
        "failback | huey  | 0 master huey, 40 master dewey | ''",
        "self     | ''    | 3 login huey | told 3, cut 34",
        "drain    | ''    | 3 login huey | told 3, cut 34",
        // A drain lasts until it is taken back.
        "drain    | ''    | 40 login huey | told 41, cut 71",
        "drain    | dewey | 40 at huey | told 41, cut 71",
        "drain    | dewey | 5 at louie, 40 login louie | ''",
        "drain    | huey  | 1 at dewey, 9 at huey | told 0, told 9, cut 40",
        "drain    | huey  | 1 at dewey, 40 at huey | told 0, told 41, cut 71",
        "drain    | huey  | 0 use DRAINED_AND_NEEDED | ''",
        "drain    | huey  | 0 use DRAINED_AND_NEEDED, 40 use DRAINED | told 41, cut 71",
        "drain    | huey  | 29 use DRAINED_AND_NEEDED, 50 use DRAINED | told 0, told 51, cut 81",
        "drain    | huey  | 1 at dewey, 9 use DRAINED_AND_NEEDED, 9 at huey, 50 use DRAINED"
            + " | told 0, told 51, cut 81",
        "drain    | huey  | 0 use TO_BE_DRAINED | told 0, cut 30",
        "drain    | huey  | 0 use IN_USE, 40 use DRAINED | ''",
      })
  void onlyWhoWasToldAndIsStillThereIsCut(String order, String at, String events, String heard) {
    assertEquals(heard, heard(order, new Client(at), events));
  }

  @Test // B9.7
  void failbackConcernsTheGroupsImapOnly() {
    assertEquals("", heard("failback", new Client("huey", "pop3", "ducks"), "0 master dewey"));
    assertEquals("", heard("failback", new Client("huey", "imap", "geese"), "0 master dewey"));
  }

  @Test // B2.29
  void whoMustGoOnceAnotherHostTakesOverIsToldBitByBitHoweverLateThatIs() {
    use = Use.DRAINED_AND_NEEDED;
    List<Client> crowd = IntStream.range(0, 400).mapToObj(any -> new Client("huey")).toList();
    begin("drain");
    passes(3_600_000);
    use = Use.DRAINED;
    passes(10_000);
    long half = crowd.stream().filter(each -> !each.heard().isEmpty()).count();
    assertTrue(half > 150 && half < 250, () -> half + " were told in half of the time");
    passes(12_000);
    assertTrue(crowd.stream().noneMatch(each -> each.heard().isEmpty()), "all were told");
    assertTrue(crowd.stream().noneMatch(each -> each.heard().contains("cut")), "none was cut");
  }

  @Test // B2.26
  void nobodyIsCutBeforeItWasHisTurnToFindOutWhetherAnotherHostTakesOver() {
    use = Use.TO_BE_DRAINED;
    List<Client> clients = IntStream.range(0, 200).mapToObj(any -> new Client("huey")).toList();
    begin("drain");
    passes(TimeUnit.SECONDS.toMillis(LIMIT.toSeconds() + MORE));
    long told = clients.stream().filter(each -> !each.heard().isEmpty()).count();
    long cut = clients.stream().filter(each -> each.heard().contains("cut")).count();
    assertTrue(told > 65 && told < 75, () -> told + " were told, one in a second");
    assertTrue(cut > MORE - 5 && cut < MORE + 5, () -> cut + " were cut 30 s later");
  }

  @Test // B9.7
  void anOrderEndsByItselfOnceAllWereToldAndTheirTimeIsOver() {
    master = "dewey";
    Client told = new Client("huey");
    begin("failback");
    passes(40_000);
    assertEquals("told 0, cut 30", told.heard());
    assertEquals(-1, clock.runScheduledPendingTasks(), "nothing is asked any more");
  }
}
