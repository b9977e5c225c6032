package org.openmmp.lmtp.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.text.HostPort;

/**
 * How many connections each store gives this relay, and who waits for one of them (rule B5.18).
 *
 * <p>A store that turns a new connection away while others of ours are answered there is full. From
 * then on it gets fewer than stood, by an eighth on the average, and one more for each second in
 * which somebody waits: additive up, multiplicative down. Who came first is served first, a kept
 * connection before a new one. A transaction that holds a connection to one store and waits for
 * another gives the first way to an older one, so that no two of them wait for each other. Safe for
 * any thread.
 */
public final class StoreCapacity {
  /** A store that is turned away from so quickly has said so; a slower one may be dead. */
  static final Duration QUICK = Duration.ofSeconds(1);

  /** Somebody who waits may have one connection more than before after so long. */
  static final Duration GROWTH = Duration.ofSeconds(1);

  /** How long one that waits for a new connection may be passed over by one that needs none. */
  static final Duration PASSED_OVER = Duration.ofSeconds(1);

  /** A store that owes one delivery an answer for so long is asked last by the others. */
  static final Duration SILENT = Duration.ofSeconds(2);

  private static final Duration TOLD_FOR = Duration.ofMinutes(1);

  /** Who may wait for one store; the next one hears at once that there is no room. */
  static final int MOST_WAITING = 1_000;

  private static final int UNLIMITED = Integer.MAX_VALUE;
  private static final int MOST_STORES = 10_000;
  private static final int PART_LESS = 8;
  private static final int SMOOTHING = 8;
  private static final int TIMES_USUAL = 4;

  /** One delivery of a transaction: it holds a connection to a store, waits for one, or neither. */
  public final class Claim {
    private final Party party;
    private final long number;
    private @Nullable StorePlace wanted;
    private long sinceNanos;
    private @Nullable StoreKey held;
    private boolean asked;

    private Claim(Party party, long number) {
      this.party = party;
      this.number = number;
    }

    /** Whose it is. */
    public Party party() {
      return party;
    }

    /** Whether it is to give its connection to an older transaction; once. */
    public boolean givesWay() {
      synchronized (StoreCapacity.this) {
        boolean now = asked && held != null;
        asked = false;
        return now;
      }
    }

    private boolean before(Claim other) {
      return ORDER.compare(this, other) < 0;
    }
  }

  /** The claims of one transaction, which all come to their end together. */
  public final class Party {
    private final Object home;
    private final long number;
    private int claims;
    private int waiting;
    private final List<Claim> holding = new ArrayList<>();
    private boolean news;
    private @Nullable Runnable wake;

    private Party(Object home, long number) {
      this.home = home;
      this.number = number;
    }

    /** One more delivery. */
    public Claim claim() {
      synchronized (StoreCapacity.this) {
        return new Claim(this, claims++);
      }
    }

    /**
     * Has that run whenever one of them may go on, or is asked to give way; on any thread, in the
     * middle of a change.
     */
    public void onNews(Runnable what) {
      synchronized (StoreCapacity.this) {
        wake = what;
        if (news) {
          tell();
        }
      }
    }

    private void tell() {
      news = wake == null;
      if (wake != null) {
        wake.run();
      }
    }
  }

  private static final Comparator<Claim> ORDER =
      Comparator.<Claim>comparingLong(claim -> claim.party.number)
          .thenComparingLong(claim -> claim.number);

  /** One connection, from its dial to its end. */
  private static final class Line {
    private final StoreKey key;
    private final Object home;
    private final long dialledNanos;
    private @Nullable Claim holder;
    private @Nullable Runnable leaving;
    private boolean greeted;
    private long askedNanos;

    /** Since when it owes its holder an answer that concerns no recipient; null: it does not. */
    private @Nullable Long owesNanos;

