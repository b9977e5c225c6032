package org.openmmp.program;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.openmmp.admin.EnumCounters;
import org.openmmp.guard.LinePace;
import org.openmmp.repgroup.Service;
import org.openmmp.transport.Refusal;
import org.openmmp.transport.RefusalListener;
import org.openmmp.wire.LogLine;
import org.openmmp.wire.Network;
import org.openmmp.wire.NetworkSet;
import org.slf4j.event.Level;

/**
 * Leaves a line and a count of every client that is refused before its login is judged (rule B8.8):
 * at most 10 lines a second about one network and 100 in all, then one summary a minute. Of the
 * health checks' networks there is neither. On any thread.
 */
final class RefusalLog {
  private final EventLog events;
  private final Supplier<NetworkSet> healthChecks;
  private final LinePace<Refusal> pace;

  RefusalLog(EventLog events, Supplier<NetworkSet> healthChecks, long nowNanos) {
    this.events = events;
    this.healthChecks = healthChecks;
    this.pace = new LinePace<>(Refusal.class, nowNanos);
  }

  /**
   * Hears of refusals.
   *
   * @param listener where the clients came in; empty if it is not known
   */
  RefusalListener of(Service service, String listener, EnumCounters<Refusal> counters) {
    return (why, client, port, detail) -> {
      if (!healthChecks.get().contains(client)) {
        counters.count(why);
        if (pace.mayTell(why, Network.ofSite(client), System.nanoTime())) {
          tell(why, service.name(), listener, client, port, detail);
        }
      }
    };
  }

  private void tell(
      Refusal why, String service, String listener, InetAddress client, int port, String detail) {
    LogLine line =
        events
            .line(why.level(), "refused")
            .with("client", Network.of(client).toString())
            .with("client-port", port == 0 ? "" : Integer.toString(port))
            .with("service", service)
            .with("listener", listener)
            .with("reason", wordOf(why))
            .with("why", detail.isEmpty() ? why.text() : why.text() + ": " + detail);
    events.write(why.level(), line);
  }

  /** Tells what stayed untold, if a minute has passed since; asked for every few seconds. */
  void tellSummary(long nowNanos) {
    summarise(pace.summary(nowNanos));
  }

  /** Tells all that stayed untold. */
  void tellRest() {
    summarise(pace.rest());
  }

  private void summarise(Map<Refusal, Long> untold) {
    if (untold.isEmpty()) {
      return;
    }
    LogLine line = events.line(Level.WARN, "refused-untold");
    untold.forEach((why, count) -> line.with(wordOf(why), count));
    events.write(Level.WARN, line);
  }

  private static String wordOf(Refusal why) {
    return why.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
