package org.openmmp.transport;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one timer of a session with a client.
 *
 * <p>It is set anew only when the deadline comes nearer. A deadline that moves away costs nothing:
 * the tick comes too early, and whoever hears it sets the timer again.
 */
public final class SessionTimer {
  private final EventLoop loop;
  private final Runnable tick;
  private @Nullable Future<?> pending;
  private long dueNanos;

  /** A timer that is not set. */
  public SessionTimer(EventLoop loop, Runnable tick) {
    this.loop = loop;
    this.tick = tick;
  }

  /** Ticks at that time at the latest, in the clock of {@code nowNanos}. */
  public void moveTo(long deadlineNanos, long nowNanos) {
    if (pending != null) {
      if (dueNanos - deadlineNanos <= 0) {
        return;
      }
      pending.cancel(false);
    }
    dueNanos = deadlineNanos;
    pending = loop.schedule(this::run, deadlineNanos - nowNanos, TimeUnit.NANOSECONDS);
  }

  /** Ticks no more, until it is moved. */
  public void cancel() {
    if (pending != null) {
      pending.cancel(false);
      pending = null;
    }
  }

  private void run() {
    pending = null;
    tick.run();
  }
}
