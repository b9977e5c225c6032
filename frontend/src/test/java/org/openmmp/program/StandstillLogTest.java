package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openmmp.admin.Metrics;
import org.openmmp.config.LogConfig;
import org.openmmp.transport.OwnWant;
import org.slf4j.LoggerFactory;

class StandstillLogTest {
  // B2.21
  @Test
  void aLookThatComesMuchTooLateIsTold() {
    Logger logger = (Logger) LoggerFactory.getLogger("org.openmmp.own");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    logger.setAdditive(false);
    try {
      long now = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(5);
      OwnWantLog log =
          new OwnWantLog(
              EventLog.of("own", LogConfig.Format.KEY_VALUE, Clock.systemUTC()),
              new Metrics(List.of(), () -> 0).wants(OwnWant.class),
              now);
      for (long seconds : new long[] {1, 2, 1, 16, 1}) {
        now += TimeUnit.SECONDS.toNanos(seconds);
        log.look(now);
      }
      assertEquals(
          List.of("WARN standstill seconds=15"),
          lines.list.stream()
              .map(event -> event.getLevel() + " " + event.getFormattedMessage())
              .toList());
    } finally {
      logger.detachAppender(lines);
      logger.setAdditive(true);
    }
  }
}
