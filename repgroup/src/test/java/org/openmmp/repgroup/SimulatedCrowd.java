package org.openmmp.repgroup;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.openmmp.testkit.FakeClock;

/**
 * Thousands of clients with sessions at the master of three stores, which dies, hangs or comes
 * back, in virtual time: they come back as a desktop's mail program does, at once and then again
 * and again. A store has so many workers, and one login takes each of them so long.
 */
final class SimulatedCrowd {
  private static final long MILLI = 1_000_000;
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final long GREETING_LIMIT_MILLIS = 7_000;
  private static final double[] RETRY_SECONDS = {0.2, 1, 2, 5, 10, 10};

  /** What a store does. */
  enum Mood {
    MASTER,
    REPLICA,
    /** Its machine is there, and nobody listens. */
    KILLED,
    /** It takes connections and says nothing. */
    HUNG
  }

  /**
   * How much a store takes.
   *
   * @param workers logins that it serves at once
   * @param millis how long one of them takes
   * @param refusesOver it refuses temporarily who finds so many waiting; 0: nobody
   */
  record Strength(int workers, long millis, int refusesOver) {}

  /** One client. */
  private final class Client {
    final Caller caller;
    final boolean guesses;
    boolean newcomer;
    int failures;
    boolean session;
    long awaySinceMillis;

    Client(Caller caller, boolean guesses) {
      this.caller = caller;
      this.guesses = guesses;
    }

    void comeBack() {
      if (!session) {
        new Login(this).goOn();
      }
    }

    void retry() {
      double seconds = RETRY_SECONDS[Math.min(failures, RETRY_SECONDS.length - 1)];
      failures++;
      after((long) (seconds * 1_000 * (0.8 + 0.4 * random.nextDouble())), this::comeBack);
    }
  }

  /** A login that a store serves, or has queued. */
  private record Work(Login login, boolean accepted) {}

  private final class Store {
    final Deque<Work> queue = new ArrayDeque<>();
    int busy;
    Mood mood = Mood.REPLICA;
    final List<Long> startsMillis = new ArrayList<>();
    final List<Long> dialsMillis = new ArrayList<>();

    /** Whoever waits has had a turn by then. */
    long idleFromMillis = Long.MAX_VALUE;

    int most;
    int underWay;

    void take(Work work) {
      if (strength.refusesOver() > 0 && queue.size() >= strength.refusesOver()) {
        after(5, () -> work.login().report(AttemptOutcome.TEMPORARY_FAILURE, null));
        return;
      }
      queue.add(work);
      begin();
    }

    private void begin() {
      while (busy < strength.workers() && !queue.isEmpty()) {
        Work work = queue.remove();
        busy++;
        after(
            strength.millis(),
            () -> {
              busy--;
              work.login()
                  .report(
                      work.accepted() ? AttemptOutcome.ACCEPTED : AttemptOutcome.AUTH_REJECTED,
                      null);
              begin();
            });
      }
    }
  }

  private record Event(long atNanos, long number, Runnable what) {}

