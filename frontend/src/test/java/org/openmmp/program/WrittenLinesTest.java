package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.openmmp.wire.LogLine;

/** Rule B8.6: every line of the log has the same beginning, and is complete. */
class WrittenLinesTest {
  private static final Instant NOON = Instant.parse("2026-11-29T12:00:00.125Z");
  private static final Logger LOGGER = new LoggerContext().getLogger("org.openmmp.x");

  private static LoggingEvent event(
      Level level, String message, @Nullable Throwable thrown, Object... arguments) {
    LoggingEvent event = new LoggingEvent("caller", LOGGER, level, message, thrown, arguments);
    event.setTimeStamp(NOON.toEpochMilli());
    return event;
  }

  private static String line(
      Level level, String message, @Nullable Throwable thrown, Object... arguments) {
    return written(new WrittenLines(true), event(level, message, thrown, arguments));
  }

  private static String written(Encoder<ILoggingEvent> form, ILoggingEvent event) {
    return new String(form.encode(event), StandardCharsets.UTF_8);
  }

  @Test
  void anEventIsItsOwnObject() {
    LogLine event = LogLine.json(NOON, "INFO", "login").with("user", "ann").with("hops", 1);
    assertEquals(
        "{\"time\":\"2026-11-29T12:00:00.125Z\",\"level\":\"INFO\",\"event\":\"login\","
            + "\"user\":\"ann\",\"hops\":1}\n",
        line(Level.INFO, "{}", null, event));
  }

  @Test
  void proseHasItsPlacesFilled() {
    assertEquals(
        "{\"time\":\"2026-11-29T12:00:00.125Z\",\"level\":\"WARN\",\"event\":\"message\","
            + "\"logger\":\"org.openmmp.x\",\"message\":\"2 of \\\"3\\\"\"}\n",
        line(Level.WARN, "{} of \"{}\"", null, 2, 3));
  }

  @Test
  void textIsWrittenAsThisPatternWritesIt() {
    PatternLayoutEncoder pattern = new PatternLayoutEncoder();
    pattern.setContext(LOGGER.getLoggerContext());
    pattern.setCharset(StandardCharsets.UTF_8);
    pattern.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0} %msg%n%ex{20}");
    pattern.start();
    WrittenLines lines = new WrittenLines();
    lines.setContext(LOGGER.getLoggerContext());
    lines.start();
    LogLine login = LogLine.keyValue("login").with("user", "änn {} b");
    Throwable thrown = new IllegalStateException("why\nnot", new IllegalArgumentException("so"));
    for (long millis : new long[] {0, 1, 49, 500, 999, 1_000, 86_399_999, 1_782_000_000_007L, -1}) {
      for (Level level : List.of(Level.ERROR, Level.WARN, Level.INFO, Level.DEBUG, Level.TRACE)) {
        for (LoggingEvent event :
            List.of(
                event(level, "{}", null, login),
                event(level, "{} of {}", null, 2, "þree"),
                event(level, "failed", thrown))) {
          event.setTimeStamp(millis);
          assertEquals(written(pattern, event), written(lines, event));
        }
      }
    }
  }

  @Test
  void errorIsInTheSameLine() {
    String line = line(Level.ERROR, "failed", new IllegalStateException("why\nnot"));
    assertTrue(line.contains("\"error\":\"java.lang.IllegalStateException: why"), line);
    assertEquals(1, line.lines().count(), line);
  }
}
