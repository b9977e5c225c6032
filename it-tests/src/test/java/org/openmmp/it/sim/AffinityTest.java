package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeBehaviour;

@ParameterizedClass
@EnumSource(MailProtocol.class)
final class AffinityTest {
  private final MailProtocol protocol;

  AffinityTest(MailProtocol protocol) {
    this.protocol = protocol;
  }

  @Test
  void twoMastersAfterASplitAreNeverBothUsed() { // B2.7
    try (SimSite site = SitePlan.replicated().readBy(protocol).start()) {
      MailUser alice = site.user("alice");
      assertTrue(site.accepts(alice));
      site.cluster().splitOff("dewey");
      for (int i = 0; i < 10; i++) {
        assertTrue(site.accepts(alice));
      }
      site.assertTraffic("huey 11/11/11, dewey 0/0/0, louie 0/0/0");
    }
  }

  @Test
  void recoveredPreferredMasterIsLeftAloneUntilFailback() { // B2.12
    try (SimSite site = SitePlan.replicated().readBy(protocol).start()) {
      MailUser alice = site.user("alice");
      site.cluster().kill("huey");
      site.cluster().elect();
      assertTrue(site.accepts(alice));
      assertEquals("dewey", site.affinity("cluster1"));
      site.cluster().start("huey");
      site.cluster().makeMaster("huey");
      site.cluster().splitOff("dewey");
      site.mark();
      assertTrue(site.accepts(alice));
      site.assertTraffic("huey 0/0/0, dewey 1/1/1, louie 0/0/0");
    }
  }

  @Test
  void failbackEndsTheAffinityAndMovesNoSession() { // B2.12
    try (SimSite site =
            SitePlan.replicated()
                .readBy(protocol)
                .with("proxy-defaults.cool-down.first = 10ms")
                .start();
        MailConnection before = site.clients().open(Endpoint.Security.PLAIN)) {
      MailUser alice = site.user("alice");
      site.cluster().behave("huey", NodeBehaviour.failing(Fault.TEMPORARY_ERROR));
      site.cluster().makeMaster("dewey");
      assertTrue(before.answerToLogin(alice).startsWith(protocol.accepted()));
      site.cluster().behave("huey", NodeBehaviour.healthy());
      site.cluster().splitOff("huey");
      site.failback(site.cluster());
      site.mark();
      assertTrue(site.accepts(alice));
      site.assertTraffic("huey 1/1/1, dewey 0/0/0, louie 0/0/0");
      assertEquals("huey", site.affinity("cluster1"));
      before.openInbox();
    }
  }

  @Test
  void refusedLoginsMoveNoAffinity() { // B2.7
    try (SimSite site = SitePlan.replicated().readBy(protocol).start()) {
      MailUser alice = site.user("alice");
      assertRefused(site, alice);
      assertEquals("", site.affinity("cluster1"));
      assertTrue(site.accepts(alice));
      site.cluster().splitOff("dewey");
      site.cluster().behave("huey", NodeBehaviour.failing(Fault.TEMPORARY_ERROR));
      assertRefused(site, alice);
      assertEquals("huey", site.affinity("cluster1"));
      assertTrue(site.accepts(alice));
      assertEquals("huey", site.affinity("cluster1"), "it went on by itself"); // B2.23
    }
  }

  @Test
  void groupWithoutAffinityAsksItsListInOrder() { // B2.7
    try (SimSite site =
        SitePlan.replicated().readBy(protocol).with("proxy-defaults.affinity = off").start()) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("dewey");
      assertTrue(site.accepts(alice));
      assertTrue(site.accepts(alice));
      assertEquals("", site.affinity("cluster1"));
      String twice = protocol == MailProtocol.IMAP ? "2/2/2" : "2/2/0";
      site.assertTraffic("huey " + twice + ", dewey 2/2/2, louie 0/0/0");
    }
  }

  @Test
  void deadHostIsAskedOncePerCoolDown() { // B2.8
    try (SimSite site =
        SitePlan.replicated().readBy(protocol).with("proxy-defaults.affinity = off").start()) {
      MailUser alice = site.user("alice");
      site.cluster().kill("huey");
      site.cluster().elect();
      for (int i = 0; i < 10; i++) {
        assertTrue(site.accepts(alice));
      }
      site.assertTraffic("huey 1/0/0, dewey 10/10/10, louie 0/0/0");
    }
  }

  @Test
  void standbysThatRefuseAreNoTrouble() { // B2.13: the log is judged at the site's end
    ClusterSettings disk = ClusterSettings.sharedDisk("disk1", "store1a", "store1b", "store1c");
    try (SimSite site = SitePlan.of(disk).readBy(protocol).start()) {
      MailUser bob = site.user("bob");
      assertTrue(site.accepts(bob));
      site.assertTraffic("store1a 1/1/1, store1b 0/0/0, store1c 0/0/0");
      site.cluster().kill("store1a");
      site.cluster().start("store1b");
      site.mark();
      assertTrue(site.accepts(bob));
      site.assertTraffic("store1a 1/0/0, store1b 1/1/1, store1c 0/0/0");
      site.cluster().kill("store1b");
      site.cluster().start("store1c");
      site.mark();
      assertTrue(site.accepts(bob));
      site.assertTraffic("store1a 0/0/0, store1b 1/0/0, store1c 1/1/1");
      assertEquals("store1c", site.affinity("disk1"));
      assertTrue(
          List.of(site.log().split("\n", -1)).stream()
              .filter(line -> line.contains("cool-down "))
              .allMatch(line -> line.startsWith("INFO ")),
          site::log);
    }
  }

  @Test
  void standbySiteIsUsedOnlyOnceItIsActivated() { // B2.15
    ClusterSettings group = ClusterSettings.replicated("cluster1", "near1", "near2", "far1");
    String far = group.nodes().get(2).address();
    try (SimSite site =
        SitePlan.of(group)
            .readBy(protocol)
            .with("proxy.cluster1.standby-site = \"" + far + "\"")
            .start()) {
      site.expectingInLog("only-standby-site-left group=cluster1")
          .expectingInLog("cool-down group=cluster1");
      MailUser alice = site.user("alice");
      assertTrue(site.accepts(alice));
      site.cluster().kill("near1");
      site.cluster().kill("near2");
      site.cluster().makeMaster("far1");
      site.mark();
      assertTrue(site.findsNoStore(alice));
      site.assertTraffic("near1 1/0/0, near2 1/0/0, far1 0/0/0");
      assertTrue(site.log().contains("ERROR org.openmmp.selection only-standby-site-left"));
      site.activateStandbySite(site.cluster());
      site.mark();
      assertTrue(site.accepts(alice));
      site.assertTraffic("near1 0/0/0, near2 0/0/0, far1 1/1/1");
    }
  }

  private void assertRefused(SimSite site, MailUser user) {
    try (MailConnection client = site.clients().open(Endpoint.Security.PLAIN)) {
      String answer = client.answerToWrongPassword(user);
      assertTrue(answer.startsWith(protocol.wrongPassword()), answer);
    }
  }
}
