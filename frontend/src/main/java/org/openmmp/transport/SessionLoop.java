package org.openmmp.transport;

import io.netty.channel.Channel;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Where a session with a client runs: on the event loop of the client's connection, with the time
 * and the randomness that its pure part is given.
 */
public final class SessionLoop {
  private final Channel client;

  /** The loop of that client's connection. */
  public SessionLoop(Channel client) {
    this.client = client;
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

  /** A mistake of ours came up: it ends the session at the end of the client's pipeline. */
  public void failed(Throwable bug) {
    client.pipeline().fireExceptionCaught(bug);
  }

  /** The time, in the clock that deadlines are in. */
  public long nowNanos() {
    return System.nanoTime();
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
