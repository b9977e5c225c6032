package org.openmmp.transport;

import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * The one timer of a session with a client.
 *
 * <p>It is set anew only when the deadline comes nearer. A deadline that moves away costs nothing:
 * the tick comes too early, and whoever hears it sets the timer again. After a standstill of this
 * process it ticks behind what came meanwhile, as every {@link Deadline}.
 */
public final class SessionTimer {
  private final EventLoop loop;
  private final Runnable tick;
  private @Nullable Deadline pending;
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
      pending.cancel();
    }
    dueNanos = deadlineNanos;
    pending = Deadline.after(deadlineNanos - nowNanos, loop, this::run);
  }

  /** Ticks no more, until it is moved. */
  public void cancel() {
    if (pending != null) {
      pending.cancel();
      pending = null;
    }
  }

  private void run() {
    pending = null;
    tick.run();
  }
}
