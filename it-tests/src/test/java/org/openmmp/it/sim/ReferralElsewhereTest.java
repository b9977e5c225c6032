package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.NodeBehaviour;
import org.openmmp.storesim.ReferralForm;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.imap.ImapEndpoint;
import org.openmmp.storesim.session.StoreTls;

/** Referrals out of the group: to another one, along a chain, and to strangers. */
final class ReferralElsewhereTest {
  @ParameterizedTest
  @EnumSource
  void inboxInAnotherGroupIsFollowedThere(ReferralForm form) { // B3.6
    ClusterSettings sky = ClusterSettings.replicated("cluster2", "sky", "sea");
    try (SimSite site = SitePlan.of(cluster1(), sky).start()) {
      MailUser alice = site.user("alice");
      MailUser bob = site.user("bob");
      assertTrue(site.login(bob).isOk());
      refer(site, form, site.cluster("cluster2").node("sky").hostName());
      site.mark();
      int searches = site.directory().searches();
      assertTrue(site.login(alice).isOk());
      int asReferred = form == ReferralForm.ACCEPTING ? 1 : 0;
      site.assertTraffic("huey 1/1/" + asReferred + ", dewey 0/0/0, louie 0/0/0");
      site.assertTraffic(site.cluster("cluster2"), "sky 1/1/1, sea 0/0/0");
      assertEquals("huey", site.affinity("cluster1"));
      assertEquals("sky", site.affinity("cluster2"));
      assertEquals(searches + 1, site.directory().searches());
      assertTrue(site.login(alice).isOk());
      assertEquals(searches + 2, site.directory().searches(), "the cached entry was dropped");
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
    try (SimSite site = SitePlan.of(groups.toArray(ClusterSettings[]::new)).start()) {
      MailUser alice = site.user("alice");
      for (int i = 0; i < groups.size() - 1; i++) {
        String next = groups.get(i + 1).nodes().get(0).hostName();
        site.cluster("cluster" + (i + 1))
            .behave(
                groups.get(i).nodes().get(0).name(),
                NodeBehaviour.healthy().referringTo("imap://" + next + "/"));
      }
      assertTrue(site.login(alice).tagged().startsWith("NO [UNAVAILABLE]"));
      site.assertTraffic("huey 1/1/1, dewey 0/0/0, louie 0/0/0");
      site.assertTraffic(site.cluster("cluster2"), "b 1/1/1");
      site.assertTraffic(site.cluster("cluster3"), "c 1/1/1");
      site.assertTraffic(site.cluster("cluster4"), "d 1/1/1");
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
                List.of(new ImapEndpoint(StoreTls.none())));
        SimSite site = SitePlan.replicated().start()) {
      MailUser alice = site.user("alice");
      refer(site, form, stranger.storeHostList());
      assertTrue(site.login(alice).tagged().startsWith("NO [UNAVAILABLE]"));
      assertEquals(0, stranger.node("evil").counters().connections());
      assertEquals(0, site.cluster().node("dewey").counters().connections());
    }
  }

  @ParameterizedTest
  @EnumSource
  void ownListenerIsNoTarget(ReferralForm form) { // R2
    try (SimSite site = SitePlan.replicated().start()) {
      MailUser alice = site.user("alice");
      refer(site, form, "127.0.0.1:" + site.proxy().addresses("imap").get(0).getPort());
      assertTrue(site.login(alice).tagged().startsWith("NO [UNAVAILABLE]"));
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
                List.of(new ImapEndpoint(StoreTls.none())));
        SimSite site =
            SitePlan.replicated()
                .with("login.referral.trusted = [\"" + stranger.storeHostList() + "\"]")
                .with("login.referral.follow-ports = [" + stranger.port("imap") + "]")
                .start()) {
      site.expectingInLog("cool-down group=" + stranger.storeHostList());
      MailUser alice = site.user("alice");
      refer(site, form, stranger.storeHostList() + ":" + stranger.port("imap"));
      assertTrue(site.login(alice).tagged().startsWith("NO [UNAVAILABLE]"));
      assertEquals(0, stranger.node("evil").counters().connections());
    }
  }

  private static ClusterSettings cluster1() {
    return ClusterSettings.replicated("cluster1", "huey", "dewey", "louie");
  }

  private static void refer(SimSite site, ReferralForm form, String hostAndPort) {
    site.cluster()
        .behave(
            "huey",
            NodeBehaviour.healthy().referringBy(form).referringTo("imap://" + hostAndPort + "/"));
  }
}
