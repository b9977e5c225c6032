package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeBehaviour;

/** All stores of several groups are gone at once, and come back. */
final class OurNetworkTest {
  private static final List<String> NODES = List.of("huey", "dewey");

  @Test
  void networkThatIsGoneAndBackChangesNobodysWay() { // B2.25
    try (SimSite site =
        SitePlan.of(
                ClusterSettings.replicated("cluster1", "huey", "dewey"),
                ClusterSettings.replicated("cluster2", "huey", "dewey"))
            .start()) {
      site.expectingInLog("network-gone|cool-down");
      MailUser alice = site.user("alice", "cluster1");
      MailUser bob = site.user("bob", "cluster2");
      site.cluster("cluster1").makeMaster("dewey");
      assertTrue(site.accepts(alice));
      assertTrue(site.accepts(bob));
      assertEquals("dewey", site.affinity("cluster1"));

      all(site, NodeBehaviour.failing(Fault.BLACK_HOLE));
      CompletableFuture<Boolean> lost = CompletableFuture.supplyAsync(() -> site.findsNoStore(bob));
      assertTrue(site.findsNoStore(alice));
      assertTrue(lost.join());
      Await.until(site::log, Duration.ofSeconds(10), () -> site.log().contains("network-gone"));

      all(site, NodeBehaviour.healthy());
      Await.until(site::log, Duration.ofSeconds(20), () -> site.log().contains("network-back"));
      assertTrue(site.accepts(alice));
      assertTrue(site.accepts(bob));
      assertEquals("dewey", site.affinity("cluster1"));
      assertEquals("huey", site.affinity("cluster2"));
    }
  }

  @Tag("real-servers")
  @Test
  void noWayToAStoreIsTheMachinesTrouble() { // B2.25
    try (SimSite site = SitePlan.replicated().start()) {
      site.expectingInLog("network-gone|cool-down");
      MailUser carol = site.user("carol", "198.51.100.1");
      Command.run("ip", "route", "add", "throw", "198.51.100.0/24").succeeded();
      try {
        assertTrue(site.findsNoStore(carol));
      } finally {
        Command.run("ip", "route", "del", "throw", "198.51.100.0/24").succeeded();
      }
      Await.until(
          site::log,
          Duration.ofSeconds(10),
          () -> site.log().contains("network-gone why=\"the system has no way"));
      assertTrue(site.log().contains("outcome=NETWORK_UNREACHABLE"), site::log);
      assertTrue(site.accepts(site.user("alice")));
      Await.until(site::log, Duration.ofSeconds(20), () -> site.log().contains("network-back"));
    }
  }

  private static void all(SimSite site, NodeBehaviour behaviour) {
    for (String cluster : List.of("cluster1", "cluster2")) {
      NODES.forEach(node -> site.cluster(cluster).behave(node, behaviour));
    }
  }
}
