package org.openmmp.it.sim;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeBehaviour;

/** A group whose every host is down, and mail for it; cool-downs are 30 s. */
final class RelayStoreComesBackTest {
  private static final Duration LESS_THAN_A_COOL_DOWN = Duration.ofSeconds(15);
  private static final byte[] MESSAGE = "Subject: hello\r\n\r\nworld\r\n".getBytes(US_ASCII);

  private static void killAll(RelaySite site) {
    List.of("louie", "dewey").forEach(site.cluster(1)::kill);
    site.cluster(1).behave("huey", NodeBehaviour.failing(Fault.REFUSE));
  }

  private static void start(RelaySite site) {
    site.cluster(1).behave("huey", NodeBehaviour.healthy());
  }

  private static boolean takes(RelaySite site, MailUser user) {
    try (DeliveryConnection mta = site.mta()) {
      assertTrue(mta.command("MAIL FROM:<mta@example.org>").startsWith("250"));
      String reply = mta.command("RCPT TO:<" + user.login() + ">");
      assertTrue(reply.startsWith("250") || reply.startsWith("451"), reply);
      return reply.startsWith("250");
    }
  }

  @Test
  void storeThatAnOperatorStartsTakesMailThoughItsCoolDownIsNotOver() { // B2.9
    try (RelaySite site =
        new RelaySite().expectingInLog("cool-down group=cluster1 .* group-serves=false")) {
      MailUser alice = site.user("alice", "cluster1");
      killAll(site);
      assertEquals(false, takes(site, alice));
      start(site);
      Await.until(site::log, LESS_THAN_A_COOL_DOWN, () -> takes(site, alice));
    }
  }

  @Test
  void recipientThatWaitsIsTakenByTheStoreThatIsStarted() { // B2.9
    try (RelaySite site =
        new RelaySite("proxy-defaults.wait-for-store = 20s")
            .expectingInLog("cool-down group=cluster1 .* group-serves=false")) {
      MailUser alice = site.user("alice", "cluster1");
      killAll(site);
      try (DeliveryConnection mta = site.mta()) {
        assertTrue(mta.command("MAIL FROM:<mta@example.org>").startsWith("250"));
        mta.send("RCPT TO:<" + alice.login() + ">\r\n");
        Await.until(
            site::log, LESS_THAN_A_COOL_DOWN, () -> site.log().contains(" group-serves=false"));
        start(site);
        assertTrue(mta.reply().startsWith("250"), site::log);
        assertTrue(mta.data(MESSAGE, 1).get(0).startsWith("250"));
      }
      assertEquals(1, site.inbox(alice).size());
    }
  }
}
