package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.AckPolicy;

/** Mail for groups that have no quorum, and for a master that waits for its replicas. */
final class RelayQuorumTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration ACK_TIMEOUT = Duration.ofMillis(1_500);
  private static final byte[] MESSAGE =
      "Subject: x\r\n\r\nx\r\n".getBytes(StandardCharsets.US_ASCII);

  @Test
  void mailForALoneSurvivorStaysWithTheMtaAndArrivesOnce() { // B2.11, B5.4, L4
    try (RelaySite site = new RelaySite("lmtp.timeouts.search = 2s")) {
      site.expectingInLog("no-master group=cluster1").expectingInLog("cool-down group=cluster1");
      MailUser alice = site.user("alice", "cluster1");
      MailUser donald = site.user("donald", "cluster2");
      site.cluster(1).kill("huey");
      site.cluster(1).kill("dewey");
      assertNull(site.cluster(1).elect().master(), "one of three is no quorum");
      try (DeliveryConnection mta = site.mta()) {
        mta.command("MAIL FROM:<mta@example.org>");
        String refused = mta.command("RCPT TO:<" + alice.login() + ">");
        assertTrue(refused.startsWith("451 4.3.2"), refused);
        String taken = mta.command("RCPT TO:<" + donald.login() + ">");
        assertTrue(taken.startsWith("250"), taken);
        assertTrue(mta.data(MESSAGE, 1).get(0).startsWith("250"));
      }
      assertEquals(0, site.inbox(alice).size());
      assertEquals(1, site.inbox(donald).size(), "another group's mail goes on");
      site.cluster(1).start("huey");
      assertEquals("huey", site.cluster(1).elect().master());
      Await.until("the MTA's next try", SOON, () -> delivered(site, alice));
      assertEquals(1, site.inbox(alice).size());
    }
  }

  @Test
  void slowCommitsLoseAndDoubleNoMail() { // B2.5, B5.15
    try (RelaySite site = new RelaySite()) {
      List<MailUser> users =
          IntStream.range(0, 8).mapToObj(number -> site.user("user" + number, "cluster1")).toList();
      site.cluster(1).acknowledge(AckPolicy.ALL_CLIENTS, ACK_TIMEOUT);
      site.cluster(1).holdLog("louie");
      assertEquals(ACK_TIMEOUT, site.cluster(1).node("huey").commitWait());
      List<Boolean> taken = SiteClients.atOnce(users, user -> delivered(site, user));
      assertEquals(users.stream().map(user -> true).toList(), taken);
      try (DeliveryConnection mta = site.mta()) { // one message for all, each reply waits
        mta.deliver("mta@example.org", users.stream().map(MailUser::login).toList(), MESSAGE);
      }
      users.forEach(user -> assertEquals(2, site.inbox(user).size(), user::login));
      assertEquals(0, site.heardBy("dewey").deliveries().size());
      assertEquals(0, site.heardBy("dewey").connections(), "slow is no reason to ask another");
      assertFalse(site.log().contains("cool-down"), site::log);
      site.cluster(1).releaseLog("louie");
      assertTrue(delivered(site, users.get(0)));
      assertEquals(3, site.inbox(users.get(0)).size());
    }
  }

  /** Whether a delivery of one message is taken from the MTA. */
  private static boolean delivered(RelaySite site, MailUser user) {
    try (DeliveryConnection mta = site.mta()) {
      mta.command("MAIL FROM:<mta@example.org>");
      return mta.command("RCPT TO:<" + user.login() + ">").startsWith("250")
          && mta.data(MESSAGE, 1).get(0).startsWith("250");
    }
  }
}
