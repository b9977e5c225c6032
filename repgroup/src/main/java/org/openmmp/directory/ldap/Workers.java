package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Ticker;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A few threads for calls that block. A call waits for one as long as its caller does (rule B1.12),
 * preferred calls ahead of the others. A call that waited too long, exceeds the queue or is still
 * waiting at the end is turned away, never forgotten.
 */
final class Workers implements AutoCloseable {
  /** Calls that may wait: what all sessions of a large front end can ask at once. */
  static final int MOST_WAITING = 100_000;

  /** The lead of preferred calls over others, which is bounded so that nobody waits forever. */
  private static final long PREFERENCE = TimeUnit.SECONDS.toNanos(10);

  private static final long IDLE_SECONDS = 60;
  private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

  private final ThreadPoolExecutor executor;
  private final AtomicLong number = new AtomicLong();
  private final Ticker ticker;
  private final int mostWaiting;

  /**
   * Starts no thread yet.
   *
   * @param name the threads are called by it and a number
   * @param threads at most
   */
  Workers(String name, int threads, Ticker ticker) {
    this(name, threads, MOST_WAITING, ticker);
  }

  Workers(String name, int threads, int mostWaiting, Ticker ticker) {
    this.ticker = ticker;
    this.mostWaiting = mostWaiting;
    AtomicInteger started = new AtomicInteger();
    executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new PriorityBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, name + "-" + started.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
  }

  /**
   * Has the work done on a thread of these, or the other run: that one also if the work ends by an
   * exception.
   *
   * @param preferred whether it goes ahead of others
   * @param untilNanos until when it is wanted; asked when its turn comes
   */
  void execute(boolean preferred, LongSupplier untilNanos, Runnable work, Runnable turnedAway) {
    if (executor.getQueue().size() >= mostWaiting) {
      turnedAway.run();
      return;
    }
    try {
      executor.execute(new Task(preferred, untilNanos, work, turnedAway));
    } catch (RejectedExecutionException e) {
      turnedAway.run();
    }
  }

  /** The same for work that is wanted whenever it is done. */
  void execute(Runnable work, Runnable turnedAway) {
    execute(false, () -> ticker.read() + 1, work, turnedAway);
  }

  /** Turns away what waits; what runs ends by its own time limits. */
  @Override
  public void close() {
    for (Runnable waiting : executor.shutdownNow()) {
      ((Task) waiting).turnedAway.run();
    }
  }

  private final class Task implements Runnable, Comparable<Task> {
    private final LongSupplier untilNanos;
    private final Runnable work;
    private final Runnable turnedAway;
    private final long came;
    private final long order = number.incrementAndGet();

    Task(boolean preferred, LongSupplier untilNanos, Runnable work, Runnable turnedAway) {
      this.untilNanos = untilNanos;
      this.work = work;
      this.turnedAway = turnedAway;
      this.came = ticker.read() - (preferred ? PREFERENCE : 0);
    }

    @Override
    public void run() {
      if (ticker.read() - untilNanos.getAsLong() >= 0) {
        turnedAway.run();
        return;
      }
      try {
        work.run();
      } catch (RuntimeException | Error e) {
        // Whatever it is, a class that cannot be loaded too: who waits must not wait for ever.
        LOG.error("a call failed by a mistake in the program", e);
        turnedAway.run();
      }
    }

    @Override
    public int compareTo(Task other) {
      long earlier = came - other.came;
      return earlier != 0 ? Long.signum(earlier) : Long.compare(order, other.order);
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(order);
    }
  }
}
