package org.openmmp.program;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openmmp.wire.LogLine;

/**
 * Writes each line of the log (rule B8.6): time, level, the part that it comes from, and its text;
 * or one JSON object: {@code time}, {@code level} and {@code event} first, then an event's own
 * keys, or {@code logger}, {@code message} and {@code error} of a line in prose, whose event is
 * {@code message}. Used by one thread at a time.
 */
public final class WrittenLines extends EncoderBase<ILoggingEvent> {
  private static final int LONGEST_MESSAGE = 4_096;
  private static final int LONGEST_ERROR = 16_384;
  private static final int LEVEL_CHARS = 5;
  private static final String MOST_FRAMES = "20";
  private static final int USUAL_CHARS = 1_024;
  private static final long MILLIS = TimeUnit.SECONDS.toMillis(1);
  private static final DateTimeFormatter SECONDS = formatter("yyyy-MM-dd'T'HH:mm:ss");
  private static final DateTimeFormatter ZONE = formatter("XXX");

  private final boolean json;
  private final ThrowableProxyConverter errors = new ThrowableProxyConverter();
  private StringBuilder line = new StringBuilder(USUAL_CHARS);

  /** The second of the last line, and how it is written. */
  private long second = Long.MIN_VALUE;

  private String writtenSecond = "";
  private String writtenZone = "";

  /** Writes text; for logback's configuration. */
  public WrittenLines() {
    this(false);
  }

  WrittenLines(boolean json) {
    this.json = json;
  }

  private static DateTimeFormatter formatter(String pattern) {
    return DateTimeFormatter.ofPattern(pattern).withZone(ZoneId.systemDefault());
  }

  @Override
  public void start() {
    errors.setContext(getContext());
    errors.setOptionList(List.of(MOST_FRAMES));
    errors.start();
    super.start();
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    if (line.capacity() > LONGEST_ERROR) {
      line = new StringBuilder(USUAL_CHARS);
    }
    line.setLength(0);
    if (json) {
      (isOfEvent(event) ? lineOf(event) : prose(event)).appendTo(line);
    } else {
      text(event);
    }
    line.append('\n');
    if (!json && event.getThrowableProxy() != null) {
      line.append(errors.convert(event));
    }
    return octets();
  }

  private void text(ILoggingEvent event) {
    long millis = event.getTimeStamp();
    if (Math.floorDiv(millis, MILLIS) != second) {
      second = Math.floorDiv(millis, MILLIS);
      Instant at = Instant.ofEpochSecond(second);
      writtenSecond = SECONDS.format(at) + '.';
      writtenZone = ZONE.format(at) + ' ';
    }
    int part = (int) Math.floorMod(millis, MILLIS);
    line.append(writtenSecond).append(part < 100 ? "0" : "").append(part < 10 ? "0" : "");
    line.append(part).append(writtenZone);
    int levelAt = line.length();
    line.append(event.getLevel());
    while (line.length() < levelAt + LEVEL_CHARS) {
      line.append(' ');
    }
    String name = event.getLoggerName();
    line.append(' ').append(name, name.lastIndexOf('.') + 1, name.length()).append(' ');
    if (isOfEvent(event)) {
      lineOf(event).appendTo(line);
    } else {
      line.append(event.getFormattedMessage());
    }
  }

  private static LogLine prose(ILoggingEvent event) {
    String error =
        event.getThrowableProxy() == null
            ? ""
            : ThrowableProxyUtil.asString(event.getThrowableProxy()).strip();
    return LogLine.json(
            Instant.ofEpochMilli(event.getTimeStamp()), event.getLevel().toString(), "message")
        .with("logger", event.getLoggerName())
        .with("message", String.valueOf(event.getFormattedMessage()), LONGEST_MESSAGE)
        .with("error", error, LONGEST_ERROR);
  }

  private byte[] octets() {
    byte[] octets = new byte[line.length()];
    for (int i = 0; i < octets.length; i++) {
      char c = line.charAt(i);
      if (c >= 0x80) {
        return line.toString().getBytes(StandardCharsets.UTF_8);
      }
      octets[i] = (byte) c;
    }
    return octets;
  }

  /** Whether it is a line of {@link EventLog}, which nobody changes any more. */
  static boolean isOfEvent(ILoggingEvent event) {
    Object[] arguments = event.getArgumentArray();
    return arguments != null && arguments.length == 1 && arguments[0] instanceof LogLine;
  }

  private static LogLine lineOf(ILoggingEvent event) {
    return (LogLine) event.getArgumentArray()[0];
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
