package org.openmmp.transport;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * A point in time on an event loop at which something is done, but never before what came until
 * then was read (rule B2.21).
 *
 * <p>Timers that fire much too late show that this process stood still: it was frozen, or its
 * machine was moved. Peers went on meanwhile, and their answers wait unread. So such a timer waits
 * a little longer, and the answers come first; most cancel it.
 */
final class Deadline implements Runnable {
  /** A loop that works is never so late. */
  private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Enough to read what has come, and for what the network sends again. */
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final EventLoop loop;
  private final Runnable passed;
  private Future<?> pending;
  private long dueNanos;

  private Deadline(EventLoop loop, Runnable passed, long nanos) {
    this.loop = loop;
    this.passed = passed;
    this.dueNanos = loop.ticker().nanoTime() + nanos;
    this.pending = loop.schedule(this, nanos, TimeUnit.NANOSECONDS);
  }

  /** Does that on the loop after so many nanoseconds, if it is not cancelled. */
  static Deadline after(long nanos, EventLoop loop, Runnable passed) {
    return new Deadline(loop, passed, nanos);
  }

  /** Nothing is done; on the loop, and again without effect. */
  void cancel() {
    pending.cancel(false);
  }

  @Override
  public void run() {
    long now = loop.ticker().nanoTime();
    if (now - dueNanos > LATE_NANOS) {
      dueNanos = now + GRACE_NANOS;
      pending = loop.schedule(this, GRACE_NANOS, TimeUnit.NANOSECONDS);
    } else {
      passed.run();
    }
  }
}
