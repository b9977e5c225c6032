package org.openmmp.repgroup;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The walks that wait for a change of one memory, each woken at most once for each time it waits.
 *
 * <p>News wakes those who do not wait for a place, proven logins first, and not all where it is of
 * no use to the first of them. Who waits for a place is woken one by one as places come free (rule
 * B2.10); they are woken all together only when the host's state or the master changes, or each
 * greeting would wake thousands. No wake-up is lost: who waits is entered first and looks whether
 * the change has come already after that, who changes changes first and wakes after that.
 */
final class Waiters {
  /** Numbers tell who came first among those of one rank. */
  private static final int RANK_SHIFT = 60;

  /**
   * So many hear news at once, and so many of each to whom it was of use: not thousands in vain.
   */
  private static final int FIRST_TO_HEAR = 64;

  private static final int HEAR_FROM_EACH = 2;

  /** This part of those who hear has lost no session: they do not wait behind a crowd that has. */
  private static final int PART_OF_OTHERS = 4;

  /** The rank of who is not known. */
  private static final long STRANGERS = 3;

  private static final long NUMBER_MASK = (1L << RANK_SHIFT) - 1;

  /** One walk's waiting. */
  final class Waiter {
    private final Caller caller;
    private final boolean back;
    private final long number;
    private final @Nullable StoreHost full;
    private final Runnable wake;
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile boolean called;
    private volatile boolean heard;

    private Waiter(
        Caller caller, boolean back, long number, @Nullable StoreHost full, Runnable wake) {
      this.caller = caller;
      this.back = back;
      this.number = number;
      this.full = full;
      this.wake = wake;
    }

    /** Enters; who calls looks for changes afterwards. */
    void enter() {
      if (full == null) {
        forNews.put(number, this);
      } else {
        queue(full).add(caller, back, number, this);
        atHosts.incrementAndGet();
      }
    }

    /** Leaves; false if it was woken already. */
    boolean cancel() {
      boolean first = over.compareAndSet(false, true);
      if (full == null) {
        forNews.remove(number, this);
      } else {
        queue(full).remove(caller, back, number, this);
        if (first) {
          atHosts.decrementAndGet();
        }
      }
      return first;
    }

    /** Leaves and runs what was to be run, unless that happened already. */
    void wakeNow() {
      if (cancel()) {
        wake.run();
      }
    }

    /** Whether news has woken it. */
    boolean hasHeard() {
      return heard;
    }

    /** Whether it is the one that looks again. */
    boolean watches() {
      return full != null && watches(full);
    }

    /** Whether it is that, at that host. */
    boolean watches(StoreHost host) {
      return host.equals(full) && equals(watches.get(host));
    }

    /** Another looks from now on, if it waits at the same host. */
    void relievedBy(Waiter next) {
      if (full != null && !(full.equals(next.full) && watches.replace(full, this, next))) {
        watches.remove(full, this);
      }
    }

    /** Looks no longer. */
    void leavesWatch() {
      if (full != null) {
        watches.remove(full, this);
      }
    }

    /** An attempt at that host began: if its turn had come there, that is over. */
    void took(StoreHost host) {
      if (called && host.equals(full)) {
        queue(host).took(caller, back);
      }
    }

    /** The host at which its turn has come; null if it has not. */
    @Nullable StoreHost calledTo() {
      return called ? full : null;
    }
  }

  private final AtomicLong numbers = new AtomicLong();
  private final AtomicInteger atHosts = new AtomicInteger();
  private final ConcurrentNavigableMap<Long, Waiter> forNews = new ConcurrentSkipListMap<>();
  private final Map<StoreHost, PlaceQueue<Waiter>> forHost = new ConcurrentHashMap<>();

  /** Who looks again when the rate of a host leaves it another login; one for each host. */
  private final Map<StoreHost, Waiter> watches = new ConcurrentHashMap<>();

  /** Those in the room; a crowd's turns are counted apart, for they change all the time. */
  private Places room = Places.EMPTY;

  private final Map<Places.Turn, Integer> seats = new HashMap<>();

  /** A place in a queue, behind all that were given before. */
  long ticket() {
    return numbers.incrementAndGet();
  }

  /**
   * A waiter that has not entered yet.
   *
   * @param back whether its user's session was ended by a store just now
   * @param full the host that is full; null if it waits for news
   * @param ticket its place in the host's queue, which it keeps however often it waits
   */
  Waiter waiter(Caller caller, boolean back, @Nullable StoreHost full, long ticket, Runnable wake) {
    return new Waiter(
        caller, back, full == null ? rank(caller, back) | ticket() : ticket, full, wake);
  }

