package org.openmmp.program;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.openmmp.wire.LogLine;

/**
 * Writes each line of the log as one JSON object (rule B8.6): {@code time}, {@code level} and
 * {@code event} first, then an event's own keys, or {@code logger}, {@code message} and {@code
 * error} of a line in prose, whose event is {@code message}.
 */
final class JsonLines extends EncoderBase<ILoggingEvent> {
  private static final int LONGEST_MESSAGE = 4_096;
  private static final int LONGEST_ERROR = 16_384;

  @Override
  public byte[] encode(ILoggingEvent event) {
    return (textOf(event) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static String textOf(ILoggingEvent event) {
    if (isOfEvent(event)) {
      return event.getFormattedMessage();
    }
    String error =
        event.getThrowableProxy() == null
            ? ""
            : ThrowableProxyUtil.asString(event.getThrowableProxy()).strip();
    return LogLine.json(
            Instant.ofEpochMilli(event.getTimeStamp()), event.getLevel().toString(), "message")
        .with("logger", event.getLoggerName())
        .with("message", String.valueOf(event.getFormattedMessage()), LONGEST_MESSAGE)
        .with("error", error, LONGEST_ERROR)
        .toString();
  }

  /** Whether it is a line of {@link EventLog}, which nobody changes any more. */
  static boolean isOfEvent(ILoggingEvent event) {
    Object[] arguments = event.getArgumentArray();
    return arguments != null && arguments.length == 1 && arguments[0] instanceof LogLine;
  }

  @Override
  public byte[] headerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] footerBytes() {
    return new byte[0];
  }
}
