package org.openmmp.transport;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.concurrent.TimeUnit;

/**
 * How late an event loop is with all that it does: its peers' answers wait unread while it has too
 * much to do, no processor, or is stopped with its process (rule B2.21). On the loop's thread.
 *
 * <p>It looks ten times a second how much too late that look comes, as long as somebody asks. A
 * lateness of less than a tenth of a second goes unseen.
 */
final class Lateness implements Runnable {
  private static final long BEAT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** It rests when nobody has asked for so many looks. */
  private static final int REST_AFTER = 50;

  private static final FastThreadLocal<Lateness> HERE = new FastThreadLocal<>();

  private final EventLoop loop;
  private boolean looks;
  private int unasked;
  private long dueNanos;
  private long sumNanos;

  private Lateness(EventLoop loop) {
    this.loop = loop;
  }

  /** All that loop's lateness, added up, as far as it was looked for: it only grows. */
  static long nanos(EventLoop loop) {
    Lateness here = HERE.get();
    if (here == null || !here.loop.equals(loop)) {
      here = new Lateness(loop);
      HERE.set(here);
    }
    return here.nanos();
  }

  private long nanos() {
    unasked = 0;
    long now = loop.ticker().nanoTime();
    if (!looks) {
      looks = true;
      lookAfter(now);
    }
    return sumNanos + Math.max(0, now - dueNanos);
  }

  private void lookAfter(long nowNanos) {
    dueNanos = nowNanos + BEAT_NANOS;
    loop.schedule(this, BEAT_NANOS, TimeUnit.NANOSECONDS);
  }

  @Override
  public void run() {
    long now = loop.ticker().nanoTime();
    sumNanos += Math.max(0, now - dueNanos);
    unasked++;
    looks = unasked <= REST_AFTER;
    if (looks) {
      lookAfter(now);
    }
  }
}
