package org.openmmp.program;

import java.util.concurrent.TimeUnit;
import org.openmmp.wire.LogLine;
import org.slf4j.event.Level;

/**
 * Tells that this process stood still, so that whoever reads of slow logins knows whose time it was
 * (rule B2.21): it was stopped, its machine was moved, or there was no processor for it. Used by
 * one thread at a time.
 */
final class StandstillLog {
  /** How often somebody looks. */
  static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** A look that comes so much too late shows it. */
  private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final EventLog events;
  private long lastNanos;

  StandstillLog(EventLog events, long nowNanos) {
    this.events = events;
    this.lastNanos = nowNanos;
  }

  /** Looks how late it is. */
  void look(long nowNanos) {
    long late = nowNanos - lastNanos - PERIOD_NANOS;
    lastNanos = nowNanos;
    if (late >= LATE_NANOS) {
      LogLine line =
          events
              .line(Level.WARN, "standstill")
              .with("seconds", TimeUnit.NANOSECONDS.toSeconds(late));
      events.write(Level.WARN, line);
    }
  }
}
