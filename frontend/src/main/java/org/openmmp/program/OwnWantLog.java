package org.openmmp.program;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openmmp.admin.EnumCounters;
import org.openmmp.transport.OwnWant;
import org.openmmp.transport.OwnWantListener;
import org.openmmp.wire.LogLine;
import org.slf4j.event.Level;

/**
 * Counts what this process or its machine lacks, and tells it: of each kind at once, and then once
 * a minute at the most, with the number of times since (rule B2.22). On any thread.
 */
final class OwnWantLog implements OwnWantListener {
  private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** What was told of one kind. */
  private static final class Told {
    private long atNanos;
    private long timesSince;
  }

  private final EventLog events;
  private final EnumCounters<OwnWant> counters;
  private final Map<OwnWant, Told> told = new EnumMap<>(OwnWant.class);

  OwnWantLog(EventLog events, EnumCounters<OwnWant> counters) {
    this.events = events;
    this.counters = counters;
  }

  @Override
  public void wants(OwnWant want, String doing) {
    wants(want, doing, System.nanoTime());
  }

  void wants(OwnWant want, String doing, long nowNanos) {
    counters.count(want);
    long times = timesToTell(want, nowNanos);
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

  /** How often it was lacking since it was told; 0 if it is not to be told yet. */
  private synchronized long timesToTell(OwnWant want, long nowNanos) {
    Told last = told.get(want);
    if (last == null) {
      last = new Told();
      told.put(want, last);
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
