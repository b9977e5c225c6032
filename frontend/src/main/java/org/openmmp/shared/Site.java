package org.openmmp.shared;

import io.lettuce.core.protocol.CommandType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.SharedConfig;
import org.openmmp.guard.HeldPlaces;
import org.openmmp.guard.WrongPassword;
import org.openmmp.repgroup.GroupWord;
import org.openmmp.repgroup.ProbePlace;
import org.openmmp.repgroup.ProbePlan;
import org.openmmp.wire.Secret;

/**
 * The front ends of a site as one of them sees them, by what all write into the engine and read
 * there once a second, and at once where something happened. All of it runs on one thread of its
 * own, with a limit for each answer; after three failures in a row nothing is shared until the
 * engine answers again, and this front end works as if there were no other.
 *
 * <p>Its keys, all in one slot of a cluster: {@code nodes}, {@code words}, {@code guesses}, {@code
 * held}, {@code tickets} and {@code probes} (hashes, a field for each start of a front end), {@code
 * orders} (a stream), {@code answers:ID} (a hash for each order). What stands in them is sealed.
 * {@code trial} is a stream for a minute, in which nothing is told.
 */
public final class Site implements AutoCloseable {
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** What changes with every login is told and heard no sooner, however many rounds there are. */
  private static final long WHOLE_NANOS = TimeUnit.MILLISECONDS.toNanos(800);

  private static final long HURRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** While somebody waits here for a store that others may be asking. */
  private static final long WAITED_FOR_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private static final long GUESSES_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int FAILURES_UNTIL_AWAY = 3;
  private static final int MOST_QUEUED = 200;

  /** The largest of them together are less than an answer may have. */
  private static final int MOST_READ_AT_ONCE = 8;

  private static final int KEPT_SECONDS = 3_600;
  private static final int ROUNDS_UNTIL_KEPT = 60;
  private static final int TRIED_SECONDS = 60;

  /**
   * One of the site's front ends.
   *
   * @param otherKey whether it is away, and something of its name writes with another key
   */
  public record Member(
      String node, NodeFacts facts, boolean own, long lastSeenNanosAgo, boolean otherKey) {
    /** Whether it shows no sign of life. */
    public boolean away() {
      return lastSeenNanosAgo > Neighbours.LIVING_NANOS;
    }
  }

  private final SharedConfig config;
  private final FrontEndOfSite own;
  private final Engine engine;
  private final Seal seal;
  private final String keys;
  private final long boot = new SecureRandom().nextLong();
  private final String field;
  private final Random jitter = new Random(boot);
  private final ScheduledThreadPoolExecutor thread;
  private final Neighbours neighbours = new Neighbours(boot);
  private final Shelf<List<GroupWord>> words;
  private final Shelf<Guesses> guesses;
  private final Shelf<HeldPlaces> held;
  private final Shelf<List<Secret>> tickets;
  private final Shelf<List<ProbePlan.Turn<ProbePlace>>> turns;
  private final Tickets ticketSecrets = new Tickets();
  private final List<Shelf<?>> shelves;
  private final Orders orders;
  private final MetGuesses met = new MetGuesses();
  private final Queue<Engine.Ask> outgoing = new ConcurrentLinkedQueue<>();
  private final AtomicInteger queued = new AtomicInteger();
  private final AtomicBoolean hurried = new AtomicBoolean();
  private long number;
  private byte[] told = {};
  private long wordsNanos;
  private @Nullable Long wholeNanos;
  private int rounds;
  private int failures;
  private Set<String> sameNames = Set.of();
  private boolean probesWithOthers;
  private volatile boolean here;
  private volatile boolean toldAway;
  private volatile Map<Beacon, Long> members = Map.of();
  private volatile Set<String> strangers = Set.of();
  private volatile long membersNanos;
  private volatile boolean closed;

