package org.openmmp.repgroup;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The walks that wait for a change of one memory, each woken at most once for each time it waits.
 *
 * <p>News wakes all; the end of an attempt wakes the one that has waited longest for that host. No
 * wake-up is lost: who waits is entered first and looks whether the change has come already after
 * that, who changes changes first and wakes after that.
 */
final class Waiters {
  /** One walk's waiting. */
  final class Waiter {
    private final long number = numbers.incrementAndGet();
    private final @Nullable StoreHost full;
    private final Runnable wake;
    private final AtomicBoolean over = new AtomicBoolean();

    private Waiter(@Nullable StoreHost full, Runnable wake) {
      this.full = full;
      this.wake = wake;
    }

    /** Enters; who calls looks for changes afterwards. */
    void enter() {
      queue(full).put(number, this);
    }

    /** Leaves; false if it was woken already. */
    boolean cancel() {
      queue(full).remove(number);
      return over.compareAndSet(false, true);
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
  private final Map<StoreHost, ConcurrentNavigableMap<Long, Waiter>> forHost =
      new ConcurrentHashMap<>();

  /**
   * A waiter that has not entered yet.
   *
   * @param full the host that is full; null if it waits for news
   */
  Waiter waiter(@Nullable StoreHost full, Runnable wake) {
    return new Waiter(full, wake);
  }

  /** Wakes everyone who waits now; who begins to wait meanwhile has seen the news. */
  void wakeAll() {
    long last = numbers.get();
    forNews.headMap(last, true).values().forEach(Waiter::wakeNow);
    forHost.values().forEach(queue -> queue.headMap(last, true).values().forEach(Waiter::wakeNow));
  }

  /** Wakes the one who has waited longest for an attempt at the host. */
  void wakeOne(StoreHost host) {
    ConcurrentNavigableMap<Long, Waiter> queue = forHost.get(host);
    while (queue != null) {
      Map.Entry<Long, Waiter> longest = queue.pollFirstEntry();
      if (longest == null) {
        return;
      }
      if (longest.getValue().over.compareAndSet(false, true)) {
        longest.getValue().wake.run();
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
    ConcurrentNavigableMap<Long, Waiter> queue = forHost.get(host);
    return queue == null ? 0 : queue.size();
  }

  private ConcurrentNavigableMap<Long, Waiter> queue(@Nullable StoreHost full) {
    return full == null
        ? forNews
        : forHost.computeIfAbsent(full, host -> new ConcurrentSkipListMap<>());
  }
}
