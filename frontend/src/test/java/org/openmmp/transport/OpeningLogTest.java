package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.config.ListenAddress;
import org.slf4j.LoggerFactory;

class OpeningLogTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(OpeningLog.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(lines);
    logger.setLevel(null);
    logger.setAdditive(true);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MAX_VALUE - 5, Long.MIN_VALUE})
  void eachTroubleHasOneLineInTenSeconds(long origin) {
    AtomicLong now = new AtomicLong(origin);
    OpeningLog log = new OpeningLog(new ListenAddress("::", 143, ""), now::get);
    for (int i = 0; i < 1_000; i++) {
      log.tell(OpeningTrouble.HEADER_AT_PLAIN_PORT, "peer" + i);
    }
    log.tell(OpeningTrouble.TLS_AT_PLAIN_PORT, "peer");
    now.addAndGet(OpeningLog.PAUSE_NANOS - 1);
    log.tell(OpeningTrouble.HEADER_AT_PLAIN_PORT, "early");
    now.addAndGet(1);
    log.tell(OpeningTrouble.HEADER_AT_PLAIN_PORT, "late");
    assertEquals(
        List.of(
            "WARN connection-refused listener=[::]:143 peer=peer0 untold=0 why=\"PROXY bytes on a"
                + " plain port: its listener has not proxy-protocol = required\"",
            "INFO connection-refused listener=[::]:143 peer=peer untold=0 why=\"TLS bytes on a"
                + " plain port\"",
            "WARN connection-refused listener=[::]:143 peer=late untold=1000 why=\"PROXY bytes on"
                + " a plain port: its listener has not proxy-protocol = required\""),
        lines.list.stream()
            .map(event -> event.getLevel() + " " + event.getFormattedMessage())
            .toList());
  }
}
