package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.storesim.AckPolicy;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.StoreNode;

/** Groups that vote, wait for their replicas, fall apart and change while people log in. */
@ParameterizedClass
@EnumSource(MailProtocol.class)
final class QuorumTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration ACK_TIMEOUT = Duration.ofMillis(1_500);
  private static final MailUser PROBE = MailUser.of("probe");

  private final MailProtocol protocol;

  QuorumTest(MailProtocol protocol) {
    this.protocol = protocol;
  }

  private SitePlan plan(ClusterSettings group) {
    return SitePlan.of(group)
        .readBy(protocol)
        .with("proxy-defaults.read-only-fallback = off")
        .with("proxy-defaults { hedge.percent = 2, give-up-early.enabled = on }");
  }

  private static ClusterSettings cluster(String... nodes) {
    return ClusterSettings.replicated("cluster1", nodes);
  }

  @Test
  void loneSurvivorOfThreeIsUnavailableAndNoPasswordIsWrong() { // B2.11, B3.10
    try (SimSite site =
        plan(cluster("huey", "dewey", "louie")).with("login.deadline = 1s").start()) {
      site.expectingInLog("no-master group=cluster1");
      MailUser alice = site.user("alice");
      assertTrue(site.accepts(alice));
      site.cluster().kill("huey");
      assertEquals("dewey", site.cluster().elect().master());
      assertTrue(site.accepts(alice), site::log);
      site.cluster().kill("dewey");
      assertNull(site.cluster().elect().master(), "one of three is no quorum");
      for (int i = 0; i < 3; i++) {
        assertTrue(site.findsNoStore(alice), site::log);
      }
      assertFalse(site.log().contains("auth-rejected"), site::log);
      site.cluster().start("huey");
      assertEquals("huey", site.cluster().elect().master());
      Await.until("it is served again", SOON, () -> site.accepts(alice));
    }
  }

  @Test
  void masterThatWaitsForItsReplicasIsSlowAndNotDown() { // B2.5, B2.6
    try (SimSite site =
        plan(cluster("huey", "dewey", "louie").acknowledging(AckPolicy.QUORUM, ACK_TIMEOUT))
            .start()) {
      List<MailUser> users =
          IntStream.range(0, 20).mapToObj(number -> site.user("user" + number)).toList();
      assertTrue(site.accepts(users.get(0)));
      StoreNode huey = site.cluster().node("huey");
      List.of("dewey", "louie").forEach(site.cluster()::holdLog);
      assertEquals(ACK_TIMEOUT, huey.commitWait(), "its replicas are there and do not follow");
      List<String> answers = site.clients().answersAtOnce(users);
      assertTrue(
          answers.stream().allMatch(answer -> answer.startsWith(protocol.accepted())),
          answers::toString);
      site.assertTraffic("huey 21/21/21, dewey 0/0/0, louie 0/0/0");
      List.of("dewey", "louie").forEach(site.cluster()::kill); // and are gone
      assertEquals(ACK_TIMEOUT, huey.commitWait());
      assertTrue(site.accepts(users.get(0)), site::log);
      site.assertTraffic("huey 22/22/22, dewey 0/0/0, louie 0/0/0");
      for (GroupSnapshot.HostSnapshot host : site.snapshot("cluster1").orElseThrow().hosts()) {
        assertEquals(0, host.failures(), host::toString);
        assertEquals(0, host.coolDownLeftNanos(), host::toString);
      }
      assertEquals("huey", site.affinity("cluster1"));
    }
  }

  @Test
  void duplicateMastersOfTwoSitesAreNeverBothUsed() throws Exception { // B2.7
    try (SimSite site =
        plan(cluster("east", "west").withTwoSites().electingAfter(Duration.ofMillis(1))).start()) {
      MailUser alice = site.user("alice");
      assertTrue(site.accepts(alice));
      site.cluster().cutOff("west");
      site.cluster().awaitMaster("west", SOON);
      assertEquals(List.of("east", "west"), site.cluster().replication().masters());
      for (int i = 0; i < 5; i++) {
        site.awaitDoubt();
        assertTrue(site.accepts(alice));
      }
      site.assertTraffic("east 6/6/6, west 0/0/0");
      site.cluster().setPriority("west", 200);
      site.cluster().heal();
      site.cluster().awaitMaster("west", SOON);
      assertTrue(site.accepts(alice), site::log); // east refers, or refuses: it is a replica
      assertEquals("west", site.affinity("cluster1"));
    }
  }

  @Test
  void halvesThatNameMastersOfTheirOwnAreAnAlarmAndTheLastGoodOneIsKept()
      throws Exception { // B2.37
    try (SimSite site =
        plan(cluster("huey", "dewey", "louie", "donald", "daisy")
                .electingAfter(Duration.ofMillis(1)))
            .with(
                "proxy-defaults.probe { kind = login, interval = 1s, user = \"%s\", password = \"%s\" }"
                    .formatted(PROBE.login(), PROBE.password()))
            .start()) {
      site.expectingInLog("masters-differ group=cluster1");
      MailUser alice = site.user("alice");
      site.user("probe");
      assertTrue(site.accepts(alice));
      assertEquals("huey", site.affinity("cluster1"));
      site.cluster().cutOff("huey", "dewey");
      site.cluster().awaitMaster("louie", SOON);
      assertEquals(List.of("huey", "louie"), site.cluster().replication().masters());
      Await.until("the alarm", SOON, () -> site.log().contains("masters-differ group=cluster1"));
      String alarm =
          site.log()
              .lines()
              .filter(line -> line.contains("masters-differ"))
              .findFirst()
              .orElseThrow();
      for (String named : List.of("huey", "louie")) {
        assertTrue(alarm.contains(site.cluster().node(named).hostName()), alarm);
      }
      site.awaitDoubt();
      assertTrue(site.accepts(alice));
      assertEquals("huey", site.affinity("cluster1"), "the last good one is kept");
    }
  }

  @Test
  void prioritiesThatChangeAndSitesThatAreRemovedAreFollowedWithoutAFailedLogin()
      throws Exception { // B2.4, B2.9
    try (SimSite site =
        plan(cluster("huey", "dewey", "louie").electingAfter(Duration.ofMillis(300))).start()) {
      site.expectingInLog("no-master group=cluster1");
      List<MailUser> users =
          IntStream.range(0, 10).mapToObj(number -> site.user("user" + number)).toList();
      assertTrue(site.accepts(users.get(0)));
      site.cluster().setPriority("louie", 200);
      site.cluster().kill("huey");
      everybodyLogsIn(site, users);
      assertEquals("louie", site.cluster().awaitMaster("louie", SOON).name());
      assertTrue(site.accepts(users.get(0)), site::log);
      assertEquals("louie", site.affinity("cluster1"));
      site.cluster().start("huey");
      site.cluster().setPriority("dewey", 150);
      site.cluster().remove("louie");
      everybodyLogsIn(site, users);
      assertEquals("dewey", site.cluster().awaitMaster("dewey", SOON).name());
      assertTrue(site.accepts(users.get(0)), site::log);
      assertEquals("dewey", site.affinity("cluster1"));
      site.cluster().start("louie"); // joins again as a replica, and moves nobody
      site.mark();
      assertTrue(site.accepts(users.get(0)), site::log);
      assertEquals("huey 0, dewey 1, louie 0", site.attempts());
    }
  }

  /** All of them at once, while the election is still to come; nobody fails. */
  private void everybodyLogsIn(SimSite site, List<MailUser> users) {
    List<String> answers = site.clients().answersAtOnce(users);
    assertTrue(
        answers.stream().allMatch(answer -> answer.startsWith(protocol.accepted())),
        () -> answers + "\n" + site.log());
  }
}
