package org.openmmp.repgroup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.testkit.FakeClock;

/**
 * Three stores, a clock and many logins, in one thread and with a seed: what happens next is an
 * event at a time. It checks the invariants of selection as it goes.
 */
final class SimulatedGroup {
  private static final long MILLI = 1_000_000;
  private static final Duration DEADLINE = Duration.ofSeconds(25);
  private static final long GREETING_LIMIT = 7_000;
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration GREETING = Duration.ofSeconds(5);

  /** Something that happens at a time; ties happen in the order in which they were planned. */
  private record Event(long atMillis, long number, Runnable what) {}

  private final Random random;
  private final FakeClock clock = new FakeClock();
  private final long originNanos = clock.now();
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          Comparator.comparingLong(Event::atMillis).thenComparingLong(Event::number));
  private final List<String> violations = new ArrayList<>();
  private final SimulatedStores stores;
  private final StoreSelector selector;
  private long planned;
  private int underWay;
  private int served;
  private int logins;
  private int hedges;
  private int left;

  /** Those whose last attempt was left before its time: it was no evidence. */
  private final Set<StoreHost> leftHosts = new HashSet<>();

  SimulatedGroup(long seed) {
    this.random = new Random(seed);
    this.selector = new StoreSelector(SelectorSettings.defaults(), new AffinityGuard());
    this.stores = new SimulatedStores(random);
  }

  /** A prober that asks what it is told to, four times a second. */
  private void probe() {
    long began = clock.now();
    for (ProbeTarget target : selector.wantedProbes(Walks.CLUSTER, Walks.IMAP, began)) {
      SimulatedStores.Mood mood = stores.mood(target.host());
      AttemptOutcome outcome = mood.down() ? AttemptOutcome.UNREACHABLE : AttemptOutcome.GREETED;
      long delay = mood == SimulatedStores.Mood.HANGS ? GREETING_LIMIT : 2;
      after(
          delay,
          () -> selector.probed(target, outcome, "probe", began, clock.now(), random.nextDouble()));
    }
  }

  /** Lets trouble and logins happen for that long, then lets everything come to its end. */
  void run(Duration length, int logins) {
    for (long at = 10_000; at < length.toMillis(); at += 5_000 + random.nextInt(30_000)) {
      plan(at, this::trouble);
    }
    for (long at = 0; at < length.toMillis() + 60_000; at += 250) {
      plan(at, this::probe);
    }
    for (int i = 0; i < logins; i++) {
      long at = random.nextInt((int) length.toMillis());
      int size = random.nextInt(20) == 0 ? 40 : 1;
      for (int n = 0; n < size; n++) {
        plan(at, this::login);
      }
    }
    while (!events.isEmpty()) {
      Event event = events.remove();
      clock.passUntil(originNanos + event.atMillis() * MILLI);
      event.what().run();
    }
  }

  List<String> violations() {
    return violations;
  }

  int stillUnderWay() {
    return underWay;
  }

  int served() {
    return served;
  }

  /** Second connections that were begun beside a silent host. */
  int hedges() {
    return hedges;
  }

  /** Attempts that were left before their time. */
  int left() {
    return left;
  }

  int logins() {
    return logins;
  }

  long now() {
    return clock.now();
  }

  /** A walk long after everything has ended. */
  AttemptWalk walkOfAWholeGroup() {
    clock.pass(Duration.ofMinutes(5));
    Walks.CLUSTER.hosts().forEach(stores::recover);
    AttemptWalk asking =
        selector.walk(
            Walks.CLUSTER,
            Walks.IMAP,
            ClientKind.WRITER,
            Caller.UNKNOWN,
            clock.in(DEADLINE),
            clock.now());
    asking.next(clock.now());
    asking.abandon(clock.now());
    probe();
    while (!events.isEmpty()) {
      Event event = events.remove();
      clock.passUntil(originNanos + event.atMillis() * MILLI);
      event.what().run();
    }
    return selector.walk(
        Walks.CLUSTER,
        Walks.IMAP,
        ClientKind.WRITER,
        Caller.UNKNOWN,
        clock.in(DEADLINE),
        clock.now());
  }

  private long nowMillis() {
    return (clock.now() - originNanos) / MILLI;
  }

  private void plan(long atMillis, Runnable what) {
    events.add(new Event(atMillis, planned++, what));
  }

  private void after(long millis, Runnable what) {
    plan(nowMillis() + millis, what);
  }

  private void trouble() {
    if (stores.trouble(nowMillis())) {
      after(random.nextInt(12_000), () -> stores.elect(nowMillis()));
    }
  }

  private void login() {
    underWay++;
    logins++;
    AttemptWalk walk =
        selector.walk(
            Walks.CLUSTER,
            Walks.IMAP,
            ClientKind.WRITER,
            Caller.UNKNOWN,
            clock.in(DEADLINE),
            clock.now());
    new Login(walk, nowMillis()).goOn();
  }

  /** The affinity never leaves a master that accepted all the time. */
  private final class AffinityGuard implements SelectionListener {
    @Override
    public void affinityChanged(
        ReplicationGroup group,
        Service service,
        @Nullable StoreHost from,
        @Nullable StoreHost to,
        String why) {
      if (from != null
          && stores.mood(from) == SimulatedStores.Mood.MASTER
          && stores.sameMoodForMillis(from, nowMillis()) > DEADLINE.toMillis()) {
        violations.add("at " + nowMillis() + " affinity left " + from + " for " + to + ": " + why);
      }
    }
  }

  /** One client. */
  private final class Login {
    private final AttemptWalk walk;
    private final long beganMillis;
    private int turn;
    private boolean over;
    private boolean warm;
    private StoreHost dialled = Walks.HUEY;

    Login(AttemptWalk walk, long beganMillis) {
      this.walk = walk;
      this.beganMillis = beganMillis;
    }

    void goOn() {
      turn++;
      Choice choice = walk.next(clock.now());
      switch (choice.kind()) {
        case ATTEMPT, ATTEMPT_READ_ONLY -> dial(choice);
        case WAIT -> waitFor(choice);
        case FAIL_NO_STORE, FAIL_NO_MASTER -> end();
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
      if (choice.untilNanos() - clock.now() <= 0) {
        violations.add("a wait that is over when it begins: " + choice);
      }
      plan((choice.untilNanos() - originNanos + MILLI - 1) / MILLI, again);
      walk.awaitChange(choice, () -> after(0, again));
    }

    private void dial(Choice choice) {
      StoreHost host = choice.target();
      dialled = host;
      walk.hedgeEnded(HedgeResult.UNUSED);
      boolean readOnly = choice.kind() == Choice.Kind.ATTEMPT_READ_ONLY;
      if (random.nextInt(50) == 0) {
        after(0, this::leave); // such an attempt says nothing of the host
        return;
      }
      checkDial(host);
      switch (stores.mood(host)) {
        case REFUSES -> after(1, () -> report(AttemptOutcome.UNREACHABLE, null));
        case HANGS -> {
          int asked = turn;
          warm = false;
          after(
              GREETING_LIMIT,
              () -> {
                if (turn == asked && !over) {
                  report(AttemptOutcome.UNREACHABLE, null);
                }
              });
          lookLater(asked);
        }
        case BUSY -> greetThen(AttemptOutcome.TEMPORARY_FAILURE, null);
        case MASTER -> greetThen(answerOfMaster(), null);
        case REPLICA ->
            greetThen(
                readOnly ? AttemptOutcome.ACCEPTED : AttemptOutcome.REFERRED,
                readOnly ? null : stores.believedMaster());
      }
    }

    private void lookLater(int asked) {
      long at = walk.lookNanos(CONNECT, GREETING, clock.now());
      plan((at - originNanos + MILLI - 1) / MILLI, () -> look(asked));
    }

    /** It is late: another host is begun to, and where that is enough, this one is left. */
    private void look(int asked) {
      if (turn != asked || over) {
        return;
      }
      if (walk.mayLeave(warm, CONNECT, GREETING, clock.now())) {
        left++;
        leftHosts.add(dialled);
        walk.leave("late", clock.now(), random.nextDouble());
        goOn();
        return;
      }
      StoreHost second = walk.hedge(clock.now());
      if (second != null) {
        hedges++;
        if (stores.mood(second) == SimulatedStores.Mood.REFUSES) {
          walk.hedgeEnded(HedgeResult.FAILED);
        } else if (stores.mood(second) != SimulatedStores.Mood.HANGS) {
          after(
              3,
              () -> {
                if (turn == asked) {
                  warm = true;
                  look(asked);
                }
              });
        }
      }
      lookLater(asked);
    }

    private AttemptOutcome answerOfMaster() {
      return random.nextInt(10) == 0 ? AttemptOutcome.AUTH_REJECTED : AttemptOutcome.ACCEPTED;
    }

    private void greetThen(AttemptOutcome outcome, @Nullable StoreHost target) {
      after(2, () -> walk.reached(AttemptStage.OPENING, clock.now()));
      long delay = outcome == AttemptOutcome.AUTH_REJECTED ? 2_000 : 3 + random.nextInt(300);
      after(delay, () -> report(outcome, target));
    }

    private void report(AttemptOutcome outcome, @Nullable StoreHost target) {
      walk.report(outcome, target, true, outcome.name(), clock.now(), random.nextDouble());
      if (outcome == AttemptOutcome.ACCEPTED) {
        served++;
      }
      if (outcome.next() == AttemptOutcome.Next.STOP) {
        end();
      } else {
        goOn();
      }
    }

    private void leave() {
      walk.abandon(clock.now());
      end();
    }

    private void end() {
      over = true;
      underWay--;
      walk.abandon(clock.now());
      long longest = DEADLINE.toMillis() + GREETING_LIMIT;
      if (nowMillis() - beganMillis > longest) {
        violations.add("a login took " + (nowMillis() - beganMillis) + " ms");
      }
    }

    /** A host that has been down for a while gets one attempt in each cool-down period. */
    private void checkDial(StoreHost host) {
      boolean wasLeft = leftHosts.remove(host);
      long settled = GREETING_LIMIT + 2_500;
      if (stores.mood(host).down() && stores.sameMoodForMillis(host, nowMillis()) > settled) {
        long pause = stores.dialled(host, nowMillis());
        if (pause >= 0 && pause < 4_000 && !wasLeft) {
          violations.add("at " + nowMillis() + " " + host + " was dialled again after " + pause);
        }
      }
    }
  }
}
