package org.openmmp.transport;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.openmmp.guard.Departures;
import org.openmmp.guard.Farewell;
import org.openmmp.repgroup.StoreHost;

/** The sessions with clients that are open now, of whatever protocol; on any thread. */
public final class OpenSessions {
  /** Stores that are doubted are asked, and clients sent away, over so many seconds. */
  private static final int TURNS = 5;

  /** Each with its event loop. */
  private final Map<ClientSession, Executor> sessions = new ConcurrentHashMap<>();

  private final Map<String, LongAdder> atHosts = new ConcurrentHashMap<>();
  private final List<WireTrace> traces = new CopyOnWriteArrayList<>();
  private final AtomicInteger turns = new AtomicInteger();
  private final Object noneLeft = new Object();
  private final Departures departures = new Departures();
  private volatile Supplier<Duration> lossSpread = () -> Duration.ZERO;
  private volatile UnaryOperator<String> fullness = host -> "";

  /**
   * A client was let in.
   *
   * @param loop where its session runs
   */
  public void add(ClientSession session, Executor loop) {
    sessions.put(session, loop);
  }

  /** A client is gone. */
  public void remove(ClientSession session) {
    sessions.remove(session);
    synchronized (noneLeft) {
      if (sessions.isEmpty()) {
        noneLeft.notifyAll();
      }
    }
  }

  /** What administrators follow now: sessions that begin are asked for, and nothing else is. */
  public List<WireTrace> traces() {
    return traces;
  }

  /** A session goes on at that store from now on, or a connection for deliveries stands there. */
  public void cameTo(String host) {
    atHosts.computeIfAbsent(host, first -> new LongAdder()).increment();
  }

  /** A session that went on at that store is over, or such a connection is. */
  public void wentFrom(String host) {
    LongAdder there = atHosts.get(host);
    if (there != null) {
      there.decrement();
    }
  }

  /** How many sessions of users are relayed to that store, and connections for deliveries stand. */
  public long countAt(String host) {
    LongAdder there = atHosts.get(host);
    return there == null ? 0 : there.sum();
  }

  /**
   * Over which time clients hear that their store is gone.
   *
   * @param spread as it is configured now
   */
  public void spreadLosses(Supplier<Duration> spread) {
    lossSpread = spread;
  }

  /** How long a client hears nothing of it whose store has ended its session. */
  public long holdAfterLoss(String host, long nowNanos) {
    Duration spread = Objects.requireNonNull(lossSpread.get());
    return spread.isZero() ? 0 : departures.holdNanos(host, countAt(host), spread, nowNanos);
  }

