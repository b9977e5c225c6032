package org.openmmp.transport;

import io.netty.channel.Channel;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a session with a client runs: on the event loop of the client's connection, with the time
 * and the randomness that its pure part is given, and its one timer.
 *
 * <p>The timer is set anew only when the deadline comes nearer. A deadline that moves away costs
 * nothing: the tick comes too early, and whoever hears it sets the timer again. After a standstill
 * of this process it ticks behind what came meanwhile, as every {@link Deadline}. A tick that ends
 * the session waits for its turn if a crowd's deadlines pass at one time (rule B2.29).
 */
public final class SessionLoop {
  private final Channel client;
  private final Runnable tick;
  private final BooleanSupplier ends;
  private @Nullable Deadline timer;
  private long dueNanos;

  /**
   * The loop of that client's connection; its timer is not set.
   *
   * @param tick run by the timer; whether the deadline has passed it finds out itself
   * @param ends whether a tick would end the session now
   */
  public SessionLoop(Channel client, Runnable tick, BooleanSupplier ends) {
    this.client = client;
    this.tick = tick;
    this.ends = ends;
  }

  /** Ticks at that time at the latest, in the clock of {@link #nowNanos}. */
  public void tickAt(long deadlineNanos) {
    if (timer != null) {
      if (dueNanos - deadlineNanos <= 0) {
        return;
      }
      timer.cancel();
    }
    dueNanos = deadlineNanos;
    timer = Deadline.after(deadlineNanos - nowNanos(), client.eventLoop(), this::tick);
  }

  /** Ticks no more, until the timer is set. */
  public void tickNoMore() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  private void tick() {
    timer = null;
    if (ends.getAsBoolean()) {
      end(tick);
    } else {
      guarded(tick);
    }
  }

  /** Runs a task: at once if this is the loop's thread, else behind what the loop has to do. */
  public void run(Runnable task) {
    if (client.eventLoop().inEventLoop()) {
      guarded(task);
    } else {
      runLater(task);
    }
  }

  /** Runs a task behind what the loop has to do, and never upon the caller's stack. */
  public void runLater(Runnable task) {
    client.eventLoop().execute(() -> guarded(task));
  }

  /** Runs what ends the session: at once, or in the session's turn if a crowd of them ends. */
  public void end(Runnable task) {
    EventLoops.end(client, () -> guarded(task));
  }

  /** A mistake of ours came up: it ends the session at the end of the client's pipeline. */
  public void failed(Throwable bug) {
    client.pipeline().fireExceptionCaught(bug);
  }

  /** The time, in the clock that deadlines are in. */
  public long nowNanos() {
    return System.nanoTime();
  }

  /**
   * For how long the loop was late with what it has to do, all taken together since some moment; on
   * the loop.
   */
  public long lateNanos() {
    return Lateness.nanos(client.eventLoop());
  }

  /** From 0 to less than 1. */
  public double random() {
    return ThreadLocalRandom.current().nextDouble();
  }

  /** A bug ends this session, whoever's stack it came up on. */
  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException bug) {
      failed(bug);
    }
  }
}
