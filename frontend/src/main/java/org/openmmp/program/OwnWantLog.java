package org.openmmp.program;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openmmp.admin.EnumCounters;
import org.openmmp.guard.MinutePace;
import org.openmmp.transport.OwnWant;
import org.openmmp.wire.LogLine;
import org.slf4j.event.Level;

/**
 * Tells what this process or its machine lacks, and counts it: of each kind at once, and then once
 * a minute at the most, with the number of times since (rule B2.22). It tells of time that it
 * lacked too, so that whoever reads of slow logins knows whose it was (rule B2.21): the process was
 * stopped, its machine was moved, or there was no processor for it. On any thread.
 */
final class OwnWantLog {
  /** How often somebody looks whether time is lacking. */
  static final long LOOK_SECONDS = 1;

  /** A look that comes so much too late shows it. */
  private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final EventLog events;
  private final EnumCounters<OwnWant> counters;
  private final MinutePace<OwnWant> pace = new MinutePace<>(OwnWant.values().length);
  private long lookedNanos;

  OwnWantLog(EventLog events, EnumCounters<OwnWant> counters, long nowNanos) {
    this.events = events;
    this.counters = counters;
    this.lookedNanos = nowNanos;
  }

  void wants(OwnWant want, String doing) {
    wants(want, doing, System.nanoTime());
  }

  void wants(OwnWant want, String doing, long nowNanos) {
    counters.count(want);
    long times = pace.timesToTell(want, nowNanos);
    if (times > 0) {
      LogLine line =
          events
              .line(Level.ERROR, "own-want")
              .with("want", want.name().toLowerCase(Locale.ROOT))
              .with("times", times)
              .with("why", want.words() + ": " + doing);
      events.write(Level.ERROR, line);
    }
  }

  /** Looks how late it is; one thread at a time. */
  void look(long nowNanos) {
    long late = nowNanos - lookedNanos - TimeUnit.SECONDS.toNanos(LOOK_SECONDS);
    lookedNanos = nowNanos;
    if (late >= LATE_NANOS) {
      LogLine line =
          events
              .line(Level.WARN, "standstill")
              .with("seconds", TimeUnit.NANOSECONDS.toSeconds(late));
      events.write(Level.WARN, line);
    }
  }
}
