package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.it.fixture.MailSite.DEWEY;
import static org.openmmp.it.fixture.MailSite.GROUP;
import static org.openmmp.it.fixture.MailSite.HUEY;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.AdminOnSocket;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Cyrus;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailPort;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.ProxyProcess;

/**
 * Sessions that are moved again and again, between servers that are killed, hang, are drained,
 * left, preferred and come back to, while others change their mailboxes: each client's model of its
 * mailbox is compared with what is there after each move (rules B9.3, B9.5, B9.6).
 *
 * <p>{@code -Dsurvival.moves=2000 -Dsurvival.seconds=3600} is how long, {@code -Dsurvival.seed=2}
 * with which chance, {@code -Dsurvival.users=100} how many sessions there are; a thousand moves and
 * more freeze stores as well. It prints how many there were, and why some were not.
 */
@Tag("real-servers")
final class SurvivingMovesTest {
  private static final int MOVES = Integer.getInteger("survival.moves", 200);
  private static final Duration LIMIT =
      Duration.ofSeconds(Integer.getInteger("survival.seconds", 40));
  private static final long SEED = Long.getLong("survival.seed", 1);
  private static final int SESSIONS = Integer.getInteger("survival.users", 20);
  private static final int MANY_MOVES = 1_000;

  /** Those with sessions that last, and one who only finds out which stores serve. */
  private static final List<MailUser> ALL =
      IntStream.rangeClosed(0, SESSIONS).mapToObj(each -> MailUser.of("mover" + each)).toList();

  private static final List<MailUser> USERS = ALL.subList(0, SESSIONS);
  private static final MailUser FINDER = ALL.get(SESSIONS);

  /** A session that is lost more often within a minute is taken for one that its stores end. */
  private static final int MOST_LOSSES = 3;

  private static final Duration LOSSES_WITHIN = Duration.ofSeconds(61);

  /** What the log may say of stores that end. */
  private static final String EXPECTED =
      "selection (cool-down|master|logins-turned-away) group=cluster1 service=\\S+ .*";

  /** What is done to the store. */
  private enum Fault {
    KILL,
    KILL_BOTH,
    MOVE,
    DRAIN,
    PREFER,
    FAILBACK,
    HANG
  }

  /** What is done in long runs, by chance. */
  private static final List<Fault> LONG =
      mixed(
          Map.of(
              Fault.KILL, 3,
              Fault.KILL_BOTH, 1,
              Fault.HANG, 1,
              Fault.MOVE, 5,
              Fault.DRAIN, 4,
              Fault.PREFER, 3,
              Fault.FAILBACK, 3));

  /** What is done in short ones, which have no time for what takes long. */
  private static final List<Fault> SHORT =
      mixed(Map.of(Fault.KILL, 7, Fault.KILL_BOTH, 3, Fault.MOVE, 6, Fault.DRAIN, 4));

  /** What takes the store from its sessions. */
  private static final Set<Fault> LOSSES = EnumSet.of(Fault.KILL, Fault.KILL_BOTH, Fault.HANG);

  /**
   * What the stores bear on a busy machine.
   *
   * @param greeting how long one may take to greet, in seconds
   * @param moves how many logins a second, about
   */
  private record Pace(int greeting, int moves) {
    static final Pace DOVECOT = new Pace(1, 500);

    /** It starts a process for each connection, which takes a seventh of a processor's second. */
    static final Pace CYRUS = new Pace(5, 10);
  }

  /** A server that can be ended, and what it takes to do so. */
  private record Store(Runnable kill, Runnable restart, Runnable hang, Runnable goOn) {
    static Store of(Dovecot dovecot) {
      return new Store(dovecot::kill, dovecot::restart, dovecot::hang, dovecot::goOn);
    }

    static Store of(Cyrus cyrus) {
      return new Store(cyrus::kill, cyrus::restart, cyrus::hang, cyrus::goOn);
    }
  }

  /** Three Dovecots on one spool, one of which the front end does not know: others work there. */
  @Test // B9.3
  void noClientOfDovecotBelievesAnythingThatIsNotSo() {
    try (MailSite site = new MailSite(SurvivingMovesTest.class, ALL)) {
      Endpoint behind = site.imapAt(site.louie().at(MailPort.IMAP).getHostString());
      new Run(site, Map.of(HUEY, Store.of(site.huey()), DEWEY, Store.of(site.dewey())), behind)
          .play("Dovecot", HUEY, DEWEY, Pace.DOVECOT);
    }
  }