    private Line(StoreKey key, Claim holder, long nowNanos) {
      this.key = key;
      this.home = holder.party.home;
      this.holder = holder;
      this.dialledNanos = nowNanos;
      this.askedNanos = nowNanos;
    }

    private boolean serves(Claim claim) {
      return home == claim.party.home
          && claim.wanted != null
          && key.place().key().equals(claim.wanted.key());
    }
  }

  private static final class Store {
    private final Map<StoreKey, Line> lines = new LinkedHashMap<>();
    private final TreeSet<Claim> waiting = new TreeSet<>(ORDER);
    private int limit = UNLIMITED;

    /** Eighths of connections that are still to be given up. */
    private int owed;

    private long shrunkNanos;
    private long changedNanos;
    private @Nullable Long heardNanos;
    private long usualGreeting = -1;
    private @Nullable Long answeredNanos;
    private long usualAnswer;

    private boolean room() {
      return lines.size() < limit;
    }

    private int standing() {
      return (int) lines.values().stream().filter(line -> line.greeted).count();
    }

    /** How long a new connection may be silent that would have as long as the limit. */
    private long patience(Duration limit) {
      return Math.max(limit.toNanos() / 2, TIMES_USUAL * usualGreeting);
    }

    private boolean forgettable() {
      return lines.isEmpty() && waiting.isEmpty();
    }
  }

  private final Map<HostPort, Store> stores = new HashMap<>();
  private long parties;
  private long keys;

  /** No store is known, and none full. */
  public StoreCapacity() {}

  /**
   * A transaction begins.
   *
   * @param home whose kept connections it may use; others can only be closed for it
   */
  public synchronized Party party(Object home) {
    return new Party(home, parties++);
  }

  /** Whether a kept connection may be used: nobody waits for it who came before. */
  public synchronized boolean mayUseKept(Claim claim, StorePlace place, long nowNanos) {
    Store store = stores.get(door(place));
    if (store == null || store.waiting.isEmpty() || store.waiting.first() == claim) {
      return true;
    }
    Claim first = store.waiting.first();
    if (claim.before(first)) {
      return true;
    }
    boolean oursWaits =
        store.waiting.headSet(claim).stream()
            .anyMatch(
                each ->
                    each.party.home == claim.party.home
                        && Objects.requireNonNull(each.wanted).key().equals(place.key()));
    return !oursWaits && nowNanos - first.sinceNanos < PASSED_OVER.toNanos();
  }

  /** A kept connection is that claim's from now on. */
  public synchronized void took(Claim claim, StoreKey key) {
    Line line = line(key);
    if (line != null) {
      line.leaving = null;
      holds(claim, line);
      askToGiveWay(claim);
    }
    waitsNoMore(claim);
  }

  /**
   * A new connection.
   *
   * @return its key, which no other connection has; null: there is no room, or others were first
   */
  public synchronized @Nullable StoreKey dial(Claim claim, StorePlace place, long nowNanos) {
    Store store = store(place);
    if (!store.room() && store.waiting.isEmpty()) {
      grow(store, nowNanos);
    }
    boolean first = store.waiting.isEmpty() || !store.waiting.first().before(claim);
    if (!first || !store.room()) {
      return null;
    }
    StoreKey key = new StoreKey(++keys, place);
    Line line = new Line(key, claim, nowNanos);
    store.lines.put(key, line);
    holds(claim, line);
    waitsNoMore(claim);
    return key;
  }

  private static void holds(Claim claim, Line line) {
    line.holder = claim;
    claim.held = line.key;
    claim.asked = false;
    claim.party.holding.add(claim);
  }

  /** Whether others of ours stand at a store that is known to be full at times. */
  public synchronized boolean isRationed(StorePlace place) {
    Store store = stores.get(door(place));
    return store != null && store.limit != UNLIMITED && store.standing() > 0;
  }

