package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.MailUser;

/** Rule B8.10: what an administrator sees of deliveries. */
final class RelayTraceTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @Test // B8.10
  void anMtaIsFollowedToTheStoreOnKeptConnectionsToo() throws Exception {
    try (RelaySite site = new RelaySite()) {
      MailUser alice = site.user("alice", "cluster1");
      StringWriter printed = new StringWriter();
      CompletableFuture<Integer> status =
          CompletableFuture.supplyAsync(
              () -> site.openmmp(printed, "trace", "127.0.0.1", "--for", "1h"),
              task -> new Thread(task, "trace").start());
      Await.until(printed::toString, LIMIT, () -> printed.toString().contains("tracing"));
      for (int each = 1; each <= 2; each++) {
        try (DeliveryConnection mta = site.mta()) {
          mta.command("AUTH PLAIN AGFsaWNlAHMzY3JldA==");
          mta.command("s3cret");
          mta.deliver(
              "mta@example.org",
              List.of(alice.login()),
              ("Subject: m" + each + "\r\n\r\nno one's business\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
        }
      }
      assertEquals(0, site.openmmp("trace", "--stop"));
      assertEquals(0, status.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
      String seen = printed.toString();
      for (String secret : List.of("s3cret", "AGFs", "Subject", "no one's business")) {
        assertFalse(seen.contains(secret), seen);
      }
      String store = site.cluster(1).nodes().get(0).hostName();
      for (String line :
          List.of(
              "from client: AUTH PLAIN ***",
              "from client: ***",
              "from client: DATA",
              "from client: .",
              "to " + store + ": RCPT TO:<" + alice.login() + ">",
              "from " + store + ": 354")) {
        assertTrue(seen.contains(" lmtp " + line), () -> line + " in " + seen);
      }
      assertEquals(2, seen.split("from " + store + ": 354", -1).length - 1, seen);
    }
  }
}
