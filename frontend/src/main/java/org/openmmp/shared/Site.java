package org.openmmp.shared;

import io.lettuce.core.protocol.CommandType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
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
 * orders} and {@code clock} (streams), {@code answers:ID} (a hash for each order). What stands in
 * them is sealed.
 */
public final class Site implements AutoCloseable {
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long HURRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** While somebody waits here for a store that others may be asking. */
  private static final long WAITED_FOR_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private static final long GUESSES_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long GUESSES_KEPT_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int FAILURES_UNTIL_AWAY = 3;
  private static final long ANSWERS_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(4);
  private static final int MOST_ORDERS = 1_000;
  private static final int MOST_QUEUED = 200;
  private static final int KEPT_SECONDS = 3_600;
  private static final int ANSWERS_KEPT_SECONDS = 600;
  private static final int ROUNDS_UNTIL_KEPT = 60;

  /** Where an entry of a stream stands. */
  private static final String PLACE = "\\d{1,18}-\\d{1,18}";

  private static final Duration TABLES_MAY_DIFFER = Duration.ofSeconds(60);

  /** One of the site's front ends. */
  public record Member(String node, NodeFacts facts, boolean own, long lastSeenNanosAgo) {
    /** Whether it shows no sign of life. */
    public boolean away() {
      return lastSeenNanosAgo > Neighbours.LIVING_NANOS;
    }
  }

  /** An order that was given here and waits for its answers. */
  private record Pending(
      Order order,
      CompletableFuture<List<NodeAnswer>> answers,
      Map<String, NodeAnswer> came,
      long untilNanos) {}

