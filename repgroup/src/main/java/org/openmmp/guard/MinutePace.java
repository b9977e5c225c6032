package org.openmmp.guard;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How often the log tells of each of some troubles: at once, and then once a minute at the most,
 * with the number of times since. Safe for any thread.
 *
 * @param <K> what is told apart
 */
public final class MinutePace<K> {
  private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** When one of them was last told, and how often it happened since. */
  private static final class Told {
    private long atNanos;
    private long timesSince;
  }

  private final int most;
  private final Map<K, Told> told = new HashMap<>();

  /**
   * Begins with nothing told.
   *
   * @param most of how many it tells within a minute; further ones wait until a minute is over
   */
  public MinutePace(int most) {
    this.most = most;
  }

  /** How often it happened since it was told; 0 if it is not to be told yet. */
  public synchronized long timesToTell(K what, long nowNanos) {
    Told last = told.get(what);
    if (last == null) {
      if (told.size() >= most) {
        told.values().removeIf(each -> nowNanos - each.atNanos >= PAUSE_NANOS);
      }
      if (told.size() >= most) {
        return 0;
      }
      last = new Told();
      told.put(what, last);
    } else if (nowNanos - last.atNanos < PAUSE_NANOS) {
      last.timesSince++;
      return 0;
    }
    long times = last.timesSince + 1;
    last.timesSince = 0;
    last.atNanos = nowNanos;
    return times;
  }
}
