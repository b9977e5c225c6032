package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.openmmp.wire.LogLine;

/** Rule B8.6: in JSON every line of the log has the same first keys, and is complete. */
class JsonLinesTest {
  private static final Instant NOON = Instant.parse("2026-11-29T12:00:00.125Z");
  private static final Logger LOGGER = new LoggerContext().getLogger("org.openmmp.x");

  private static String line(
      Level level, String message, @Nullable Throwable thrown, Object... arguments) {
    LoggingEvent event = new LoggingEvent("caller", LOGGER, level, message, thrown, arguments);
    event.setTimeStamp(NOON.toEpochMilli());
    return new String(new JsonLines().encode(event), StandardCharsets.UTF_8);
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
  void errorIsInTheSameLine() {
    String line = line(Level.ERROR, "failed", new IllegalStateException("why\nnot"));
    assertTrue(line.contains("\"error\":\"java.lang.IllegalStateException: why"), line);
    assertEquals(1, line.lines().count(), line);
  }
}
