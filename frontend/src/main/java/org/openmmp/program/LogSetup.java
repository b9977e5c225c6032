package org.openmmp.program;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.openmmp.config.LogConfig;
import org.slf4j.LoggerFactory;

/**
 * Gives the log the form that the configuration asks for (rule B8.6).
 *
 * <p>Lines are written by a thread of their own, so that no event loop waits for whoever reads the
 * log; while that thread is more than {@value #MOST_WAITING} lines behind, further lines are lost.
 */
final class LogSetup {
  private static final int MOST_WAITING = 16_384;

  private LogSetup() {}

  static void follow(LogConfig config) {
    if (config.format() == LogConfig.Format.KEY_VALUE) {
      return; // as logback.xml has it
    }
    LoggerContext context = context();
    replaceAppenders(context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME), new JsonEncoder());
    PatternLayoutEncoder bare = new PatternLayoutEncoder();
    bare.setPattern("%msg%n");
    Logger sessions = context.getLogger(EventLog.NAME);
    sessions.setAdditive(false);
    replaceAppenders(sessions, bare);
  }

  /** Writes what still waits; nothing is logged afterwards. */
  static void end() {
    context().stop();
  }

  private static LoggerContext context() {
    return (LoggerContext) LoggerFactory.getILoggerFactory();
  }

  private static void replaceAppenders(Logger logger, Encoder<ILoggingEvent> encoder) {
    LoggerContext context = logger.getLoggerContext();
    encoder.setContext(context);
    encoder.start();
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setTarget("System.err");
    console.setEncoder(encoder);
    console.start();
    AsyncAppender behind = new AsyncAppender();
    behind.setContext(context);
    behind.setQueueSize(MOST_WAITING);
    behind.setDiscardingThreshold(0);
    behind.setNeverBlock(true);
    behind.addAppender(console);
    behind.start();
    logger.detachAndStopAllAppenders();
    logger.addAppender(behind);
  }
}