  /**
   * Waits for a connection.
   *
   * @return false: it is of no use, for too many wait already, or all connections there are held by
   *     the same transaction
   */
  public synchronized boolean await(Claim claim, StorePlace place, long nowNanos) {
    Store store = store(place);
    boolean own =
        !store.room()
            && store.lines.values().stream()
                .allMatch(line -> line.holder != null && line.holder.party == claim.party);
    if (own || (store.waiting.size() >= MOST_WAITING && !store.waiting.contains(claim))) {
      return false;
    }
    waitsNoMore(claim);
    claim.wanted = place;
    claim.sinceNanos = nowNanos;
    claim.party.waiting++;
    store.waiting.add(claim);
    askForWay(store, claim);
    for (Claim holding : claim.party.holding) {
      askToGiveWay(holding);
    }
    if (store.room()) {
      wakeFirst(store);
    } else {
      closeIdle(store, claim);
    }
    return true;
  }

  /** The youngest holder that waits elsewhere gives way to an older one that waits here. */
  private static void askForWay(Store store, Claim waits) {
    store.lines.values().stream()
        .filter(line -> line.greeted && line.holder != null)
        .map(line -> Objects.requireNonNull(line.holder))
        .filter(
            holder ->
                holder.party != waits.party
                    && holder.party.waiting > 0
                    && waits.before(holder)
                    && !holder.asked)
        .max(ORDER)
        .ifPresent(StoreCapacity::ask);
  }

  private void askToGiveWay(Claim holding) {
    Line line = holding.held == null ? null : line(holding.held);
    Store store = line == null ? null : stores.get(door(line.key.place()));
    if (store != null
        && line != null
        && line.greeted
        && !holding.asked
        && holding.party.waiting > 0
        && store.waiting.stream()
            .anyMatch(each -> each.party != holding.party && each.before(holding))) {
      ask(holding);
    }
  }

  private static void ask(Claim holder) {
    holder.asked = true;
    holder.party.tell();
  }

  /** A connection that nobody uses, and that this one cannot, makes room for it. */
  private static void closeIdle(Store store, Claim claim) {
    for (Line line : store.lines.values()) {
      Runnable leaving = line.leaving;
      if (leaving != null && !line.serves(claim)) {
        line.leaving = null;
        leaving.run();
        return;
      }
    }
  }

  /** It waits no more, and holds no connection. */
  public synchronized void leave(Claim claim) {
    claim.asked = false;
    if (claim.held != null) {
      Line line = line(claim.held);
      if (line != null && line.holder == claim) {
        line.holder = null;
      }
      claim.held = null;
      claim.party.holding.remove(claim);
    }
    waitsNoMore(claim);
  }

  private void waitsNoMore(Claim claim) {
    StorePlace place = claim.wanted;
    if (place == null) {
      return;
    }
    claim.wanted = null;
    claim.party.waiting--;
    Store store = store(place);
    store.waiting.remove(claim);
    wakeFirst(store);
  }

  private static void wakeFirst(Store store) {
    if (store.room() && !store.waiting.isEmpty()) {
      store.waiting.first().party.tell();
    }
  }

  /**
   * Whether it is of use to try again: it is first, and there is room, or a kept connection for it.
   */
  public synchronized boolean mayGoOn(Claim claim, long nowNanos) {
    StorePlace place = claim.wanted;
    if (place == null) {
      return true;
    }
    Store store = store(place);
    if (store.waiting.first() == claim && (store.room() || grow(store, nowNanos))) {
      return true;
    }
    return store.lines.values().stream()
            .anyMatch(line -> line.leaving != null && line.serves(claim))
        && mayUseKept(claim, place, nowNanos);
  }

  /** When one who waits may ask {@link #mayGoOn} though nothing happened; null: not at all. */
  public synchronized @Nullable Long growsNext(Claim claim) {
    StorePlace place = claim.wanted;
    Store store = place == null ? null : stores.get(door(place));
    return store == null || store.waiting.first() != claim
        ? null
        : store.changedNanos + GROWTH.toNanos();
  }

