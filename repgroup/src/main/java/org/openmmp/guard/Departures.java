package org.openmmp.guard;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * How the sessions of a store that dies leave: the first at once, as a store may end some at any
 * time; of a crowd so many in a second that all have left within a time, and a few dozen at least
 * (rule B2.29). Safe for any thread.
 */
public final class Departures {
  /** So many leave at once. */
  static final int AT_ONCE = 20;

  /** So many leave in a second at least: for fewer there is no need to wait. */
  static final int LEAST_PER_SECOND = 50;

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  /** Hosts that are remembered; referrals may name any number of them. */
  private static final int MOST_HOSTS = 1_000;

  /** When those that have left will have had their time, by host. */
  private final Map<String, Long> paidNanos = new HashMap<>();

  /**
   * A store has ended one more session.
   *
   * @param there how many sessions there were
   * @param spread the time within which all have left
   * @return for how long its client hears nothing of it
   */
  public synchronized long holdNanos(String host, long there, Duration spread, long nowNanos) {
    if (paidNanos.size() >= MOST_HOSTS) {
      paidNanos.values().removeIf(paid -> paid - nowNanos <= 0);
    }
    if (paidNanos.size() >= MOST_HOSTS && !paidNanos.containsKey(host)) {
      return 0;
    }
    long interval = Math.min(SECOND / LEAST_PER_SECOND, spread.toNanos() / Math.max(1, there));
    Long paid = paidNanos.get(host);
    long from = paid == null || paid - nowNanos < 0 ? nowNanos : paid;
    paidNanos.put(host, from + interval);
    long hold = from - nowNanos - AT_ONCE * interval;
    return Math.max(0, Math.min(hold, spread.toNanos()));
  }
}