  /** Begins to tell and to hear. */
  public Site(SharedConfig config, FrontEndOfSite own) {
    this.config = config;
    this.own = own;
    seal = new Seal(config.key(), config.site());
    keys = config.prefix() + "{" + config.site() + "}:";
    field = Beacon.field(config.node(), boot);
    words =
        new Shelf<>(
            "words", 0, keys, field, seal, (octets, of) -> Words.of(octets, wordsWritten(of)));
    guesses = new Shelf<>("guesses", 1, keys, field, seal, (octets, of) -> Guesses.of(octets));
    held = new Shelf<>("held", 2, keys, field, seal, (octets, of) -> Held.of(octets));
    tickets = new Shelf<>("tickets", 3, keys, field, seal, (octets, of) -> Tickets.of(octets));
    turns = new Shelf<>("probes", 4, keys, field, seal, (octets, of) -> Words.turns(octets));
    shelves = List.of(words, guesses, held, tickets, turns);
    engine = new Engine(config, keys);
    orders =
        new Orders(
            config.node(),
            field,
            keys,
            seal,
            own,
            asks -> {
              asks.forEach(this::queue);
              hurry();
            });
    thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread made = new Thread(task, "shared");
              made.setDaemon(true);
              return made;
            });
    thread.setRemoveOnCancelPolicy(true);
    thread.execute(this::runRound);
  }

  /** Whether the engine answers. */
  public boolean here() {
    return here;
  }

  /** Whether it does not, so that this front end works alone; neither: not reached yet. */
  public boolean away() {
    return toldAway;
  }

  /** This front end's name. */
  public String node() {
    return config.node();
  }

  /** The site's. */
  public String name() {
    return config.site();
  }

  /** Something happened that others should hear of soon. On any thread. */
  public void hurry() {
    hurryWithin(HURRY_NANOS);
  }

  private void hurryWithin(long nanos) {
    if (here && !closed && hurried.compareAndSet(false, true)) {
      thread.schedule(this::runHurried, nanos, TimeUnit.NANOSECONDS);
    }
  }

  /** Somebody typed a wrong password here. On any thread; forgotten if there are too many. */
  public void guessed(WrongPassword wrong) {
    if (here && !closed && met.met(wrong)) {
      hurryWithin(GUESSES_NANOS);
    }
  }

  /** All front ends that were seen of late, by name, this one first. On any thread. */
  public List<Member> members() {
    List<Member> all = new ArrayList<>();
    all.add(new Member(config.node(), own.facts(), true, 0, false));
    long since = System.nanoTime() - membersNanos;
    members.forEach(
        (beacon, ago) ->
            all.add(
                new Member(
                    beacon.node(),
                    beacon.facts(),
                    false,
                    ago + since,
                    ago + since > Neighbours.LIVING_NANOS && strangers.contains(beacon.node()))));
    all.subList(1, all.size()).sort(Comparator.comparing(Member::node));
    return all;
  }

  /**
   * Has all others do it; one that is away hears of it when it is back. On any thread.
   *
   * @return an answer for each other front end that is known; empty if none can be told
   */
  public CompletionStage<List<NodeAnswer>> give(String path, String query) {
    boolean reached = here && !closed;
    CompletableFuture<List<NodeAnswer>> answers = reached ? orders.give(path, query) : null;
    if (answers == null) {
      String why =
          reached
              ? "too many orders wait to be told"
              : toldAway ? "the shared state is away" : "the shared state is not reached yet";
      return CompletableFuture.completedStage(notTold(why + ", so that nobody else was told"));
    }
    hurry();
    return answers;
  }

  private List<NodeAnswer> notTold(String why) {
    List<NodeAnswer> all = new ArrayList<>();
    members().stream()
        .filter(each -> !each.own())
        .forEach(each -> all.add(new NodeAnswer(each.node(), NodeAnswer.UNTOLD, why)));
    return all.isEmpty() ? List.of(new NodeAnswer("others", NodeAnswer.UNTOLD, why)) : all;
  }

  private void runHurried() {
    if (hurried.compareAndSet(true, false)) {
      tryRound();
    }
  }

  private void runRound() {
    if (closed) {
      return;
    }
    hurried.set(false);
    tryRound();
    if (!closed) {
      thread.schedule(this::runRound, pauseNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** Grows while the engine is away; a tenth of it is chance, so that front ends part. */
  private long pauseNanos() {
    long pause = PERIOD_NANOS;
    if (failures > 0) {
      pause = Math.min(LONGEST_PAUSE_NANOS, (PERIOD_NANOS / 4) << Math.min(failures - 1, 8));
    } else if (orders.waiting()) {
      pause = HURRY_NANOS;
    } else if (probesWithOthers) {
      pause = WAITED_FOR_NANOS;
    }
    return pause - pause / 10 + (long) (jitter.nextDouble() * (pause / 5.0));
  }

  private void tryRound() {
    if (failures > 0 && hurried.get()) {
      return;
    }
    own.tickets(ticketSecrets.all(System.nanoTime()));
    try {
      if (!engine.connected()) {
        engine.connect();
        engine.ask(trial());
      }
      round();
      failures = 0;
      toldAway = false;
      if (!here) {
        here = true;
        own.back();
      }
    } catch (IOException failed) {
      failed(String.valueOf(failed.getMessage()));
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException surprising) {
      failed(surprising.toString());
    }
  }

  private void failed(String why) {
    failures++;
    shelves.forEach(Shelf::mayBeLost);
    engine.disconnect();
    if (failures >= FAILURES_UNTIL_AWAY) {
      here = false;
      if (!toldAway) {
        toldAway = true;
        sameNames = Set.of();
        neighbours.compareNone();
        own.away(why);
        own.heard(List.of(), System.nanoTime());
        own.othersTurns(boot, Map.of());
      }
      words.clear();
      held.clear();
      turns.clear();
      own.heldElsewhere(List.of());
      orders.end(notTold("the shared state has gone: " + why));
    }
  }

  /** What is seldom asked: who may not do that hears of it now, and not when it is needed. */
  private List<Engine.Ask> trial() {
    String key = keys + "trial";
    return List.of(
        Engine.Ask.of(CommandType.XADD, key, "MAXLEN", "~", "1", "*", "o", "o"),
        Engine.Ask.of(CommandType.EXPIRE, key, Integer.toString(TRIED_SECONDS)),
        Engine.Ask.of(CommandType.HDEL, keys + "nodes", "/"),
        Engine.Ask.of(CommandType.HMGET, keys + "nodes", "/"),
        Engine.Ask.of(CommandType.TIME, ""));
  }

  private void round() throws IOException, InterruptedException {
    long begun = System.nanoTime();
    boolean whole = wholeNanos == null || begun - wholeNanos >= WHOLE_NANOS;
    List<Engine.Ask> where = orders.whereNext();
    List<Engine.Ask> asks =
        new ArrayList<>(orders.told(where.isEmpty() ? List.of() : engine.ask(where)));
    if (whole) {
      asks.addAll(upkeep());
    }
    List<Engine.Ask> sent = new ArrayList<>();
    for (Engine.Ask each = outgoing.poll(); each != null; each = outgoing.poll()) {
      queued.decrementAndGet();
      sent.add(each);
    }
    asks.addAll(sent);
    asks.addAll(news(whole));
    int nodes = asks.size();
    asks.add(Engine.Ask.of(CommandType.HGETALL, keys + "nodes"));
    int newestOrder = asks.size();
    asks.addAll(orders.asked());
    List<List<byte[]>> rows;
    try {
      rows = engine.ask(asks);
    } catch (IOException failed) {
      // Whether they have arrived is not known; a second time does no harm.
      sent.forEach(this::queue);
      orders.arrived(false);
      throw failed;
    }
    orders.arrived(true);
    long now = System.nanoTime();
    readNodes(rows.get(nodes), now);
    orders.readAnswers(rows.subList(newestOrder + 1, rows.size()), members, strangers, now);
    readShelves(whole, now);
    List<Engine.Ask> wanted = orders.wanted(rows.get(newestOrder));
    while (!wanted.isEmpty()) {
      wanted = orders.read(engine.ask(wanted));
    }
    if (whole) {
      wholeNanos = begun;
    }
  }

  /** What changed here, and behind it the beacon, which tells that it did. */
  private List<Engine.Ask> news(boolean whole) {
    long now = System.nanoTime();
    List<Engine.Ask> asks = new ArrayList<>();
    List<GroupWord> all = own.words();
    if (words.isNews(all)) {
      wordsNanos = now;
      asks.add(words.tell(all, () -> Words.packed(all, now)));
    }
    Guesses mine = met.ofLate(now);
    if (guesses.isNews(mine.last())) {
      asks.add(guesses.tell(mine.last(), mine::packed));
    }
    if (whole) {
      HeldPlaces places = own.held(1 + neighbours.living(now).size());
      if (held.isNews(places)) {
        asks.add(held.tell(places, () -> Held.packed(places)));
      }
    }
    List<Secret> secrets = ticketSecrets.own(now);
    if (tickets.isNews(secrets)) {
      asks.add(tickets.tell(secrets, () -> Tickets.packed(secrets)));
    }
    List<ProbePlan.Turn<ProbePlace>> probed = own.turns();
    probesWithOthers =
        !neighbours.living(now).isEmpty() && probed.stream().anyMatch(ProbePlan.Turn::hurried);
    if (turns.isNews(probed)) {
      asks.add(turns.tell(probed, () -> Words.ofTurns(probed)));
    }
    int age = (int) Math.min(Integer.MAX_VALUE, (now - wordsNanos) / 1_000_000);
    List<Long> numbers = shelves.stream().map(Shelf::number).toList();
    neighbours.sent(++number, now);
    Beacon beacon =
        new Beacon(config.node(), boot, number, neighbours.echoes(now), numbers, age, own.facts());
    told = seal.close("node/" + field, beacon.packed());
    asks.add(Engine.Ask.of(CommandType.HSET, keys + "nodes", field, told));
    return asks;
  }

  private void queue(Engine.Ask ask) {
    if (queued.incrementAndGet() > MOST_QUEUED) {
      queued.decrementAndGet();
    } else {
      outgoing.add(ask);
    }
  }

  /** Nothing is left behind for long, whoever goes. */
  private List<Engine.Ask> upkeep() {
    List<Engine.Ask> asks = new ArrayList<>();
    if (rounds++ % ROUNDS_UNTIL_KEPT == 0) {
      shelves.forEach(Shelf::mayBeLost); // an engine that has lost everything has it again
      String kept = Integer.toString(KEPT_SECONDS);
      asks.add(Engine.Ask.of(CommandType.EXPIRE, keys + "nodes", kept));
      shelves.forEach(each -> asks.add(Engine.Ask.of(CommandType.EXPIRE, each.key(), kept)));
      asks.add(
          Engine.Ask.of(CommandType.EXPIRE, orders.key(), Long.toString(Order.HOLDS.toSeconds())));
      for (String gone : neighbours.forgotten(System.nanoTime())) {
        asks.add(Engine.Ask.of(CommandType.HDEL, keys + "nodes", gone));
        shelves.forEach(each -> asks.add(Engine.Ask.of(CommandType.HDEL, each.key(), gone)));
      }
    }
    return asks;
  }

  private void readNodes(List<byte[]> row, long now) throws IOException {
    boolean kept = false;
    for (int i = 0; i + 1 < row.size(); i += 2) {
      String at = new String(row.get(i), StandardCharsets.UTF_8);
      byte[] value = row.get(i + 1);
      if (at.equals(field)) {
        kept = Arrays.equals(value, told);
        continue;
      }
      Optional<Beacon> beacon =
          seal.open("node/" + at, value)
              .flatMap(Beacon::of)
              .filter(each -> each.field().equals(at));
      if (beacon.isPresent()) {
        neighbours.seen(beacon.get(), now);
      } else {
        neighbours.strange(at, value, now);
        own.forged("nodes");
      }
    }
    if (!kept) {
      throw new IOException("it does not keep what is written there");
    }
    members = Collections.unmodifiableMap(neighbours.shown(now));
    strangers = neighbours.strangers(now);
    membersNanos = now;
    Set<String> twice = neighbours.names(config.node(), now);
    if (!twice.equals(sameNames)) {
      sameNames = twice;
      own.sameNames(twice);
    }
    neighbours.otherTables(own.facts().fingerprint(), now).ifPresent(own::otherTables);
  }

  private void readShelves(boolean whole, long now) throws IOException, InterruptedException {
    List<Beacon> living = neighbours.living(now);
    List<Beacon> serving = neighbours.serving(now);
    List<Engine.Ask> asks = new ArrayList<>();
    List<Consumer<List<byte[]>>> readers = new ArrayList<>();
    Set<Shelf<?>> changed = new HashSet<>();
    for (Shelf<?> shelf : shelves) {
      List<Beacon> of = shelf == held || shelf == turns ? serving : living;
      if (shelf.keep(of)) {
        changed.add(shelf);
      }
      if (!whole && (shelf == held || shelf == guesses)) {
        continue;
      }
      List<Beacon> newer = shelf.newer(of);
      for (int from = 0; from < newer.size(); from += MOST_READ_AT_ONCE) {
        List<Beacon> some = newer.subList(from, Math.min(newer.size(), from + MOST_READ_AT_ONCE));
        asks.add(shelf.ask(some));
        readers.add(
            row -> {
              changed.add(shelf);
              for (int i = 0; i < Math.min(row.size(), some.size()); i++) {
                if (shelf.isForged(some.get(i), row.get(i))) {
                  own.forged(shelf.name());
                }
              }
            });
      }
    }
    List<List<byte[]>> rows = asks.isEmpty() ? List.of() : engine.ask(asks);
    for (int i = 0; i < rows.size(); i++) {
      readers.get(i).accept(rows.get(i));
    }
    if (changed.contains(words)) {
      own.heard(words.all().stream().flatMap(List::stream).toList(), now);
    }
    if (changed.contains(turns)) {
      Map<Long, List<ProbePlan.Turn<ProbePlace>>> told = new HashMap<>();
      serving.forEach(each -> turns.of(each).ifPresent(one -> told.put(each.boot(), one)));
      own.othersTurns(boot, told);
    }
    if (changed.contains(held)) {
      own.heldElsewhere(held.all());
    }
    own.among(1 + (int) living.stream().filter(each -> !each.facts().draining()).count());
    for (Beacon each : living) {
      tickets.of(each).ifPresent(told -> ticketSecrets.heard(each.field(), told, now));
    }
    if (changed.contains(guesses)) {
      List<WrongPassword> fresh = met.fresh(guesses, living, neighbours.all(now).keySet());
      if (!fresh.isEmpty()) {
        own.guessed(fresh, now);
      }
    }
  }

  private long wordsWritten(Beacon of) {
    return neighbours.grownNanos(of).orElseGet(System::nanoTime)
        - TimeUnit.MILLISECONDS.toNanos(of.wordsMillis());
  }

  /** Tells nothing and hears nothing any more. */
  @Override
  public void close() {
    closed = true;
    here = false;
    thread.shutdownNow();
    engine.close();
    orders.stop(notTold("this front end stops"));
  }
}
