package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.NodeBehaviour;
import org.openmmp.storesim.ReferralForm;

/** No master, for a while or for ever (rule B2.11). */
final class ElectionTest {
  private static final Duration LONG = Duration.ofSeconds(10);

  @ParameterizedTest
  @EnumSource
  void loginsWaitForTheElectionAndSucceed(MailProtocol protocol) { // B2.11
    try (SimSite site =
        SitePlan.replicated()
            .readBy(protocol)
            .with("proxy-defaults.read-only-fallback = off")
            .start()) {
      site.expectingInLog("no-master group=cluster1");
      List<MailUser> users =
          IntStream.range(0, 20).mapToObj(number -> site.user("user" + number)).toList();
      assertTrue(site.accepts(users.get(0)));
      site.awaitDoubt();
      site.cluster().kill("huey");
      CompletableFuture<List<String>> logins =
          CompletableFuture.supplyAsync(() -> site.clients().answersAtOnce(users));
      Await.until("a second round", LONG, () -> rounds(site) >= 2);
      assertFalse(logins.isDone());
      assertEquals("dewey", site.cluster().elect().master());
      assertTrue(logins.join().stream().allMatch(answer -> answer.startsWith(protocol.accepted())));
      assertEquals("dewey", site.affinity("cluster1"));
      assertEquals(1, attempts(site, 0) - 1, "the dead master is asked once");
    }
  }

  @Test
  void clientGoesOnAtAReplicaReadOnlyIfThereIsNoMaster() { // B2.11
    try (SimSite site =
            SitePlan.replicated().with("proxy-defaults.read-only-after = 300ms").start();
        ImapConnection client = site.connect()) {
      site.expectingInLog("no-master group=cluster1");
      MailUser alice = site.user("alice");
      assertTrue(site.login(alice).isOk());
      site.cluster().kill("huey");
      assertTrue(SiteClients.login(client, alice).isOk());
      assertTrue(client.command("SELECT INBOX").tagged().startsWith("OK [READ-ONLY]"));
      assertEquals("huey", site.affinity("cluster1"));
      assertTrue(site.log().contains("read-only=yes"), site::log);
    }
  }

  @ParameterizedTest
  @EnumSource
  void masterlessGroupWithoutFallbackIsUnavailable(MailProtocol protocol) { // B2.11
    try (SimSite site =
        SitePlan.replicated()
            .readBy(protocol)
            .with("proxy-defaults.read-only-fallback = off")
            .with("login.deadline = 1s")
            .start()) {
      site.expectingInLog("no-master group=cluster1");
      MailUser alice = site.user("alice");
      assertTrue(site.accepts(alice));
      site.cluster().kill("huey");
      assertTrue(site.findsNoStore(alice));
      long rounds = rounds(site);
      assertTrue(rounds >= 3 && rounds <= 12, () -> rounds + " rounds of 100 ms and more in 1 s");
    }
  }

  @ParameterizedTest
  @EnumSource
  void refusingReplicasGiveNoReadOnlySession(MailProtocol protocol) { // B2.11, B4.5
    try (SimSite site =
        SitePlan.replicated()
            .readBy(protocol)
            .with("proxy-defaults.read-only-after = 100ms")
            .with("login.deadline = 1s")
            .start()) {
      site.expectingInLog("no-master group=cluster1");
      MailUser alice = site.user("alice");
      for (String name : List.of("dewey", "louie")) {
        site.cluster().behave(name, NodeBehaviour.healthy().referringBy(ReferralForm.REFUSING));
      }
      site.cluster().kill("huey");
      assertTrue(site.findsNoStore(alice));
    }
  }

  @Test
  void survivorOfTwoSitesServesReadOnlyAndThenAsMaster() { // B2.11
    ClusterSettings pair = ClusterSettings.replicated("pair", "east", "west");
    try (SimSite site = SitePlan.of(pair).with("proxy-defaults.read-only-after = 200ms").start();
        ImapConnection client = site.connect()) {
      site.expectingInLog("no-master group=pair");
      MailUser alice = site.user("alice");
      site.cluster().kill("east");
      assertEquals(null, site.cluster().elect().master());
      assertTrue(SiteClients.login(client, alice).isOk());
      assertTrue(client.command("SELECT INBOX").tagged().startsWith("OK [READ-ONLY]"));
      site.cluster().makeMaster("west");
      assertTrue(site.login(alice).isOk());
      assertEquals("west", site.affinity("pair"));
    }
  }

  private static long rounds(SimSite site) {
    return site.log().lines().filter(line -> line.contains("no-master ")).count();
  }

  private static long attempts(SimSite site, int host) {
    return site.snapshot("cluster1").orElseThrow().hosts().get(host).attemptsStarted();
  }
}