  private static long rank(Caller caller, boolean back) {
    long rank = caller.proven() ? 1 : caller.known() ? 2 : STRANGERS;
    return (caller.known() && back ? 0 : rank) << RANK_SHIFT;
  }

  /**
   * There is news: wakes some of those who wait for any, the first in rank; who begins to wait
   * meanwhile has seen it. They wake others if it is of use to them.
   */
  void wakeForNews() {
    wake(FIRST_TO_HEAR);
  }

  /** The news was of use to one who heard it: two others hear it too. */
  void passNewsOn() {
    wake(HEAR_FROM_EACH);
  }

  private void wake(int howMany) {
    long last = numbers.get();
    Map<Long, Waiter> known = forNews.subMap(1L << RANK_SHIFT, STRANGERS << RANK_SHIFT);
    int woken = wake(known, Math.max(1, howMany / PART_OF_OTHERS), last);
    wake(forNews, howMany - woken, last);
  }

  private static int wake(Map<Long, Waiter> those, int howMany, long last) {
    int woken = 0;
    for (Waiter each : those.values()) {
      if (woken == howMany) {
        break;
      }
      if ((each.number & NUMBER_MASK) <= last && each.cancel()) {
        woken++;
        each.heard = true;
        each.wake.run();
      }
    }
    return woken;
  }

  /** Wakes all who wait for a place at whatever host, one that has left the group too. */
  void wakeQueues() {
    forHost.keySet().forEach(this::wakeQueue);
  }

  /** Wakes all who wait for a place at the host, since they may have to go elsewhere. */
  void wakeQueue(StoreHost host) {
    PlaceQueue<Waiter> queue = forHost.get(host);
    if (queue != null) {
      queue.all().forEach(Waiter::wakeNow);
    }
  }

  /**
   * Wakes whose turn it is to take a place at the host, if one is free for anybody who waits. While
   * the rate leaves none, one of them is woken to set its timer: at a host that is quick nothing is
   * under way whose end could call the next.
   *
   * @param traffic what goes on there, at the moment that it is asked
   */
  void wakeNext(
      StoreHost host,
      Supplier<HostHealth.Traffic> traffic,
      SelectorSettings settings,
      long nowNanos) {
    PlaceQueue<Waiter> queue = forHost.get(host);
    while (queue != null && queue.size() > 0) {
      HostHealth.Traffic now = traffic.get();
      Admission admission = now.admission();
      boolean counted = !Double.isInfinite(admission.rate(settings.admission()));
      if (!admission.due(settings.admission(), nowNanos)) {
        watch(host, queue);
        return;
      }
      Waiter next = queue.next(now.places(), admission.limit(settings), counted, nowNanos);
      if (next == null) {
        return;
      }
      if (next.over.compareAndSet(false, true)) {
        atHosts.decrementAndGet();
        next.called = true;
        next.wake.run();
        return;
      }
    }
  }

  private void watch(StoreHost host, PlaceQueue<Waiter> queue) {
    Waiter first = queue.first();
    while (first != null && watches.putIfAbsent(host, first) == null) {
      if (first.cancel()) {
        first.wake.run();
        return;
      }
      watches.remove(host, first); // it went meanwhile
      first = queue.first();
    }
  }

  /** How many wait for another login's answer or for a pause to end. */
  int waiting() {
    return forNews.size();
  }

  /** Whether any wait for an attempt at a host. */
  boolean anyAtHosts() {
    return atHosts.get() != 0;
  }

  /** How many wait for an attempt at the host. */
  int waiting(StoreHost host) {
    PlaceQueue<Waiter> queue = forHost.get(host);
    return queue == null ? 0 : queue.size();
  }

  private PlaceQueue<Waiter> queue(StoreHost full) {
    return forHost.computeIfAbsent(full, host -> new PlaceQueue<>());
  }

  /**
   * Takes a seat in the room of those who wait, if there is one for that caller: they are shared
   * out as places are.
   *
   * @param most how many there are
   */
  synchronized boolean sit(Caller caller, int most, long nowNanos) {
    Places.Turn turn = Places.Turn.of(caller);
    room = room.asked(caller, nowNanos);
    int left = room.left(turn.known(), most, nowNanos);
    boolean free = turn.anybody() ? left > 0 : left > seats.getOrDefault(turn, 0);
    if (free) {
      room = room.more(turn.known(), 1);
      seats.merge(turn, 1, Integer::sum);
    }
    return free;
  }

  /** Leaves the room. */
  synchronized void stand(Caller caller) {
    Places.Turn turn = Places.Turn.of(caller);
    room = room.more(turn.known(), -1);
    seats.computeIfPresent(turn, (same, count) -> count == 1 ? null : count - 1);
  }
}
