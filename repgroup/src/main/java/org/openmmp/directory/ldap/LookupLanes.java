package org.openmmp.directory.ldap;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The threads for look-ups, in two lanes. A search starts in the first, where it has a second; if
 * no server has answered by then it starts again in the second lane with its full time. So slow
 * searches hold that lane's connections and no others, however many names are slow (rule B1.13).
 * When the whole directory is slow, the first lane has the full time too.
 */
final class LookupLanes implements AutoCloseable {
  /** The time limit of a search in the first lane. */
  static final Duration QUICK = Duration.ofSeconds(1);

  private final Workers quick;
  private final Workers patient;
  private final Duration limit;
  private final Slowness slowness = new Slowness();
  private final Ticker ticker;

  /** One look-up. */
  interface Work {
    /**
     * Does it.
     *
     * @param limit what a search may take at each server
     * @param last whether it has to come to an end; else it may return false
     * @return whether it came to an end: false if no server answered in time
     */
    boolean done(Duration limit, boolean last);
  }

  LookupLanes(DirectoryConfig.Connections connections, Ticker ticker) {
    quick = new Workers("ldap-lookup", connections.poolSize(), ticker);
    patient = new Workers("ldap-slow", Math.max(1, connections.poolSize() / 2), ticker);
    limit = connections.searchTimeout();
    this.ticker = ticker;
  }

  /**
   * Has it done; see {@link Workers#execute}.
   *
   * @param preferred whether it goes ahead of others
   * @param untilNanos until when it is wanted
   * @param turnedAway runs if it is not done at all
   */
  void execute(boolean preferred, LongSupplier untilNanos, Work work, Runnable turnedAway) {
    quick.execute(
        preferred, untilNanos, () -> inFirst(preferred, untilNanos, work, turnedAway), turnedAway);
  }

  private void inFirst(boolean preferred, LongSupplier untilNanos, Work work, Runnable turnedAway) {
    boolean last = limit.compareTo(QUICK) <= 0 || slowness.general();
    long begin = ticker.read();
    boolean done = work.done(last ? limit : QUICK, last);
    if (done && ticker.read() - begin < QUICK.toNanos()) {
      slowness.quick();
    } else if (!done) {
      slowness.late();
      patient.execute(preferred, untilNanos, () -> work.done(limit, true), turnedAway);
    }
  }

  @Override
  public void close() {
    quick.close();
    patient.close();
  }
}