  /** Waits until there is none, at most so long. Blocks: not for an event loop. */
  public void awaitNone(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    try {
      synchronized (noneLeft) {
        long left = limit.toNanos();
        while (!sessions.isEmpty() && left > 0) {
          TimeUnit.NANOSECONDS.timedWait(noneLeft, left);
          left = deadline - System.nanoTime();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How many there are. */
  public int count() {
    return sessions.size();
  }

  /** What is known of each of them now; each is asked on its own event loop. */
  public CompletableFuture<List<SessionFacts>> facts() {
    return facts(session -> true).thenApply(all -> List.copyOf(all.values()));
  }

  /**
   * An administrator ends those of whom that is true; each is asked on its own event loop.
   *
   * @return what was known of them
   */
  public CompletableFuture<List<SessionFacts>> end(Predicate<SessionFacts> which) {
    return each(which, session -> session.end(Farewell.KICKED));
  }

  /**
   * Has those of whom that is true go on at another store, as far as they can.
   *
   * @param to the host to try first; null: the one that the policy prefers
   * @return what was known of them
   */
  public CompletableFuture<List<SessionFacts>> move(
      Predicate<SessionFacts> which, @Nullable StoreHost to) {
    return each(which, session -> session.moveTo(to));
  }

  /**
   * By group, how many sessions could go on at another store now, under an empty word, and how many
   * could not, by the word for the reason. Those that are not meant to do not count. One task for
   * each event loop.
   */
  public CompletableFuture<Map<String, Map<String, Integer>>> stranded() {
    Map<Executor, List<ClientSession>> byLoop = new HashMap<>();
    sessions.forEach(
        (session, loop) -> byLoop.computeIfAbsent(loop, first -> new ArrayList<>()).add(session));
    Map<String, Map<String, Integer>> counts = new ConcurrentHashMap<>();
    return CompletableFuture.allOf(
            byLoop.entrySet().stream()
                .map(
                    each ->
                        CompletableFuture.runAsync(
                            () -> count(each.getValue(), counts), each.getKey()))
                .toArray(CompletableFuture<?>[]::new))
        .thenApply(done -> counts);
  }

  private static void count(List<ClientSession> those, Map<String, Map<String, Integer>> counts) {
    for (ClientSession session : those) {
      String word = session.stranded();
      if (word != null) {
        counts
            .computeIfAbsent(session.facts().group(), first -> new ConcurrentHashMap<>())
            .merge(word, 1, Integer::sum);
      }
    }
  }

  private CompletableFuture<List<SessionFacts>> each(
      Predicate<SessionFacts> which, Consumer<ClientSession> action) {
    List<CompletableFuture<Optional<SessionFacts>>> asked =
        sessions.entrySet().stream()
            .map(
                each ->
                    CompletableFuture.supplyAsync(
                        () -> doIf(each.getKey(), which, action), each.getValue()))
            .toList();
    return CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new))
        .thenApply(all -> asked.stream().flatMap(each -> each.join().stream()).toList());
  }

  private static Optional<SessionFacts> doIf(
      ClientSession session, Predicate<SessionFacts> which, Consumer<ClientSession> action) {
    SessionFacts facts = session.facts();
    if (!which.test(facts)) {
      return Optional.empty();
    }
    action.accept(session);
    return Optional.of(facts);
  }

  /** The same of some of them. */
  public CompletableFuture<Map<ClientSession, SessionFacts>> facts(Predicate<ClientSession> of) {
    Map<ClientSession, CompletableFuture<SessionFacts>> asked = new HashMap<>();
    sessions.forEach(
        (session, loop) -> {
          if (of.test(session)) {
            asked.put(session, CompletableFuture.supplyAsync(session::facts, loop));
          }
        });
    return CompletableFuture.allOf(asked.values().toArray(CompletableFuture<?>[]::new))
        .thenApply(
            all -> {
              Map<ClientSession, SessionFacts> known = new HashMap<>();
              asked.forEach((session, facts) -> known.put(session, facts.join()));
              return known;
            });
  }

  /** Has each look whether its peers give signs of life, on its own event loop (rule B2.36). */
  public void look(Duration client, Duration store) {
    sessions.forEach((session, loop) -> loop.execute(() -> session.look(client, store)));
  }

  /**
   * Has the users' sessions of whatever service at hosts of which that is true doubt their store
   * (rule B9.4); each is asked on its own event loop. Call it once a second: it is each session's
   * turn to ask within {@value #TURNS} calls.
   */
  public void doubtStores(Predicate<StoreHost> givenUp) {
    int turn = Math.floorMod(turns.getAndIncrement(), TURNS);
    sessions.forEach(
        (session, loop) ->
            loop.execute(
                () -> {
                  SessionFacts facts = session.facts();
                  if (!facts.user().isEmpty()
                      && !facts.host().isEmpty()
                      && givenUp.test(new StoreHost(facts.host()))) {
                    session.doubtStore(
                        Math.floorMod(System.identityHashCode(session), TURNS) == turn);
                  }
                }));
  }

  /** Whether that one is open. */
  public boolean contains(ClientSession session) {
    return sessions.containsKey(session);
  }

  /** Ends all of them with their protocols' words; returns before they are gone. */
  public void endAll() {
    sessions.keySet().forEach(session -> session.end(Farewell.SHUTTING_DOWN));
  }

  /**
   * Says from now on how a store is full for deliveries.
   *
   * @param words gives them for a host; empty if it is not
   */
  public void tellFullness(UnaryOperator<String> words) {
    fullness = words;
  }

  /** How that store is full for deliveries, in words; empty if it is not. */
  public String fullnessOf(String host) {
    return fullness.apply(host);
  }
}