  /** Three Cyrus on one spool of one machine, likewise. */
  @Test // B9.3
  void noClientOfCyrusBelievesAnythingThatIsNotSo() {
    try (MailSite site = new MailSite(SurvivingMovesTest.class, ALL)) {
      String ada = "ada.example.com";
      String eve = "eve.example.com";
      try (Cyrus first = new Cyrus(site.run(), site.cyrus("base.example.com"), ALL);
          Cyrus second = new Cyrus(site.run(), site.cyrus(ada), first);
          Cyrus third = new Cyrus(site.run(), site.cyrus(eve), first)) {
        Endpoint behind = site.imapAt(first.settings().address());
        new Run(site, Map.of(ada, Store.of(second), eve, Store.of(third)), behind)
            .play("Cyrus", ada, eve, Pace.CYRUS);
      }
    }
  }

  private static List<Fault> mixed(Map<Fault, Integer> often) {
    return Arrays.stream(Fault.values())
        .flatMap(each -> Collections.nCopies(often.getOrDefault(each, 0), each).stream())
        .toList();
  }

  /** One run of all rounds. */
  private static final class Run {
    private final MailSite site;
    private final Map<String, Store> stores;
    private final Endpoint behind;
    private String first = "";
    private final Random random = new Random(SEED);
    private final Map<String, Integer> goodbyes = new TreeMap<>();
    private final List<Long> losses = new ArrayList<>();
    private final Map<Fault, Integer> faults = new LinkedHashMap<>();
    private final Map<Fault, Integer> moves = new EnumMap<>(Fault.class);
    private final Map<Fault, Long> seconds = new EnumMap<>(Fault.class);
    private final ExecutorService pool = Executors.newFixedThreadPool(8);

    Run(MailSite site, Map<String, Store> stores, Endpoint behind) {
      this.site = site;
      this.stores = stores;
      this.behind = behind;
    }

    void play(String what, String master, String standby, Pace pace) {
      first = master;
      Path socket =
          Path.of(System.getProperty("java.io.tmpdir"), "moves-" + ProcessHandle.current().pid());
      String settings =
          site.surviving(socket, master, standby)
              + """
              openmmp.proxy-defaults {
                greeting-timeout = %ds, survival.moves-per-second = %d
                cool-down { first = 100ms, max = 100ms }
              }
              """
                  .formatted(pace.greeting(), pace.moves());
      long begun = System.nanoTime();
      try {
        site.withProxy(
            settings, proxy -> rounds(what, proxy, new AdminOnSocket(socket), begun), EXPECTED);
      } finally {
        pool.shutdownNow();
      }
    }

    private void rounds(String what, ProxyProcess proxy, AdminOnSocket admin, long begun) {
      SessionOutcomes sessions = new SessionOutcomes(site.run().log("proxy1"));
      List<SurvivingClient> clients = new ArrayList<>();
      try {
        for (MailUser user : USERS) {
          clients.add(
              new SurvivingClient(
                  user,
                  proxy.imap(Endpoint.Security.PLAIN),
                  behind,
                  SEED * 1_000 + clients.size(),
                  goodbyes));
        }
        do {
          round(clients, sessions, proxy, admin);
        } while (sessions.moved() < MOVES && System.nanoTime() - begun < LIMIT.toNanos());
        assertTrue(sessions.moved() > 0, () -> "none has moved: " + sessions.reasons());
      } finally {
        System.out.printf(
            "%s: %d moves in %d s, rounds: %s, their moves: %s, their seconds: %s, why not: %s,"
                + " heard: %s%n",
            what,
            sessions.moved(),
            Duration.ofNanos(System.nanoTime() - begun).toSeconds(),
            faults,
            moves,
            seconds,
            sessions.reasons(),
            goodbyes);
        System.out.flush();
        clients.forEach(SurvivingClient::close);
      }
    }

    private void round(
        List<SurvivingClient> clients,
        SessionOutcomes sessions,
        ProxyProcess proxy,
        AdminOnSocket admin) {
      all(clients, SurvivingClient::prepare);
      all(clients, client -> change(client, 2));
      sessions.forget();
      Map<String, Integer> perHost = new TreeMap<>();
      clients.forEach(client -> perHost.merge(sessions.host(client.user()), 1, Integer::sum));
      String host = stores.keySet().stream().max((a, b) -> compare(perHost, a, b)).orElseThrow();
      String next =
          stores.keySet().stream().filter(each -> !each.equals(host)).findAny().orElseThrow();
      List<SurvivingClient> there =
          clients.stream()
              .filter(client -> client.isOpen() && sessions.host(client.user()).equals(host))
              .toList();
      Fault fault = fault(host);
      faults.merge(fault, 1, Integer::sum);
      int before = sessions.moved();
      long since = System.nanoTime();
      List<Future<?>> others = new ArrayList<>();
      for (SurvivingClient client : clients) {
        others.add(pool.submit(() -> change(client, 3)));
      }
      all(there, SurvivingClient::ask);
      begin(fault, host, next, admin);
      AtomicBoolean over = new AtomicBoolean();
      if (fault == Fault.HANG) {
        others.add(pool.submit(() -> findOut(proxy, over)));
      }
      try {
        hear(clients, there, others, sessions, fault, host);
      } finally {
        over.set(true);
      }
      end(fault, host, admin);
      others.forEach(Run::join);
      moves.merge(fault, sessions.moved() - before, Integer::sum);
      seconds.merge(fault, Duration.ofNanos(System.nanoTime() - since).toSeconds(), Long::sum);
    }