  private static boolean grow(Store store, long nowNanos) {
    if (store.limit == UNLIMITED || nowNanos - store.changedNanos < GROWTH.toNanos()) {
      return false;
    }
    store.limit = Math.max(store.limit, store.lines.size()) + 1;
    store.changedNanos = nowNanos;
    return true;
  }

  /** A store opened the connection: it stands. */
  public synchronized void greeted(StoreKey key, long nowNanos) {
    Line line = line(key);
    if (line == null || line.greeted) {
      return;
    }
    Store store = store(key.place());
    line.greeted = true;
    long took = nowNanos - line.dialledNanos;
    store.usualGreeting =
        Math.max(took, store.usualGreeting + (took - store.usualGreeting) / SMOOTHING);
    store.heardNanos = nowNanos;
    if (store.limit != UNLIMITED && line.dialledNanos - store.shrunkNanos < 0) {
      // It was under way when another was turned away, and the store had room for it.
      store.limit = Math.max(store.limit, store.standing() - store.standing() / PART_LESS);
    }
    if (line.holder != null) {
      askToGiveWay(line.holder);
    }
  }

  /** A store said something on a connection that stands. */
  public synchronized void heard(StoreKey key, long nowNanos) {
    Line line = line(key);
    if (line == null) {
      return;
    }
    Store store = store(key.place());
    if (line.greeted) {
      store.heardNanos = nowNanos;
    }
    Long owes = line.owesNanos;
    if (owes != null) {
      line.owesNanos = null;
      store.answeredNanos = nowNanos;
      store.usualAnswer += (nowNanos - owes - store.usualAnswer) / SMOOTHING;
    }
  }

  /** A store is asked what it answers whoever the recipient is: MAIL, DATA. */
  public synchronized void asked(StoreKey key, long nowNanos) {
    Line line = line(key);
    if (line != null) {
      line.owesNanos = nowNanos;
    }
  }

  /**
   * Whether a store that others have asked owes them all an answer for longer than it ever takes:
   * another host is asked first, if it takes the message (rule B5.17).
   */
  public synchronized boolean isSilent(Claim claim, StorePlace place, long nowNanos) {
    Store store = stores.get(door(place));
    if (store == null) {
      return false;
    }
    long patience = Math.max(SILENT.toNanos(), TIMES_USUAL * store.usualAnswer);
    boolean owes = false;
    for (Line line : store.lines.values()) {
      Long since = line.owesNanos;
      Claim holder = line.holder;
      owes |=
          since != null
              && holder != null
              && holder.party != claim.party
              && nowNanos - since >= patience
              && (store.answeredNanos == null || store.answeredNanos - since < 0);
    }
    return owes;
  }

  /**
   * A new connection was not greeted: it was closed, refused with a word, or is silent.
   *
   * @param dialledNanos when it began
   * @return how many connections the store gets from now on; empty if it is not full, but has
   *     failed: none of ours stands there that is answered
   */
  public synchronized OptionalInt turnedAway(StorePlace place, long dialledNanos, long nowNanos) {
    Store store = store(place);
    int standing = store.standing();
    boolean quick = nowNanos - dialledNanos <= QUICK.toNanos();
    Long heard = store.heardNanos;
    if (standing == 0 || heard == null || (!quick && heard - dialledNanos <= 0)) {
      return OptionalInt.empty();
    }
    if (store.limit == UNLIMITED || dialledNanos - store.shrunkNanos >= 0) {
      store.owed += standing;
      store.limit = Math.max(1, standing - store.owed / PART_LESS);
      store.owed %= PART_LESS;
      store.shrunkNanos = nowNanos;
      store.changedNanos = nowNanos;
    }
    return OptionalInt.of(store.limit);
  }

  /** When to ask {@link #isKeptWaiting} of a connection that is not greeted; null: it is. */
  public synchronized @Nullable Long judgedNext(StoreKey key) {
    Line line = line(key);
    return line == null || line.greeted
        ? null
        : Long.valueOf(
            line.askedNanos + store(key.place()).patience(key.place().access().greetingTimeout()));
  }

