package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.it.fixture.Command;

/** Rule B8.3: Prometheus' own checker has nothing to say about what a busy proxy tells it. */
@Tag("real-servers")
final class MetricsFormatTest {
  @Test
  void promtoolHasNoComplaint(@TempDir Path workplace) {
    Place place = Place.of(2);
    try (AttackedProxy proxy = AttackedProxy.start(workplace, place.group("g"))) {
      proxy.store(place, 0, new ImapScript());
      proxy.user("amy", "g");
      try (RawClient client = proxy.client()) {
        assertTrue(client.command("a", AttackedProxy.login("amy")).startsWith("a OK"));
      }
      String scrape = proxy.page("/metrics");
      Command.Result checked =
          Command.run(Map.of(), scrape, List.of("promtool", "check", "metrics"));
      assertEquals("", checked.output() + checked.errors());
      assertEquals(0, checked.status());
      for (String name :
          List.of(
              "openmmp_build_info{",
              "openmmp_connections_allowed ",
              "openmmp_certificate_expiry_timestamp_seconds{file=",
              "openmmp_log_lines_lost_total ",
              "openmmp_store_sessions{group=\"g\",host=",
              "openmmp_store_logins_total{group=\"g\",host=",
              "openmmp_login_failures_total{cause=\"client\",",
              "openmmp_login_failures_total{cause=\"directory\",",
              "openmmp_login_failures_total{cause=\"store\",",
              "openmmp_login_failures_total{cause=\"ours\",",
              "process_cpu_seconds_total ")) {
        assertTrue(scrape.contains("\n" + name), name + " in " + scrape);
      }
    }
  }
}