  private final Strength strength;
  private final Random random;
  private final FakeClock clock = new FakeClock();
  private final long originNanos = clock.now();
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::number));
  private final Map<StoreHost, Store> stores = new HashMap<>();
  private final List<Client> clients = new ArrayList<>();
  private final Map<Client, Stay> stays = new HashMap<>();
  private final StoreSelector selector;
  private final SelectorSettings settings;
  final List<String> violations = new ArrayList<>();
  final List<Long> backAfterMillis = new ArrayList<>();
  final List<Long> strangersBackAfterMillis = new ArrayList<>();
  final List<Long> newcomersWaitedMillis = new ArrayList<>();
  int refused;
  private long planned;
  private StoreHost master = Walks.HUEY;
  private @Nullable StoreHost believed = Walks.HUEY;

  SimulatedCrowd(long seed, SelectorSettings settings, Strength strength) {
    this.random = new Random(seed);
    this.settings = settings;
    this.strength = strength;
    selector = new StoreSelector(settings, SelectionListener.NONE);
    selector.replaceTable(GroupTable.of(List.of(Walks.CLUSTER)));
    Walks.CLUSTER.hosts().forEach(host -> stores.put(host, new Store()));
    store(Walks.HUEY).mood = Mood.MASTER;
  }

  private Store store(StoreHost host) {
    return Objects.requireNonNull(stores.get(host));
  }

  /** So many people with sessions at the master, and others whom nobody knows. */
  void people(int known, int unknown) {
    for (int i = 0; i < known + unknown; i++) {
      boolean isKnown = i < known;
      Caller caller =
          new Caller(
              1_000_003L * (i + 1), isKnown, isKnown, "198.51." + i % 200 + "." + i / 200 + "/32");
      clients.add(new Client(caller, false));
    }
    AttemptWalk first = walk(Caller.UNKNOWN);
    first.next(clock.now());
    first.report(AttemptOutcome.ACCEPTED, null, true, "first", clock.now(), 0.5);
    for (Client client : clients) {
      client.session = true;
      if (client.caller.known()) {
        stay(client);
      }
    }
  }

  private void stay(Client client) {
    clock.pass(Duration.ofMillis(9));
    AttemptWalk walk = walk(client.caller);
    walk.next(clock.now());
    clock.pass(Duration.ofMillis(2));
    walk.reached(AttemptStage.NAMED, clock.now());
    walk.report(AttemptOutcome.ACCEPTED, null, true, "before", clock.now(), 0.5);
    stays.put(client, walk.handOver(clock.now()));
  }

  /** Strangers of few networks who guess, so many in a second, for so long. */
  void guessers(int perSecond, Duration howLong) {
    for (long millis = 0; millis < howLong.toMillis(); millis += 1_000 / perSecond) {
      Caller caller = new Caller(7 + millis, false, false, "203.0.113." + millis % 3 + "/32");
      after(millis, () -> new Client(caller, true).comeBack());
    }
  }

  /** Proven people who had no session come, so many in a second, for so long. */
  void newcomers(int perSecond, Duration howLong) {
    for (long millis = 0; millis < howLong.toMillis(); millis += 1_000 / perSecond) {
      Caller caller = new Caller(31L + (millis << 20), true, true, "198.18.0.0/24");
      after(
          millis,
          () -> {
            Client client = new Client(caller, false);
            client.newcomer = true;
            client.awaySinceMillis = nowMillis();
            client.comeBack();
          });
    }
  }

  /**
   * The master dies, or hangs: all sessions end within that time.
   *
   * @param electionMillis when another is master
   */
  void masterBecomes(Mood mood, long electionMillis, long sessionsEndWithinMillis) {
    store(master).mood = mood;
    if (mood == Mood.KILLED) {
      store(master).queue.clear();
    }
    for (Client client : clients) {
      after(
          (long) (random.nextDouble() * sessionsEndWithinMillis),
          () -> {
            client.session = false;
            client.failures = 0;
            client.awaySinceMillis = nowMillis();
            Stay stay = stays.remove(client);
            if (stay != null) {
              stay.ended(Stay.End.BY_STORE, clock.now());
            }
            client.comeBack();
          });
    }
    after(
        electionMillis,
        () -> {
          StoreHost next = master.equals(Walks.HUEY) ? Walks.DEWEY : Walks.HUEY;
          store(next).mood = Mood.MASTER;
          master = next;
          believed = next;
        });
  }

  /** It is up and down by turns from now on, and never the master. */
  void flaps(StoreHost host, Duration every, int times) {
    for (int i = 1; i <= times; i++) {
      Mood mood = i % 2 == 0 ? Mood.KILLED : Mood.REPLICA;
      after(i * every.toMillis(), () -> store(host).mood = mood);
    }
  }

  void comesBack(StoreHost host) {
    store(host).mood = Mood.REPLICA;
  }

  /** Lets that time pass. */
  void pass(Duration time) {
    long until = clock.now() + time.toNanos();
    for (long at = 0; at < time.toMillis(); at += 250) {
      after(at, this::probe);
    }
    while (!events.isEmpty() && events.element().atNanos() - until <= 0) {
      Event event = events.remove();
      clock.passUntil(event.atNanos());
      event.what().run();
    }
    clock.passUntil(until);
  }

  /** How many have a session. */
  long served() {
    return clients.stream().filter(client -> client.session).count();
  }

  /** The most logins that began at the host within a second. */
  int mostPerSecond(StoreHost host) {
    return mostPerSecond(store(host).startsMillis);
  }

  /** The same of those that were sent there, whatever it was at that time. */
  int mostDialledPerSecond(StoreHost host) {
    return mostPerSecond(store(host).dialsMillis);
  }

  private static int mostPerSecond(List<Long> starts) {
    int most = 0;
    int from = 0;
    for (int to = 0; to < starts.size(); to++) {
      while (starts.get(to) - starts.get(from) >= 1_000) {
        from++;
      }
      most = Math.max(most, to - from + 1);
    }
    return most;
  }

  int mostUnderWay(StoreHost host) {
    return store(host).most;
  }

  GroupSnapshot.HostSnapshot snapshot(StoreHost host) {
    return selector.snapshot(clock.now()).get(0).hosts().stream()
        .filter(each -> each.host().equals(host))
        .findFirst()
        .orElseThrow();
  }

  private void probe() {
    long began = clock.now();
    for (ProbeTarget target : selector.wantedProbes(Walks.CLUSTER, Walks.IMAP, began)) {
      switch (store(target.host()).mood) {
        case KILLED -> probed(target, AttemptOutcome.CONNECTION_REFUSED, began, 1);
        case HUNG -> probed(target, AttemptOutcome.UNREACHABLE, began, GREETING_LIMIT_MILLIS);
        case MASTER, REPLICA -> probed(target, AttemptOutcome.GREETED, began, 2);
      }
    }
  }

  private void probed(ProbeTarget target, AttemptOutcome how, long began, long millis) {
    after(millis, () -> selector.probed(target, how, "probe", began, clock.now(), 0.5));
  }

  private AttemptWalk walk(Caller caller) {
    return selector.walk(
        Walks.CLUSTER, Walks.IMAP, ClientKind.WRITER, caller, clock.in(DEADLINE), clock.now());
  }

  private long nowMillis() {
    return (clock.now() - originNanos) / MILLI;
  }

  private void after(long millis, Runnable what) {
    at(clock.now() + millis * MILLI, what);
  }

  private void at(long nanos, Runnable what) {
    events.add(new Event(nanos, planned++, what));
  }

  /** One login of one client. */
  private final class Login {
    private final Client client;
    private final AttemptWalk walk;
    private int turn;
    private boolean over;
    private @Nullable StoreHost at;

    Login(Client client) {
      this.client = client;
      this.walk = walk(client.caller);
    }

    void goOn() {
      turn++;
      Choice choice = walk.next(clock.now());
      switch (choice.kind()) {
        case ATTEMPT, ATTEMPT_READ_ONLY -> dial(choice.target());
        case WAIT -> waitFor(choice);
        case FAIL_NO_STORE, FAIL_NO_MASTER -> {
          over = true;
          walk.abandon(clock.now());
          if (!client.guesses) {
            refused++;
            client.retry();
          }
        }
      }
    }

    private void waitFor(Choice choice) {
      int asked = turn;
      Runnable again =
          () -> {
            if (turn == asked && !over) {
              goOn();
            }
          };
      at(choice.untilNanos(), again);
      walk.awaitChange(choice, () -> after(0, again));
    }

    private void dial(StoreHost host) {
      at = host;
      Store store = store(host);
      store.dialsMillis.add(nowMillis());
      store.underWay++;
      store.most = Math.max(store.most, store.underWay);
      if (store.mood == Mood.MASTER) {
        admitted(host, store);
      }
      switch (store.mood) {
        case KILLED -> after(1, () -> report(AttemptOutcome.CONNECTION_REFUSED, null));
        case HUNG -> after(GREETING_LIMIT_MILLIS, () -> report(AttemptOutcome.UNREACHABLE, null));
        case REPLICA -> {
          after(2, () -> walk.reached(AttemptStage.OPENING, clock.now()));
          after(10, () -> report(AttemptOutcome.REFERRED, believed));
        }
        case MASTER -> {
          after(
              2,
              () -> {
                walk.reached(AttemptStage.NAMED, clock.now());
                store.take(new Work(this, !client.guesses));
              });
        }
      }
    }

    private void admitted(StoreHost host, Store store) {
      store.startsMillis.add(nowMillis());
      GroupSnapshot.HostSnapshot seen = snapshot(host);
      if (nowMillis() > store.idleFromMillis) {
        violations.add("at " + nowMillis() + " too late, by what is left of " + seen);
      }
      long turn = seen.mostPerSecond() > 0 ? 1_000 / seen.mostPerSecond() : 0;
      store.idleFromMillis =
          seen.waiting() > 0 ? nowMillis() + 2 * turn + 2 * strength.millis() + 50 : Long.MAX_VALUE;
      if (seen.attemptsUnderWay() > settings.maxAttemptsPerStore()) {
        violations.add("under way " + seen.attemptsUnderWay());
      }
      if (seen.mostPerSecond() > 0) {
        long burst = Math.max(1, seen.mostPerSecond() / 10) + 1L;
        long now = nowMillis();
        int inTenth = 0;
        for (int i = store.startsMillis.size() - 1; i >= 0; i--) {
          if (now - store.startsMillis.get(i) >= 100) {
            break;
          }
          inTenth++;
        }
        if (inTenth > 2 * burst + 1) {
          violations.add(
              "at " + now + " " + inTenth + " began in 100 ms, of " + seen.mostPerSecond());
        }
      }
    }

    void report(AttemptOutcome outcome, @Nullable StoreHost target) {
      StoreHost host = Objects.requireNonNull(at);
      Store store = store(host);
      store.underWay--;
      AttemptOutcome how = outcome;
      boolean serves = store.mood == Mood.MASTER;
      if ((outcome == AttemptOutcome.ACCEPTED || outcome == AttemptOutcome.AUTH_REJECTED)
          && !serves) {
        how = AttemptOutcome.UNREACHABLE; // it died meanwhile
      }
      walk.report(how, target, true, how.name(), clock.now(), random.nextDouble());
      if (how == AttemptOutcome.ACCEPTED) {
        over = true;
        if (client.session) {
          violations.add("a second session");
        }
        client.session = true;
        stays.put(client, walk.handOver(clock.now()));
        long took = nowMillis() - client.awaySinceMillis;
        List<Long> whose = client.caller.known() ? backAfterMillis : strangersBackAfterMillis;
        (client.newcomer ? newcomersWaitedMillis : whose).add(took);
      } else if (how == AttemptOutcome.AUTH_REJECTED) {
        over = true;
        if (!client.guesses) {
          violations.add("a wrong answer");
        }
      } else {
        goOn();
      }
    }
  }
}
