package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.ReferralForm;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.session.NodeTls;

/** Referrals out of the group: to another one, along a chain, and to strangers. */
@ParameterizedClass
@EnumSource(MailProtocol.class)
final class ReferralElsewhereTest {
  private final MailProtocol protocol;

  ReferralElsewhereTest(MailProtocol protocol) {
    this.protocol = protocol;
  }

  @ParameterizedTest
  @EnumSource
  void inboxInAnotherGroupIsFollowedThere(ReferralForm form) { // B3.6
    ClusterSettings sky = ClusterSettings.replicated("cluster2", "sky", "sea");
    try (SimSite site = SitePlan.of(cluster1(), sky).readBy(protocol).start()) {
      MailUser alice = site.user("alice");
      MailUser bob = site.user("bob");
      assertTrue(site.accepts(bob));
      site.refer("huey", form, site.cluster("cluster2").node("sky").hostName());
      site.mark();
      int searches = site.directory().searches();
      assertTrue(site.accepts(alice));
      int asReferred = form == ReferralForm.ACCEPTING && protocol == MailProtocol.IMAP ? 1 : 0;
      site.assertTraffic("huey 1/1/" + asReferred + ", dewey 0/0/0, louie 0/0/0");
      site.assertTraffic(site.cluster("cluster2"), "sky 1/1/1, sea 0/0/0");
      assertEquals("huey", site.affinity("cluster1"));
      assertEquals("sky", site.affinity("cluster2"));
      assertEquals(searches + 1, site.directory().searches());
      assertTrue(site.accepts(alice));
      assertEquals(searches + 2, site.directory().searches(), "the cached entry was dropped");
    }
  }

  @ParameterizedTest
  @EnumSource
  void referralToTheNameOfAnotherGroupIsFollowedIntoIt(ReferralForm form) { // B2.24
    ClusterSettings sky = ClusterSettings.replicated("cluster2.example.com", "sky", "sea");
    try (SimSite site = SitePlan.of(cluster1(), sky).readBy(protocol).start()) {
      MailUser alice = site.user("alice");
      site.refer("huey", form, "Cluster2.example.com.");
      assertTrue(site.accepts(alice));
      site.assertTraffic(site.cluster("cluster2.example.com"), "sky 1/1/1, sea 0/0/0");
      assertEquals("sky", site.affinity("cluster2.example.com"));
    }
  }

  @Test
  void chainLongerThanTheLimitIsGivenUp() { // R4, B3.8
    List<ClusterSettings> groups =
        List.of(
            cluster1(),
            ClusterSettings.replicated("cluster2", "b"),
            ClusterSettings.replicated("cluster3", "c"),
            ClusterSettings.replicated("cluster4", "d"),
            ClusterSettings.replicated("cluster5", "e"));
    try (SimSite site =
        SitePlan.of(groups.toArray(ClusterSettings[]::new)).readBy(protocol).start()) {
      MailUser alice = site.user("alice");
      for (int i = 0; i < groups.size() - 1; i++) {
        String next = groups.get(i + 1).nodes().get(0).hostName();
        String from = groups.get(i).nodes().get(0).name();
        site.refer(site.cluster("cluster" + (i + 1)), from, ReferralForm.ACCEPTING, next);
      }
      assertTrue(site.findsNoStore(alice));
      String asked = site.referred();
      site.assertTraffic("huey " + asked + ", dewey 0/0/0, louie 0/0/0");
      site.assertTraffic(site.cluster("cluster2"), "b " + asked);
      site.assertTraffic(site.cluster("cluster3"), "c " + asked);
      site.assertTraffic(site.cluster("cluster4"), "d " + asked);
      site.assertTraffic(site.cluster("cluster5"), "e 0/0/0");
    }
  }

  @ParameterizedTest
  @EnumSource
  void strangerGetsNoConnection(ReferralForm form) { // R1, B3.7
    Accounts any = new Accounts();
    try (StoreCluster stranger =
            StoreCluster.start(
                ClusterSettings.replicated("stranger", "evil"),
                any,
                List.of(SitePlan.endpoint(protocol, protocol.service(), NodeTls.none())));
        SimSite site = SitePlan.replicated().readBy(protocol).start()) {
      MailUser alice = site.user("alice");
      site.refer("huey", form, stranger.storeHostList());
      assertTrue(site.findsNoStore(alice));
      assertEquals(0, stranger.node("evil").counters().connections());
      assertEquals(0, site.cluster().node("dewey").counters().connections());
    }
  }

  @ParameterizedTest
  @EnumSource
  void ownListenerIsNoTarget(ReferralForm form) { // R2
    try (SimSite site = SitePlan.replicated().readBy(protocol).start()) {
      MailUser alice = site.user("alice");
      site.refer(
          "huey", form, "127.0.0.1:" + site.proxy().addresses(protocol.service()).get(0).getPort());
      assertTrue(site.findsNoStore(alice));
      assertEquals(1, site.log().lines().filter(line -> line.contains("session-start")).count());
    }
  }

  @ParameterizedTest
  @EnumSource
  void loopbackStaysClosedToReferralsEvenIfAPatternTrustsIt(ReferralForm form) { // R2
    try (StoreCluster stranger =
            StoreCluster.start(
                ClusterSettings.replicated("stranger", "evil"),
                new Accounts(),
                List.of(SitePlan.endpoint(protocol, protocol.service(), NodeTls.none())));
        SimSite site =
            SitePlan.replicated()
                .readBy(protocol)
                .with("login.referral.trusted = [\"" + stranger.storeHostList() + "\"]")
                .with("login.referral.follow-ports = [" + stranger.port(protocol.service()) + "]")
                .start()) {
      site.expectingInLog("cool-down group=" + stranger.storeHostList());
      MailUser alice = site.user("alice");
      site.refer("huey", form, stranger.storeHostList() + ":" + stranger.port(protocol.service()));
      assertTrue(site.findsNoStore(alice));
      assertEquals(0, stranger.node("evil").counters().connections());
    }
  }

  private static ClusterSettings cluster1() {
    return ClusterSettings.replicated("cluster1", "huey", "dewey", "louie");
  }
}
