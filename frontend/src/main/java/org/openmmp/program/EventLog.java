package org.openmmp.program;

import java.time.Clock;
import org.openmmp.config.LogConfig;
import org.openmmp.wire.LogLine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Writes events to the log, a line for each, in the form that the configuration asks for (rule
 * B8.6): the name of the event, then {@code key=value} pairs, or one JSON object of the same keys.
 * On any thread.
 */
public final class EventLog {
  private final Logger log;
  private final Clock clock;
  private volatile boolean json;

  private EventLog(String name, boolean json, Clock clock) {
    this.log = LoggerFactory.getLogger("org.openmmp." + name);
    this.json = json;
    this.clock = clock;
  }

  /** Writes in that form under a name of its own, such as {@code session}. */
  static EventLog of(String name, LogConfig.Format form, Clock clock) {
    return new EventLog(name, form == LogConfig.Format.JSON, clock);
  }

  /** Writes in that form from now on. */
  void write(LogConfig.Format form) {
    json = form == LogConfig.Format.JSON;
  }

  /** Whether lines of level INFO are written at all; if not, they need not be made. */
  public boolean isOn() {
    return log.isInfoEnabled();
  }

  /** Whether lines of that level are written at all. */
  boolean isOn(Level level) {
    return log.isEnabledForLevel(level);
  }

  /** A line of level INFO about that event. */
  public LogLine line(String event) {
    return line(Level.INFO, event);
  }

  /** A line of level INFO about that event, of about so many characters. */
  public LogLine line(String event, int chars) {
    return json ? line(event) : LogLine.keyValue(event, chars);
  }

  /**
   * A line about that event, to be written at the same level; in JSON it tells its own time and
   * level, else the log's pattern does.
   */
  public LogLine line(Level level, String event) {
    return json ? LogLine.json(clock.instant(), level.name(), event) : LogLine.keyValue(event);
  }

  /** Writes a line of level INFO. */
  public void write(LogLine line) {
    log.info("{}", line);
  }

  /** Writes it. */
  public void write(Level level, LogLine line) {
    log.atLevel(level).log("{}", line);
  }
}
