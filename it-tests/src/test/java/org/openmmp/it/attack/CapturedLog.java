package org.openmmp.it.attack;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/** What the program logs from now on, in all detail; it does not reach the console meanwhile. */
final class CapturedLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final Logger program = (Logger) LoggerFactory.getLogger("org.openmmp");
  private final Queue<ILoggingEvent> events = new ConcurrentLinkedQueue<>();

  CapturedLog() {
    setContext(program.getLoggerContext());
    start();
    program.addAppender(this);
    program.setLevel(Level.TRACE);
    program.setAdditive(false);
  }

  /** Every line, a stack trace behind its own. */
  List<String> lines() {
    return events.stream().map(CapturedLog::lineOf).toList();
  }

  /** All of it. */
  String text() {
    return String.join("\n", lines());
  }

  /** Lines of errors: a mistake of the program's. */
  List<String> errors() {
    return events.stream()
        .filter(event -> event.getLevel().isGreaterOrEqual(Level.ERROR))
        .map(CapturedLog::lineOf)
        .collect(Collectors.toList());
  }

  @Override
  protected void append(ILoggingEvent event) {
    event.prepareForDeferredProcessing();
    events.add(event);
  }

  @Override
  public void close() {
    program.detachAppender(this);
    program.setLevel(null);
    program.setAdditive(true);
    stop();
  }

  private static String lineOf(ILoggingEvent event) {
    String trace =
        event.getThrowableProxy() == null
            ? ""
            : "\n" + ThrowableProxyUtil.asString(event.getThrowableProxy());
    return event.getLevel() + " " + event.getFormattedMessage() + trace;
  }
}
