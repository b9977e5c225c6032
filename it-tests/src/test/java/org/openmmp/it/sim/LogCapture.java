package org.openmmp.it.sim;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/** All that this process logs between two moments, notes of the program included. */
final class LogCapture extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final Logger root;
  private final Logger program;

  LogCapture() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    program = context.getLogger("org.openmmp");
    setContext(context);
    start();
    root.addAppender(this);
    program.setLevel(Level.INFO);
    program.setAdditive(false);
    program.addAppender(this);
  }

  /** The lines so far, a throwable's trace behind its line. */
  String text() {
    return String.join("\n", lines);
  }

  @Override
  protected void append(ILoggingEvent event) {
    String line =
        event.getLevel() + " " + event.getLoggerName() + " " + event.getFormattedMessage();
    lines.add(
        event.getThrowableProxy() == null
            ? line
            : line + "\n" + ThrowableProxyUtil.asString(event.getThrowableProxy()));
  }

  /** What one logger logged so far. */
  String linesOf(String logger) {
    return text()
        .lines()
        .filter(line -> line.contains(" " + logger + " "))
        .collect(Collectors.joining("\n"));
  }

  @Override
  public void close() {
    program.detachAppender(this);
    program.setAdditive(true);
    program.setLevel(null);
    root.detachAppender(this);
    stop();
  }
}
