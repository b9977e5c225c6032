package org.openmmp.program;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import org.openmmp.config.LogConfig;
import org.slf4j.LoggerFactory;

/** Gives the log the form that the configuration asks for (rule B8.6). */
final class LogSetup {
  private LogSetup() {}

  static void follow(LogConfig config) {
    if (config.format() == LogConfig.Format.KEY_VALUE) {
      return; // as logback.xml has it
    }
    LoggerContext context = context();
    JsonLines form = new JsonLines();
    form.setContext(context);
    form.start();
    LineAppender lines = new LineAppender();
    lines.setContext(context);
    lines.setEncoder(form);
    lines.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    root.addAppender(lines);
  }

  /** Writes what still waits; nothing is logged afterwards. */
  static void end() {
    context().stop();
  }

  private static LoggerContext context() {
    return (LoggerContext) LoggerFactory.getILoggerFactory();
  }
}
