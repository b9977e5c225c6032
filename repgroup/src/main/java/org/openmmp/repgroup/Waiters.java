package org.openmmp.repgroup;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The walks that wait for a change of one memory, each woken at most once for each time it waits.
 *
 * <p>News wakes all but those who wait for a place: these are woken one by one as places come free
 * (rule B2.10), and all together only when the host's state or the master changes, or each greeting
 * would wake thousands. No wake-up is lost: who waits is entered first and looks whether the change
 * has come already after that, who changes changes first and wakes after that.
 */
final class Waiters {
  /**
   * How many wait for a store to come back, shared out as places are: the first good word wakes no
   * more than that (rule B2.9).
   */
  static final int ROOM = 1_000;

  /** One walk's waiting. */
  final class Waiter {
    private final Caller caller;
    private final long number;
    private final @Nullable StoreHost full;
    private final boolean roomNeeded;
    private final Runnable wake;
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile boolean inside;

    private Waiter(
        Caller caller, long number, @Nullable StoreHost full, boolean roomNeeded, Runnable wake) {
      this.caller = caller;
      this.number = number;
      this.full = full;
      this.roomNeeded = roomNeeded;
      this.wake = wake;
    }

    /**
     * Enters; who calls looks for changes afterwards.
     *
     * @return false if there is no room: it is not woken then
     */
    boolean enter(long nowNanos) {
      if (roomNeeded && !enterRoom(caller, nowNanos)) {
        return false;
      }
      inside = roomNeeded;
      if (full == null) {
        forNews.put(number, this);
      } else {
        queue(full).add(caller, number, this);
      }
      return true;
    }

    /** Leaves; false if it was woken already. */
    boolean cancel() {
      if (full == null) {
        forNews.remove(number, this);
      } else {
        queue(full).remove(caller, number, this);
      }
      boolean first = over.compareAndSet(false, true);
      if (first && inside) {
        leaveRoom(caller);
      }
      return first;
    }

    /** Leaves and runs what was to be run, unless that happened already. */
    void wakeNow() {
      if (cancel()) {
        wake.run();
      }
    }
  }

  private final AtomicLong numbers = new AtomicLong();
  private final ConcurrentNavigableMap<Long, Waiter> forNews = new ConcurrentSkipListMap<>();
  private final Map<StoreHost, PlaceQueue<Waiter>> forHost = new ConcurrentHashMap<>();
  private Places room = Places.EMPTY;

  /** A place in a queue, behind all that were given before. */
  long ticket() {
    return numbers.incrementAndGet();
  }

  /**
   * A waiter that has not entered yet.
   *
   * @param full the host that is full; null if it waits for news
   * @param ticket its place in the host's queue, which it keeps however often it waits
   */
  Waiter waiter(Caller caller, @Nullable StoreHost full, long ticket, Runnable wake) {
    return new Waiter(caller, full == null ? ticket() : ticket, full, false, wake);
  }

  /** The same for one that waits for a store to come back, if there is room. */
  Waiter inRoom(Caller caller, Runnable wake) {
    return new Waiter(caller, ticket(), null, true, wake);
  }

  /** Wakes all who wait for news now; who begins to wait meanwhile has seen them. */
  void wakeForNews() {
    forNews.headMap(numbers.get(), true).values().forEach(Waiter::wakeNow);
  }

  /** Wakes all who wait for a place at the host, since they may have to go elsewhere. */
  void wakeQueue(StoreHost host) {
    PlaceQueue<Waiter> queue = forHost.get(host);
    if (queue != null) {
      queue.all().forEach(Waiter::wakeNow);
    }
  }

  /**
   * Wakes whose turn it is to take a place at the host, if one is free for anybody who waits.
   *
   * @param places who holds them, at the moment that it is asked
   * @param limit how many there are
   */
  void wakeNext(StoreHost host, Supplier<Places> places, int limit, long nowNanos) {
    PlaceQueue<Waiter> queue = forHost.get(host);
    while (queue != null && queue.size() > 0) {
      Waiter next = queue.next(places.get(), limit, nowNanos);
      if (next == null) {
        return;
      }
      if (next.over.compareAndSet(false, true)) {
        next.wake.run();
        return;
      }
    }
  }

  /** How many wait for another login's answer or for a pause to end. */
  int waiting() {
    return forNews.size();
  }

  /** How many wait for an attempt at the host. */
  int waiting(StoreHost host) {
    PlaceQueue<Waiter> queue = forHost.get(host);
    return queue == null ? 0 : queue.size();
  }

  private PlaceQueue<Waiter> queue(StoreHost full) {
    return forHost.computeIfAbsent(full, host -> new PlaceQueue<>());
  }

  private synchronized boolean enterRoom(Caller caller, long nowNanos) {
    room = room.asked(caller, nowNanos);
    boolean free = room.free(caller, ROOM, nowNanos);
    if (free) {
      room = room.taking(caller);
    }
    return free;
  }

  private synchronized void leaveRoom(Caller caller) {
    room = room.leaving(caller);
  }
}
