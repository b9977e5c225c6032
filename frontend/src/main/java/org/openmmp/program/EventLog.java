package org.openmmp.program;

import java.time.Clock;
import org.openmmp.config.LogConfig;
import org.openmmp.wire.LogLine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of what happens to clients, a line for each event, in the form that the configuration
 * asks for (rule B8.6); on any thread.
 */
public final class EventLog {
  /** The logger's name; in the JSON form each of its lines is an object of its own. */
  static final String NAME = "org.openmmp.session";

  private static final Logger log = LoggerFactory.getLogger(NAME);

  private final boolean json;
  private final Clock clock;

  /** Writes in that form. */
  EventLog(LogConfig config, Clock clock) {
    this.json = config.format() == LogConfig.Format.JSON;
    this.clock = clock;
  }

  /** Whether lines are written at all; if not, they need not be made. */
  public boolean isOn() {
    return log.isInfoEnabled();
  }

  /** A line about that event; in JSON it tells its own time, else the log's pattern does. */
  public LogLine line(String event) {
    LogLine line = LogLine.of(json, event);
    return json ? line.with("time", clock.instant().toString()) : line;
  }

  /** Writes it. */
  public void write(LogLine line) {
    log.info("{}", line);
  }
}
