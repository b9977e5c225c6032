package org.openmmp.program;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import java.util.HashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.LogConfig;
import org.slf4j.LoggerFactory;

/** Gives the log the form and the levels that the configuration asks for (rule B8.6). */
final class LogSetup {
  private static final String LINES = "LINES";
  private static final String PARTS = "org.openmmp.";

  private static final Set<String> set = new HashSet<>();
  private static @Nullable Level atStart;

  private LogSetup() {}

  /** Follows it from now on; what an earlier one has set, and this one does not, is as at first. */
  static synchronized void follow(LogConfig config) {
    Logger root = context().getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    if (atStart == null) {
      atStart = root.getLevel();
    }
    root.setLevel(config.level().isEmpty() ? atStart : levelOf(config.level()));
    set.forEach(name -> context().getLogger(PARTS + name).setLevel(null));
    set.clear();
    config
        .levels()
        .forEach((name, level) -> context().getLogger(PARTS + name).setLevel(levelOf(level)));
    set.addAll(config.levels().keySet());
    Appender<ILoggingEvent> lines = root.getAppender(LINES);
    if (lines instanceof LineAppender own) {
      own.writeAs(config.format() == LogConfig.Format.JSON ? json() : null);
    }
  }

  private static Level levelOf(String word) {
    return Objects.requireNonNull(Level.toLevel(word.toUpperCase(Locale.ROOT)));
  }

  private static WrittenLines json() {
    WrittenLines form = new WrittenLines(true);
    form.setContext(context());
    form.start();
    return form;
  }

  /** Writes what still waits; nothing is logged afterwards. */
  static void end() {
    context().stop();
  }

  private static LoggerContext context() {
    return (LoggerContext) LoggerFactory.getILoggerFactory();
  }
}
