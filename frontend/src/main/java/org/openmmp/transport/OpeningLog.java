package org.openmmp.transport;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.openmmp.config.ListenAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log of one listener's connections that begin wrongly: at most one line of each trouble
 * in ten seconds, which says how many were left untold before it. On any thread.
 */
final class OpeningLog {
  static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final Logger log = LoggerFactory.getLogger(OpeningLog.class);

  private final ListenAddress listener;
  private final LongSupplier nanoClock;
  private final Map<OpeningTrouble, Pace> paces = new EnumMap<>(OpeningTrouble.class);

  OpeningLog(ListenAddress listener, LongSupplier nanoClock) {
    this.listener = listener;
    this.nanoClock = nanoClock;
    for (OpeningTrouble trouble : OpeningTrouble.values()) {
      paces.put(trouble, new Pace(nanoClock.getAsLong() - PAUSE_NANOS));
    }
  }

  /**
   * One more.
   *
   * @param peer the other end of the socket
   */
  void tell(OpeningTrouble trouble, Object peer) {
    Pace pace = paces.get(trouble);
    if (pace == null) {
      throw new IllegalStateException("every trouble has its pace");
    }
    long now = nanoClock.getAsLong();
    long before = pace.toldNanos.get();
    if (now - before < PAUSE_NANOS || !pace.toldNanos.compareAndSet(before, now)) {
      pace.untold.incrementAndGet();
      return;
    }
    log.atLevel(trouble.level())
        .log(
            "connection-refused listener={} peer={} untold={} why=\"{}\"",
            listener,
            peer,
            pace.untold.getAndSet(0),
            trouble.text());
  }

  private static final class Pace {
    private final AtomicLong toldNanos;
    private final AtomicInteger untold = new AtomicInteger();

    Pace(long toldNanos) {
      this.toldNanos = new AtomicLong(toldNanos);
    }
  }
}
