package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmmp.admin.News;
import org.openmmp.config.LogConfig;
import org.slf4j.LoggerFactory;

class ActionLogTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger("org.openmmp.admin");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final ActionLog log =
      new ActionLog(
          EventLog.of("admin", LogConfig.Format.KEY_VALUE, Clock.systemUTC()),
          new News(Clock.systemUTC()),
          System.nanoTime());

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

  private List<String> told() {
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test // B8.7
  void aLineSaysWhoDidWhatFromWhereAndHowItEnded() {
    log.tell("ops", "192.0.2.1", "/api/v1/failback", "group=g1", 200);
    log.tell("ops", "socket", "/api/v1/failback", "group=g1", 502);
    log.tell("", "socket", "/api/v1/failback", "group=\u001b", 404);
    assertEquals(
        List.of(
            "acted who=ops from=192.0.2.1 action=failback with=\"group=g1\" result=done status=200",
            "acted who=ops from=socket action=failback with=\"group=g1\" result=in-part status=502",
            "acted from=socket action=failback with=\"group=\\\\u001b\" result=refused status=404"),
        told());
  }

  @Test // B8.8
  void strangersFillNoLogAndKeepNobodyElseOut() {
    for (int i = 0; i < 1_000; i++) {
      log.tell("", "192.0.2.1", "/api/v1/failback", "", 401);
    }
    assertTrue(told().size() <= 30, () -> told().size() + " lines");
    int before = told().size();
    log.tell("ops", "192.0.2.1", "/api/v1/failback", "group=g1", 200);
    assertEquals(before + 1, told().size());
  }
}
