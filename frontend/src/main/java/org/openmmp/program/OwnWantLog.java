package org.openmmp.program;

import java.util.Locale;
import org.openmmp.admin.EnumCounters;
import org.openmmp.guard.MinutePace;
import org.openmmp.transport.OwnWant;
import org.openmmp.transport.OwnWantListener;
import org.openmmp.wire.LogLine;
import org.slf4j.event.Level;

/**
 * Counts what this process or its machine lacks, and tells it: of each kind at once, and then once
 * a minute at the most, with the number of times since (rule B2.22). On any thread.
 */
final class OwnWantLog implements OwnWantListener {
  private final EventLog events;
  private final EnumCounters<OwnWant> counters;
  private final MinutePace<OwnWant> pace = new MinutePace<>(OwnWant.values().length);

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
}
