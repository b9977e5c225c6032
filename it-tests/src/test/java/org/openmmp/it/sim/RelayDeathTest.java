package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.lmtp.LmtpScript;
import org.openmmp.storesim.lmtp.LmtpTrouble;
import org.openmmp.storesim.lmtp.LmtpTrouble.Point;

/** A store that dies concerns its own recipients, and gets nothing twice (B5.4, B5.7, L4, L6). */
final class RelayDeathTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final byte[] MESSAGE =
      ("Subject: x\r\n\r\n" + "line\r\n".repeat(200)).getBytes(StandardCharsets.ISO_8859_1);

  @ParameterizedTest
  @CsvSource({
    "AFTER_REPLIES, 0, 451 451 250",
    "AFTER_REPLIES, 1, 250 451 250",
  })
  void deathBehindTheEndOfDataIsNotRetriedByUs(Point point, long count, String classes) {
    try (RelaySite site = new RelaySite()) {
      MailUser alice = site.user("alice", "cluster1");
      MailUser carol = site.user("carol", "cluster1");
      MailUser bob = site.user("bob", "cluster2");
      site.script("huey", LmtpScript.HEALTHY.with(LmtpTrouble.dies(point, count)));

      assertEquals(classes, delivered(site, alice, carol, bob));
      // The store had it before it died: the MTA may send it again, the relay may not.
      for (MailUser user : List.of(alice, carol, bob)) {
        assertEquals(1, site.inbox(user).size());
      }
      int deliveries =
          Stream.of("huey", "dewey", "louie", "donald", "daisy")
              .mapToInt(node -> site.heardBy(node).deliveries().size())
              .sum();
      assertEquals(2, deliveries);
    }
  }

  @Test
  void messageIsReplayedToTheNewMasterWhenTheOldOneDiesWithinIt() throws Exception {
    try (RelaySite site = new RelaySite().expectingInLog("no-master group=cluster1")) {
      MailUser alice = site.user("alice", "cluster1");
      MailUser bob = site.user("bob", "cluster2");
      String message = new String(MESSAGE, StandardCharsets.ISO_8859_1).repeat(100);
      int half = message.length() / 2;
      try (DeliveryConnection mta = site.mta()) {
        mta.envelope("mta@example.org", List.of(alice.login(), bob.login()));
        assertTrue(mta.command("DATA").startsWith("354"));
        mta.send(message.substring(0, half));
        site.heardBy("huey").await(heard -> heard.messageOctets() > 0, LIMIT);
        site.cluster(1).kill("huey");
        site.cluster(1).elect();
        mta.send(message.substring(half) + ".\r\n");

        assertTaken(mta.reply()); // the new master's word
        assertTaken(mta.reply()); // the other group's
      }
      assertEquals(List.of(message), site.inbox(alice));
      assertEquals(List.of(message), site.inbox(bob));
      assertEquals(List.of(), site.heardBy("huey").deliveries());
    }
  }

  @Test
  void oneStoresHungDeliveryDoesNotDelayAnothers() throws Exception { // L6
    try (RelaySite site = new RelaySite()) {
      MailUser alice = site.user("alice", "cluster1");
      MailUser bob = site.user("bob", "cluster2");
      site.script("huey", LmtpScript.HEALTHY.with(LmtpTrouble.hangs(Point.IN_MESSAGE, 1)));
      try (DeliveryConnection mta = site.mta()) {
        mta.envelope("mta@example.org", List.of(alice.login(), bob.login()));
        mta.command("DATA");
        mta.send(new String(MESSAGE, StandardCharsets.ISO_8859_1) + ".\r\n");
        site.heardBy("donald").await(heard -> heard.deliveries().size() == 1, LIMIT);
        assertEquals(1, site.inbox(bob).size());
      }
    }
  }

  private static void assertTaken(String reply) {
    assertTrue(reply.startsWith("250"), reply);
  }

  private static String delivered(RelaySite site, MailUser... users) {
    List<String> recipients = Stream.of(users).map(MailUser::login).toList();
    try (DeliveryConnection mta = site.mta()) {
      mta.envelope("mta@example.org", recipients);
      return String.join(
          " ",
          mta.data(MESSAGE, users.length).stream().map(reply -> reply.substring(0, 3)).toList());
    }
  }
}
