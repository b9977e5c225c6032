package org.openmmp.proxy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.openmmp.config.LogConfig;
import org.slf4j.LoggerFactory;

/** Gives the log the form that the configuration asks for (rule B8.6). */
final class LogSetup {
  /** The logger of the lines about sessions, each an object of its own in the JSON form. */
  static final String SESSIONS = "org.openmmp.session";

  private LogSetup() {}

  static void follow(LogConfig config) {
    if (config.format() == LogConfig.Format.KEY_VALUE) {
      return; // as logback.xml has it
    }
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    JsonEncoder json = new JsonEncoder();
    json.setContext(context);
    json.start();
    replaceAppenders(context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME), json);
    PatternLayoutEncoder bare = new PatternLayoutEncoder();
    bare.setContext(context);
    bare.setPattern("%msg%n");
    bare.start();
    Logger sessions = context.getLogger(SESSIONS);
    sessions.setAdditive(false);
    replaceAppenders(sessions, bare);
  }

  private static void replaceAppenders(Logger logger, Encoder<ILoggingEvent> encoder) {
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(logger.getLoggerContext());
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    logger.detachAndStopAllAppenders();
    logger.addAppender(appender);
  }
}
