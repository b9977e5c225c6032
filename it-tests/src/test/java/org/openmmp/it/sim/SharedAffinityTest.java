package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.ReferralForm;

/** What one service found out is another's first choice (rule B2.7). */
final class SharedAffinityTest {
  @ParameterizedTest
  @CsvSource({"IMAP, POP3", "POP3, IMAP"})
  void referralSeenByOneServiceGivesTheOtherItsFirstChoice(MailProtocol one, MailProtocol other) {
    try (SimSite site = SitePlan.replicated().readBy(one).start()) { // B2.7
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("louie");
      site.refer("huey", ReferralForm.REFUSING, site.cluster().node("louie").hostName());
      assertTrue(site.accepts(alice));
      site.assertTraffic("huey 1/1/0, dewey 0/0/0, louie 1/1/1");
      site.mark();
      assertAccepted(site, other, alice);
      site.assertTraffic("huey 0/0/0, dewey 0/0/0, louie 1/1/1");
      assertEquals("louie", site.affinity(other, "cluster1"));
      assertTrue(site.log().contains("the affinity host"), site::log);
    }
  }

  @ParameterizedTest
  @CsvSource({"IMAP, POP3", "POP3, IMAP"})
  void everyServiceFollowsTheGroupsMaster(MailProtocol one, MailProtocol other) { // B2.23
    try (SimSite site = SitePlan.replicated().readBy(one).start()) {
      MailUser alice = site.user("alice");
      assertAccepted(site, other, alice);
      assertTrue(site.accepts(alice));
      site.cluster().splitOff("dewey");
      site.cluster().kill("huey");
      site.cluster().makeMaster("dewey");
      site.mark();
      assertTrue(site.accepts(alice));
      site.assertTraffic("huey 1/0/0, dewey 1/1/1, louie 0/0/0");
      site.cluster().start("huey");
      site.cluster().splitOff("huey");
      site.mark();
      assertAccepted(site, other, alice);
      assertEquals("dewey", site.affinity(one, "cluster1"));
      assertEquals("dewey", site.affinity(other, "cluster1"));
      site.assertTraffic("huey 0/0/0, dewey 1/1/1, louie 0/0/0");
    }
  }

  @ParameterizedTest
  @CsvSource({"IMAP, POP3", "POP3, IMAP"})
  void deadMasterCostsTheOtherServiceNoAttempt(MailProtocol one, MailProtocol other) { // B2.7
    try (SimSite site = SitePlan.replicated().readBy(one).start()) {
      MailUser alice = site.user("alice");
      site.cluster().kill("huey");
      site.cluster().elect();
      assertTrue(site.accepts(alice));
      site.assertTraffic("huey 1/0/0, dewey 1/1/1, louie 0/0/0");
      site.mark();
      assertAccepted(site, other, alice);
      site.assertTraffic("huey 0/0/0, dewey 1/1/1, louie 0/0/0");
    }
  }

  private static void assertAccepted(SimSite site, MailProtocol spoken, MailUser user) {
    String answer = site.clients().answer(spoken, user);
    assertTrue(answer.startsWith(spoken.accepted()), answer);
  }
}
