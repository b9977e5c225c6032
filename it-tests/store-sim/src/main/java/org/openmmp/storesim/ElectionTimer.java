package org.openmmp.storesim;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Calls a group's election a while after the loss of its master, once for each loss. */
final class ElectionTimer {
  private final EventLoopGroup eventLoops;
  private final @Nullable Duration time;
  private final Runnable election;
  private @Nullable ScheduledFuture<?> due;

  /** A timer; without a time it never calls. */
  ElectionTimer(EventLoopGroup eventLoops, @Nullable Duration time, Runnable election) {
    this.eventLoops = eventLoops;
    this.time = time;
    this.election = election;
  }

  /** Begins to wait, unless it does. */
  synchronized void start() {
    if (time != null && due == null) {
      due = eventLoops.schedule(election, time.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** The election is held otherwise, or not at all. */
  synchronized void stop() {
    if (due != null) {
      due.cancel(false);
      due = null;
    }
  }
}
