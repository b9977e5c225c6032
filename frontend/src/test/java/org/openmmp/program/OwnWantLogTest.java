package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmmp.admin.Metrics;
import org.openmmp.config.LogConfig;
import org.openmmp.transport.OwnWant;
import org.slf4j.LoggerFactory;

/** An operator hears of what is lacking here, and not once for each client (rule B2.22). */
class OwnWantLogTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger("org.openmmp.own");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Metrics metrics = new Metrics(List.of(), () -> 0);
  private final OwnWantLog log =
      new OwnWantLog(
          EventLog.of("own", LogConfig.Format.KEY_VALUE, Clock.systemUTC()),
          metrics.wants(OwnWant.class),
          0);

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
    logger.setAdditive(false);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(lines);
    logger.setAdditive(true);
    metrics.close();
  }

  private List<String> told() {
    return lines.list.stream()
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .toList();
  }

  @Test // B2.22
  void everyKindIsToldAtOnceAndThenOnceAMinuteWithItsNumber() {
    long now = System.nanoTime();
    for (int i = 0; i < 1_000; i++) {
      log.wants(OwnWant.DESCRIPTOR, "accepting on [::]:143", now);
    }
    log.wants(OwnWant.PORT, "connecting to huey (192.0.2.1:143)", now);
    log.wants(OwnWant.DESCRIPTOR, "accepting on [::]:143", now + TimeUnit.SECONDS.toNanos(59));
    log.wants(OwnWant.DESCRIPTOR, "accepting on [::]:143", now + TimeUnit.SECONDS.toNanos(60));
    assertEquals(
        List.of(
            "ERROR own-want want=descriptor times=1"
                + " why=\"no file descriptor is left: accepting on [::]:143\"",
            "ERROR own-want want=port times=1"
                + " why=\"no local port is left: connecting to huey (192.0.2.1:143)\"",
            "ERROR own-want want=descriptor times=1001"
                + " why=\"no file descriptor is left: accepting on [::]:143\""),
        told());
    String scraped = metrics.scrape();
    assertTrue(scraped.contains("openmmp_own_wants_total{want=\"descriptor\"} 1002.0"), scraped);
    assertTrue(scraped.contains("openmmp_own_wants_total{want=\"port\"} 1.0"), scraped);
    assertTrue(scraped.contains("openmmp_own_wants_total{want=\"memory\"} 0.0"), scraped);
  }
}
