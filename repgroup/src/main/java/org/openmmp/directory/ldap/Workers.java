package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Ticker;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openmmp.config.DirectoryConfig;

/**
 * A few threads for calls that block, with a bounded queue. What is over the bound, what waited too
 * long and what is still waiting at the end is turned away, never forgotten.
 */
final class Workers implements AutoCloseable {
  /** Calls that may wait for one thread; more are turned away at once. */
  static final int QUEUED_PER_THREAD = 50;

  private static final long IDLE_SECONDS = 60;

  private final ThreadPoolExecutor executor;
  private final Ticker ticker;
  private final long patienceNanos;

  /**
   * Starts no thread yet.
   *
   * @param name the threads are called by it and a number
   * @param threads at most
   * @param queued tasks that may wait
   * @param patienceNanos how long a task may wait
   */
  Workers(String name, int threads, int queued, long patienceNanos, Ticker ticker) {
    this.ticker = ticker;
    this.patienceNanos = patienceNanos;
    AtomicInteger number = new AtomicInteger();
    executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(queued),
            work -> {
              Thread thread = new Thread(work, name + "-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
  }

  /** A thread for each connection; a call that could not begin within its own limits is late. */
  static Workers of(String name, DirectoryConfig.Connections connections, Ticker ticker) {
    long patience = connections.connectTimeout().plus(connections.searchTimeout()).toNanos();
    int threads = connections.poolSize();
    return new Workers(name, threads, threads * QUEUED_PER_THREAD, patience, ticker);
  }

  /** Exactly one of the two is run: the work on a thread of these, or else the other. */
  void execute(Runnable work, Runnable turnedAway) {
    try {
      executor.execute(new Task(work, turnedAway, ticker.read()));
    } catch (RejectedExecutionException e) {
      turnedAway.run();
    }
  }

  /** Turns away what waits; what runs ends by its own time limits. */
  @Override
  public void close() {
    for (Runnable waiting : executor.shutdownNow()) {
      ((Task) waiting).turnedAway.run();
    }
  }

  private final class Task implements Runnable {
    private final Runnable work;
    private final Runnable turnedAway;
    private final long since;

    Task(Runnable work, Runnable turnedAway, long since) {
      this.work = work;
      this.turnedAway = turnedAway;
      this.since = since;
    }

    @Override
    public void run() {
      if (ticker.read() - since > patienceNanos) {
        turnedAway.run();
      } else {
        work.run();
      }
    }
  }
}
