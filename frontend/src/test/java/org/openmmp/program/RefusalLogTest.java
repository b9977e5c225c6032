package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.InetAddress;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmmp.admin.Metrics;
import org.openmmp.config.LogConfig;
import org.openmmp.repgroup.Service;
import org.openmmp.text.AddressLiteral;
import org.openmmp.transport.Refusal;
import org.openmmp.transport.RefusalListener;
import org.openmmp.wire.NetworkSet;
import org.slf4j.LoggerFactory;

class RefusalLogTest {
  private static final Service IMAP = new Service("imap");

  private final Logger logger = (Logger) LoggerFactory.getLogger("org.openmmp.refused");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Metrics metrics = new Metrics(List.of(), () -> 0);
  private final RefusalLog log =
      new RefusalLog(
          EventLog.of("refused", LogConfig.Format.KEY_VALUE, Clock.systemUTC()),
          () -> NetworkSet.parse(List.of("192.0.2.128/25")),
          System.nanoTime());
  private final RefusalListener refusals =
      log.of(IMAP, "[::]:143", metrics.refusals(IMAP, Refusal.class));

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
    logger.setLevel(ch.qos.logback.classic.Level.INFO);
    logger.setAdditive(false);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(lines);
    logger.setLevel(null);
    logger.setAdditive(true);
    metrics.close();
  }

  private void refuse(String client, int times) {
    InetAddress from = Objects.requireNonNull(AddressLiteral.parse(client));
    for (int i = 0; i < times; i++) {
      refusals.refused(Refusal.TLS_HANDSHAKE, from, 4711, "no common version");
    }
  }

  private List<String> told() {
    return lines.list.stream()
        .map(each -> each.getLevel() + " " + each.getFormattedMessage())
        .toList();
  }

  @Test
  void aRefusedClientLeavesALineWithItsAddressAndACountWithout() { // B8.8
    refuse("192.0.2.7", 1);
    assertEquals(
        List.of(
            "INFO refused client=192.0.2.7 client-port=4711 service=imap listener=[::]:143"
                + " reason=tls-handshake why=\"the TLS handshake failed: no common version\""),
        told());
    String scrape = metrics.scrape();
    assertTrue(
        scrape.contains(
            "openmmp_clients_refused_total{reason=\"tls-handshake\",service=\"imap\"} 1.0"),
        scrape);
    assertEquals(false, scrape.contains("192.0.2.7"));
  }

  @Test
  void aFloodIsAFewLinesAndASummaryAndCountedWhole() { // B8.8
    refuse("198.51.100.9", 5_000);
    assertTrue(told().size() >= 10 && told().size() <= 100, told().size() + " lines");
    int lost = 5_000 - told().size();
    log.tellSummary(System.nanoTime() + TimeUnit.MINUTES.toNanos(2));
    assertEquals("WARN refused-untold tls-handshake=" + lost, told().get(told().size() - 1));
    assertTrue(metrics.scrape().contains("service=\"imap\"} 5000.0"));
  }

  @Test
  void aHealthCheckLeavesNeither() { // B8.8
    refuse("192.0.2.200", 3);
    assertEquals(List.of(), told());
    assertTrue(
        metrics
            .scrape()
            .contains(
                "openmmp_clients_refused_total{reason=\"tls-handshake\",service=\"imap\"} 0.0"));
  }
}