  /**
   * Whether a store that says nothing on a new connection is full: it answers others, and greets
   * faster as a rule. If others are unused there, one is closed to make room.
   */
  public synchronized boolean isKeptWaiting(StoreKey key, long nowNanos) {
    Line line = line(key);
    if (line == null || line.greeted) {
      return false;
    }
    line.askedNanos = nowNanos;
    Store store = store(key.place());
    Long heard = store.heardNanos;
    boolean answers = store.standing() > 0 && heard != null && heard - line.dialledNanos > 0;
    if (!answers && line.holder != null) {
      closeIdle(store, line.holder);
    }
    return answers;
  }

  /**
   * A connection is given back.
   *
   * @param leaving closes it, on any thread; run at most once
   * @return false: it is to be closed now, for there are too many, or it is of no use to who waits
   */
  public synchronized boolean keep(StoreKey key, Runnable leaving, long nowNanos) {
    Line line = line(key);
    if (line == null) {
      return false;
    }
    Claim holder = line.holder;
    line.holder = null;
    if (holder != null) {
      holder.held = null;
      holder.party.holding.remove(holder);
    }
    Store store = store(key.place());
    if (store.lines.size() > store.limit) {
      return false;
    }
    if (!store.waiting.isEmpty()) {
      Claim next = store.waiting.stream().filter(line::serves).findFirst().orElse(null);
      if (next == null || !mayUseKept(next, key.place(), nowNanos)) {
        return false;
      }
      line.leaving = leaving;
      next.party.tell();
      return true;
    }
    line.leaving = leaving;
    return true;
  }

  /** A connection is no more, or never came about. */
  public synchronized void closed(StoreKey key, long nowNanos) {
    HostPort door = door(key.place());
    Store store = stores.get(door);
    Line line = store == null ? null : store.lines.remove(key);
    if (store == null || line == null) {
      return;
    }
    wakeFirst(store);
    if (store.forgettable() && (store.limit == UNLIMITED || stores.size() > MOST_STORES)) {
      stores.remove(door);
    }
  }

  /** For people: how a host is full, as it is or was within the last minute; empty if not. */
  public synchronized String fullness(StoreHost host, long nowNanos) {
    int waiting = waitingFor(host);
    boolean lately =
        at(host).stream()
            .anyMatch(
                store ->
                    store.limit != UNLIMITED && nowNanos - store.shrunkNanos < TOLD_FOR.toNanos());
    OptionalInt limit = limitOf(host);
    return limit.isEmpty() || (!lately && waiting == 0)
        ? ""
        : "full: " + limit.getAsInt() + " connections, " + waiting + " waiting";
  }

  /** How many wait for a connection to that host, whatever the port. */
  synchronized int waitingFor(StoreHost host) {
    return at(host).stream().mapToInt(store -> store.waiting.size()).sum();
  }

  /** How many connections that host gives us; empty if it never turned one away. */
  synchronized OptionalInt limitOf(StoreHost host) {
    return at(host).stream()
        .filter(store -> store.limit != UNLIMITED)
        .mapToInt(store -> store.limit)
        .min();
  }

  private Collection<Store> at(StoreHost host) {
    Predicate<Map.Entry<HostPort, Store>> there = each -> each.getKey().host().equals(host.name());
    return stores.entrySet().stream().filter(there).map(Map.Entry::getValue).toList();
  }

  private static HostPort door(StorePlace place) {
    return new HostPort(place.host().name(), place.access().port());
  }

  private Store store(StorePlace place) {
    return stores.computeIfAbsent(door(place), door -> new Store());
  }

  private @Nullable Line line(StoreKey key) {
    Store store = stores.get(door(key.place()));
    return store == null ? null : store.lines.get(key);
  }
}