  /** A wrong password that was met here. */
  private record Guess(WrongPassword wrong, long atNanos) {}

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
  private final Set<String> done = new HashSet<>();
  private final Queue<Pending> given = new ConcurrentLinkedQueue<>();
  private final List<Pending> pending = new ArrayList<>();
  private final Queue<Engine.Ask> outgoing = new ConcurrentLinkedQueue<>();
  private final AtomicInteger queued = new AtomicInteger();
  private final Queue<Guess> met = new ConcurrentLinkedQueue<>();
  private final AtomicInteger metCount = new AtomicInteger();
  private final ArrayDeque<Guess> lately = new ArrayDeque<>();
  private final Map<String, Long> guessesHeard = new HashMap<>();
  private long lastGuess;
  private final AtomicBoolean hurried = new AtomicBoolean();
  private long number;
  private long wordsNanos;
  private String newestOrder = "";
  private boolean ordersRead;
  private int rounds;
  private int failures;
  private @Nullable Long differSinceNanos;
  private boolean differ;
  private Set<String> sameNames = Set.of();
  private boolean probesWithOthers;
  private volatile boolean here;
  private boolean toldAway;
  private volatile Map<Beacon, Long> members = Map.of();
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
    if (!here || closed) {
      return;
    }
    if (metCount.incrementAndGet() > Guesses.MOST) {
      metCount.decrementAndGet();
    } else {
      met.add(new Guess(wrong, System.nanoTime()));
      hurryWithin(GUESSES_NANOS);
    }
  }

  /** All front ends that were seen of late, by name, this one first. On any thread. */
  public List<Member> members() {
    List<Member> all = new ArrayList<>();
    all.add(new Member(config.node(), own.facts(), true, 0));
    long since = System.nanoTime() - membersNanos;
    members.forEach(
        (beacon, ago) -> all.add(new Member(beacon.node(), beacon.facts(), false, ago + since)));
    all.subList(1, all.size()).sort(Comparator.comparing(Member::node));
    return all;
  }

  /**
   * Has all others do it; one that is away hears of it when it is back. On any thread.
   *
   * @return an answer for each other front end that is known; empty if none can be told
   */
  public CompletionStage<List<NodeAnswer>> give(String path, String query) {
    byte[] id = new byte[16];
    new SecureRandom().nextBytes(id);
    Order order =
        new Order(
            HexFormat.of().formatHex(id),
            config.node(),
            path,
            query,
            Instant.now().getEpochSecond());
    Pending one =
        new Pending(
            order,
            new CompletableFuture<>(),
            new TreeMap<>(),
            System.nanoTime() + ANSWERS_WITHIN_NANOS);
    if (!here || closed || given.size() >= MOST_QUEUED) {
      one.answers().complete(notTold("the shared state is away, so that nobody else was told"));
    } else {
      given.add(one);
      hurry();
    }
    return one.answers();
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
    } else if (!pending.isEmpty()) {
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
        differ = false;
        differSinceNanos = null;
        own.away(why);
        own.heard(List.of(), System.nanoTime());
        own.othersTurns(boot, Map.of());
      }
      words.clear();
      held.clear();
      turns.clear();
      own.heldElsewhere(HeldPlaces.NONE);
      pending.forEach(
          each -> each.answers().complete(notTold("the shared state has gone: " + why)));
      pending.clear();
      for (Pending each = given.poll(); each != null; each = given.poll()) {
        each.answers().complete(notTold("the shared state has gone: " + why));
      }
    }
  }

  private void round() throws IOException, InterruptedException {
    List<Pending> fresh = new ArrayList<>();
    List<Engine.Ask> asks = new ArrayList<>();
    for (Pending each = given.poll(); each != null; each = given.poll()) {
      done.add(each.order().id());
      fresh.add(each);
      asks.add(
          Engine.Ask.of(
              CommandType.XADD,
              keys + "orders",
              "MAXLEN",
              "~",
              Integer.toString(MOST_ORDERS),
              "*",
              "o",
              seal.close("order", each.order().packed())));
    }
    asks.addAll(upkeep());
    Engine.Ask beacon = beacon();
    List<Engine.Ask> sent = new ArrayList<>();
    for (Engine.Ask each = outgoing.poll(); each != null; each = outgoing.poll()) {
      queued.decrementAndGet();
      sent.add(each);
    }
    asks.addAll(sent);
    asks.add(beacon); // behind what it tells of
    int nodes = asks.size();
    asks.add(Engine.Ask.of(CommandType.HGETALL, keys + "nodes"));
    int orders = asks.size();
    asks.add(Engine.Ask.of(CommandType.XREVRANGE, keys + "orders", "+", "-", "COUNT", "1"));
    pending.addAll(fresh);
    for (Pending each : pending) {
      asks.add(Engine.Ask.of(CommandType.HGETALL, keys + "answers:" + each.order().id()));
    }
    List<List<byte[]>> rows;
    try {
      rows = engine.ask(asks);
    } catch (IOException failed) {
      // Whether they have arrived is not known; a second time does no harm.
      sent.forEach(this::queue);
      pending.removeAll(fresh);
      given.addAll(fresh);
      throw failed;
    }
    long now = System.nanoTime();
    readNodes(rows.get(nodes), now);
    readAnswers(rows.subList(orders + 1, rows.size()), now);
    readShelves(now);
    readOrders(rows.get(orders));
  }

  private Engine.Ask beacon() {
    long now = System.nanoTime();
    List<GroupWord> all = own.words();
    if (words.isNews(all)) {
      wordsNanos = now;
      queue(words.tell(all, () -> Words.packed(all, now)));
    }
    Guesses mine = guessesOfLate(now);
    if (guesses.isNews(mine.last())) {
      queue(guesses.tell(mine.last(), mine::packed));
    }
    HeldPlaces places = own.held(1 + neighbours.living(now).size());
    if (held.isNews(places)) {
      queue(held.tell(places, () -> Held.packed(places)));
    }
    List<Secret> secrets = ticketSecrets.own(now);
    if (tickets.isNews(secrets)) {
      queue(tickets.tell(secrets, () -> Tickets.packed(secrets)));
    }
    List<ProbePlan.Turn<ProbePlace>> probed = own.turns();
    probesWithOthers =
        !neighbours.living(now).isEmpty() && probed.stream().anyMatch(ProbePlan.Turn::hurried);
    if (turns.isNews(probed)) {
      queue(turns.tell(probed, () -> Words.ofTurns(probed)));
    }
    int age = (int) Math.min(Integer.MAX_VALUE, (now - wordsNanos) / 1_000_000);
    List<Long> numbers = shelves.stream().map(Shelf::number).toList();
    Beacon beacon = new Beacon(config.node(), boot, ++number, numbers, age, own.facts());
    return Engine.Ask.of(
        CommandType.HSET, keys + "nodes", field, seal.close("node/" + field, beacon.packed()));
  }

  /** So few that whoever guesses fast is told of in part, and slowed all the same. */
  private Guesses guessesOfLate(long now) {
    for (Guess each = met.poll(); each != null; each = met.poll()) {
      metCount.decrementAndGet();
      lastGuess++;
      lately.addLast(each);
    }
    while (lately.size() > Guesses.MOST
        || (!lately.isEmpty() && now - lately.getFirst().atNanos() > GUESSES_KEPT_NANOS)) {
      lately.removeFirst();
    }
    return new Guesses(lastGuess, lately.stream().map(Guess::wrong).toList());
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
          Engine.Ask.of(
              CommandType.EXPIRE, keys + "orders", Long.toString(Order.HOLDS.toSeconds())));
      for (String gone : neighbours.forgotten(System.nanoTime())) {
        asks.add(Engine.Ask.of(CommandType.HDEL, keys + "nodes", gone));
        shelves.forEach(each -> asks.add(Engine.Ask.of(CommandType.HDEL, each.key(), gone)));
      }
    }
    return asks;
  }

  private void readNodes(List<byte[]> row, long now) {
    for (int i = 0; i + 1 < row.size(); i += 2) {
      String at = new String(row.get(i), StandardCharsets.UTF_8);
      Optional<Beacon> beacon =
          seal.open("node/" + at, row.get(i + 1))
              .flatMap(Beacon::of)
              .filter(each -> each.field().equals(at));
      if (beacon.isPresent()) {
        neighbours.seen(beacon.get(), now);
      } else {
        own.forged("nodes");
      }
    }
    members = Collections.unmodifiableMap(neighbours.all(now));
    membersNanos = now;
    Set<String> twice = neighbours.names(config.node(), now);
    if (!twice.equals(sameNames)) {
      sameNames = twice;
      own.sameNames(twice);
    }
    compareTables(now);
  }

  /** A reload goes from one front end to the next; what lasts longer is no reload. */
  private void compareTables(long now) {
    String fingerprint = own.facts().fingerprint();
    Set<String> others = new TreeSet<>();
    for (Beacon each : neighbours.living(now)) {
      if (!each.facts().fingerprint().equals(fingerprint)) {
        others.add(each.node());
      }
    }
    if (others.isEmpty()) {
      differSinceNanos = null;
      if (differ) {
        differ = false;
        own.otherTables(others);
      }
    } else if (differSinceNanos == null) {
      differSinceNanos = now;
    } else if (!differ && now - differSinceNanos > TABLES_MAY_DIFFER.toNanos()) {
      differ = true;
      own.otherTables(others);
    }
  }

  private void readShelves(long now) throws IOException, InterruptedException {
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
      for (Beacon each : shelf.newer(of)) {
        asks.add(shelf.ask(each));
        readers.add(
            row -> {
              changed.add(shelf);
              if (shelf.isForged(each, row)) {
                own.forged(shelf.name());
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
      own.heldElsewhere(HeldPlaces.sum(held.all()));
    }
    own.among(1 + (int) living.stream().filter(each -> !each.facts().draining()).count());
    for (Beacon each : living) {
      tickets.of(each).ifPresent(told -> ticketSecrets.heard(each.field(), told, now));
    }
    if (changed.contains(guesses)) {
      hearGuesses(living, now);
    }
  }

  private long wordsWritten(Beacon of) {
    return neighbours.grownNanos(of).orElseGet(System::nanoTime)
        - TimeUnit.MILLISECONDS.toNanos(of.wordsMillis());
  }

  /** Who was away for a while and is back tells none of them a second time. */
  private void hearGuesses(List<Beacon> living, long now) {
    Set<String> known = new HashSet<>();
    neighbours.all(now).keySet().forEach(each -> known.add(each.field()));
    guessesHeard.keySet().retainAll(known);
    List<WrongPassword> fresh = new ArrayList<>();
    for (Beacon each : living) {
      Optional<Guesses> told = guesses.of(each);
      if (told.isPresent()) {
        fresh.addAll(told.get().since(guessesHeard.getOrDefault(each.field(), 0L)));
        guessesHeard.merge(each.field(), told.get().last(), Math::max);
      }
    }
    if (!fresh.isEmpty()) {
      own.guessed(fresh, now);
    }
  }

  private void readAnswers(List<List<byte[]>> rows, long now) {
    for (int i = 0; i < rows.size(); i++) {
      Pending one = pending.get(i);
      List<byte[]> row = rows.get(i);
      for (int at = 0; at + 1 < row.size(); at += 2) {
        String from = new String(row.get(at), StandardCharsets.UTF_8);
        seal.open("answer/" + one.order().id() + "/" + from, row.get(at + 1))
            .flatMap(NodeAnswer::of)
            .ifPresent(answer -> one.came().put(from, answer));
      }
    }
    pending.removeIf(each -> ended(each, now));
  }

  private boolean ended(Pending one, long now) {
    boolean late = now - one.untilNanos() > 0;
    boolean all = true;
    Map<String, NodeAnswer> answers = new LinkedHashMap<>(one.came());
    for (Map.Entry<Beacon, Long> each : neighbours.all(now).entrySet()) {
      Beacon beacon = each.getKey();
      if (answers.containsKey(beacon.field())) {
        continue;
      }
      boolean lives = each.getValue() <= Neighbours.LIVING_NANOS;
      all = all && !lives;
      answers.put(
          beacon.field(),
          new NodeAnswer(
              beacon.node(),
              0,
              lives
                  ? "has not answered in time; it is told as soon as it listens"
                  : "is away for "
                      + TimeUnit.NANOSECONDS.toSeconds(each.getValue())
                      + " s; it is told when it is back"));
    }
    if (!all && !late) {
      return false;
    }
    List<NodeAnswer> sorted = new ArrayList<>(answers.values());
    sorted.sort(Comparator.comparing(NodeAnswer::node));
    one.answers().complete(sorted);
    return true;
  }

  /** An order in the stream. */
  private record Entry(String place, Order order) {}

  private void readOrders(List<byte[]> newest) throws IOException, InterruptedException {
    String top = newest.isEmpty() ? "" : new String(newest.get(0), StandardCharsets.UTF_8);
    if (top.equals(newestOrder) && ordersRead) {
      return;
    }
    List<List<byte[]>> rows =
        engine.ask(
            List.of(
                Engine.Ask.of(
                    CommandType.XREVRANGE,
                    keys + "orders",
                    "+",
                    "-",
                    "COUNT",
                    Integer.toString(MOST_ORDERS)),
                Engine.Ask.of(CommandType.TIME, "")));
    long engineMillis = millis(rows.get(1));
    Queue<Entry> entries = new ArrayDeque<>(entries(rows.get(0)));
    String last = ordersRead ? "" : own.lastOrder();
    Set<String> there = new HashSet<>();
    for (Entry each : entries) {
      there.add(each.order().id());
      if (!last.isEmpty() && compare(each.place(), last) <= 0) {
        done.add(each.order().id());
      }
      if (done.add(each.order().id())) {
        take(each, engineMillis);
      }
    }
    if (done.size() > 4 * MOST_ORDERS) {
      done.retainAll(there);
    }
    newestOrder = top;
    ordersRead = true;
    if (!top.isEmpty() && !top.equals(own.lastOrder())) {
      own.carriedOut(top);
    }
  }

  private static long millis(List<byte[]> time) {
    try {
      return Long.parseLong(new String(time.get(0), StandardCharsets.UTF_8)) * 1_000;
    } catch (NumberFormatException | IndexOutOfBoundsException none) {
      return 0;
    }
  }

  /** Those that can be understood, the oldest first. */
  private List<Entry> entries(List<byte[]> row) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 1; i + 1 < row.size(); i++) {
      String place = new String(row.get(i - 1), StandardCharsets.UTF_8);
      if (row.get(i).length == 1 && row.get(i)[0] == 'o' && place.matches(PLACE)) {
        Optional<Order> order = seal.open("order", row.get(i + 1)).flatMap(Order::of);
        if (order.isPresent()) {
          entries.add(new Entry(place, order.get()));
        } else {
          own.forged("orders");
        }
      }
    }
    Collections.reverse(entries);
    return entries;
  }

  private static int compare(String one, String other) {
    return one.matches(PLACE) && other.matches(PLACE)
        ? Comparator.<String>comparingLong(each -> Long.parseLong(each.split("-", 2)[0]))
            .thenComparingLong(each -> Long.parseLong(each.split("-", 2)[1]))
            .compare(one, other)
        : 1;
  }

  private void take(Entry entry, long engineMillis) {
    Order order = entry.order();
    long written = Long.parseLong(entry.place().split("-", 2)[0]);
    long age = Math.max(0, engineMillis - written);
    if (!order.holds(age, Instant.now().getEpochSecond())) {
      return;
    }
    own.carryOut(order, age)
        .whenComplete(
            (answer, failure) -> {
              NodeAnswer told =
                  failure == null && answer != null
                      ? answer
                      : new NodeAnswer(config.node(), 500, String.valueOf(failure));
              String key = keys + "answers:" + order.id();
              queue(
                  Engine.Ask.of(
                      CommandType.HSET,
                      key,
                      field,
                      seal.close("answer/" + order.id() + "/" + field, told.packed())));
              queue(Engine.Ask.of(CommandType.EXPIRE, key, Integer.toString(ANSWERS_KEPT_SECONDS)));
              hurry();
            });
  }

  /** Tells nothing and hears nothing any more. */
  @Override
  public void close() {
    closed = true;
    here = false;
    thread.shutdownNow();
    engine.close();
    given.forEach(each -> each.answers().complete(notTold("this front end stops")));
  }
}