    /** Others log in: by that a store is given up, and by nothing else. */
    private static void findOut(ProxyProcess proxy, AtomicBoolean over) {
      while (!over.get()) {
        try (ImapConnection other = new ImapConnection(proxy.imap(Endpoint.Security.PLAIN))) {
          other.login(FINDER);
        }
      }
    }

    private void hear(
        List<SurvivingClient> clients,
        List<SurvivingClient> there,
        List<Future<?>> others,
        SessionOutcomes sessions,
        Fault fault,
        String host) {
      if (fault != Fault.HANG) {
        others.forEach(Run::join);
      }
      // A quiet client hears what was expunged by its next command, and its move ends with it.
      await(fault, host, sessions, there.stream().filter(each -> !each.isQuiet()).toList());
      all(clients, SurvivingClient::compare);
      await(fault, host, sessions, there);
      assertEquals(
          "",
          String.join(
              "\n\n",
              clients.stream()
                  .map(SurvivingClient::wrong)
                  .filter(wrong -> !wrong.isEmpty())
                  .toList()),
          () -> "after " + fault + " of " + host);
    }

    private static void await(
        Fault fault, String host, SessionOutcomes sessions, List<SurvivingClient> whose) {
      Await.until(
          () ->
              fault
                  + " of "
                  + host
                  + ": "
                  + whose.stream()
                      .filter(each -> !sessions.isDecided(each.user()))
                      .map(each -> each.user() + " " + each.isOpen())
                      .toList(),
          Duration.ofSeconds(180),
          () -> whose.stream().allMatch(each -> sessions.isDecided(each.user())));
    }

    private static int compare(Map<String, Integer> perHost, String a, String b) {
      return Integer.compare(perHost.getOrDefault(a, 0), perHost.getOrDefault(b, 0));
    }

    /** The first is a death; long runs have each once, then chance has its way. */
    private Fault fault(String host) {
      long now = System.nanoTime();
      losses.removeIf(each -> now - each > LOSSES_WITHIN.toNanos());
      Fault chosen = chosen();
      while (LOSSES.contains(chosen) && losses.size() >= MOST_LOSSES) {
        chosen = byChance();
      }
      if (LOSSES.contains(chosen)) {
        losses.add(now);
      }
      // Nobody goes back who is there.
      return chosen == Fault.FAILBACK && host.equals(first) ? Fault.PREFER : chosen;
    }

    private Fault chosen() {
      if (faults.isEmpty()) {
        return Fault.KILL;
      }
      if (MOVES >= MANY_MOVES && faults.size() < Fault.values().length) {
        return Arrays.stream(Fault.values())
            .filter(each -> !faults.containsKey(each))
            .findFirst()
            .orElseThrow();
      }
      return byChance();
    }

    private Fault byChance() {
      List<Fault> mixture = MOVES >= MANY_MOVES ? LONG : SHORT;
      return mixture.get(random.nextInt(mixture.size()));
    }

    private void begin(Fault fault, String host, String next, AdminOnSocket admin) {
      switch (fault) {
        case KILL -> stores.get(host).kill().run();
        case KILL_BOTH -> {
          stores.get(next).kill().run();
          stores.get(host).kill().run();
          stores.get(next).restart().run();
        }
        case MOVE -> admin.act("move?host=" + host + "&to=" + next);
        case DRAIN -> admin.act("drain?host=" + host);
        case PREFER -> admin.act("prefer?host=" + next + "&group=" + GROUP);
        case FAILBACK -> admin.act("failback?group=" + GROUP);
        case HANG -> stores.get(host).hang().run();
      }
    }

    private void end(Fault fault, String host, AdminOnSocket admin) {
      switch (fault) {
        case KILL, KILL_BOTH -> stores.get(host).restart().run();
        case DRAIN -> admin.act("undrain?host=" + host);
        case HANG -> stores.get(host).goOn().run();
        case MOVE, PREFER, FAILBACK -> {}
      }
    }

    private static void change(SurvivingClient client, int most) {
      for (int i = 0; i < most; i++) {
        client.change();
      }
    }

    private void all(List<SurvivingClient> clients, Consumer<SurvivingClient> what) {
      List<Future<?>> done = new ArrayList<>();
      for (SurvivingClient client : clients) {
        done.add(pool.submit(() -> what.accept(client)));
      }
      done.forEach(Run::join);
    }

    private static void join(Future<?> task) {
      try {
        task.get();
      } catch (ExecutionException e) {
        throw new AssertionError(e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }
}
