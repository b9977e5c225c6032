package org.openmmp.storesim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoreClusterTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration AT_ONCE = Duration.ofMillis(1);

  private static StoreCluster start(ClusterSettings settings) {
    return StoreCluster.start(settings, new Accounts(), List.of(new SilentEndpoint()));
  }

  private static boolean accepts(StoreNode node) {
    try (Socket socket = new Socket()) {
      socket.connect(node.socket("silent"), 5_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void lossOfTheMasterCallsAnElectionByItself() throws Exception {
    ClusterSettings settings =
        ClusterSettings.replicated("cluster1", "huey", "dewey", "louie")
            .withPriority("louie", 200)
            .electingAfter(AT_ONCE);
    try (StoreCluster cluster = start(settings)) {
      assertEquals("huey", cluster.awaitMasterOtherThan("", LIMIT).name());
      cluster.kill("huey");
      assertEquals("louie", cluster.awaitMasterOtherThan("huey", LIMIT).name());
      assertEquals(NodeRole.DOWN, cluster.node("huey").role());
      assertEquals(NodeRole.REPLICA, cluster.node("dewey").role());
    }
  }

  @Test
  void nodeWhoseLogWasHeldLosesTheElection() {
    try (StoreCluster cluster = start(ClusterSettings.replicated("c", "a", "b", "c"))) {
      cluster.holdLog("b");
      cluster.mail().of("alice").create("work");
      cluster.kill("a");
      assertEquals("c", cluster.elect().master());
      cluster.releaseLog("b");
      cluster.start("a");
      cluster.holdLog("a");
      cluster.mail().of("alice").create("play");
      cluster.kill("c");
      assertEquals("b", cluster.elect().master());
    }
  }

  @Test
  void hungMasterIsReplacedAndComesBackAsReplica() throws Exception {
    ClusterSettings settings =
        ClusterSettings.replicated("c", "a", "b", "c").electingAfter(AT_ONCE);
    try (StoreCluster cluster = start(settings)) {
      cluster.behave("a", NodeBehaviour.failing(Fault.HANG));
      assertEquals("b", cluster.awaitMasterOtherThan("a", LIMIT).name());
      assertTrue(accepts(cluster.node("a")));
      cluster.start("a");
      assertEquals(NodeRole.REPLICA, cluster.node("a").role());
    }
  }

  @Test
  void survivorOfTwoHasNoMasterUntilTheOtherIsBack() throws Exception { // B2.11
    ClusterSettings settings = ClusterSettings.replicated("c", "a", "b").electingAfter(AT_ONCE);
    try (StoreCluster cluster = start(settings)) {
      cluster.kill("a");
      assertNull(cluster.elect().master());
      assertNull(cluster.master());
      cluster.start("a");
      assertEquals("a", cluster.awaitMasterOtherThan("", LIMIT).name());
    }
    try (StoreCluster cluster = start(settings.withTwoSites())) {
      cluster.kill("a");
      assertEquals("b", cluster.awaitMasterOtherThan("a", LIMIT).name());
    }
  }

  @Test
  void standbysRefuseUntilOneIsStarted() {
    try (StoreCluster cluster = start(ClusterSettings.sharedDisk("store1", "a", "b", "c"))) {
      assertTrue(accepts(cluster.node("a")));
      assertFalse(accepts(cluster.node("b")));
      assertEquals(NodeRole.STANDBY, cluster.node("b").role());
      cluster.kill("a");
      assertFalse(accepts(cluster.node("a")));
      cluster.start("b");
      assertTrue(accepts(cluster.node("b")));
      assertEquals(NodeRole.MASTER, cluster.node("b").role());
      assertFalse(accepts(cluster.node("c")));
    }
  }

  @Test
  void splitLeavesTwoMastersAndAnOperatorEndsIt() {
    try (StoreCluster cluster = start(ClusterSettings.replicated("c", "a", "b", "c"))) {
      cluster.splitOff("b");
      assertTrue(cluster.node("a").writable() && cluster.node("b").writable());
      cluster.makeMaster("b");
      assertEquals(NodeRole.REPLICA, cluster.node("a").role());
    }
  }

  @Test
  void loneSurvivorOfThreeIsNoMasterUntilAnotherIsBack() throws Exception { // B2.11
    ClusterSettings settings =
        ClusterSettings.replicated("c", "a", "b", "c").electingAfter(AT_ONCE);
    try (StoreCluster cluster = start(settings)) {
      cluster.kill("a");
      assertEquals("b", cluster.awaitMasterOtherThan("a", LIMIT).name());
      cluster.kill("b");
      assertNull(cluster.elect().master());
      assertEquals("no quorum: 1 of 3 nodes hear each other", cluster.decision().reason());
      assertNull(cluster.master());
      assertEquals(NodeRole.REPLICA, cluster.node("c").role());
      cluster.start("a");
      assertEquals("a", cluster.awaitMasterOtherThan("", LIMIT).name());
      assertEquals(NodeRole.REPLICA, cluster.node("c").role());
    }
  }

  @Test
  void cutBetweenTwoSitesLeavesDuplicateMastersThatEndWhereTheyMeet() throws Exception {
    ClusterSettings settings =
        ClusterSettings.replicated("c", "a", "b")
            .electingAfter(AT_ONCE)
            .withTwoSites()
            .withPriority("b", 200);
    try (StoreCluster cluster = start(settings)) {
      cluster.cutOff("b");
      assertEquals("b", cluster.awaitMaster("b", LIMIT).name());
      assertEquals(List.of("a", "b"), cluster.replication().masters());
      assertTrue(cluster.node("a").writable() && cluster.node("b").writable());
      cluster.heal();
      assertEquals("b", cluster.awaitMaster("b", LIMIT).name());
      assertEquals(List.of("b"), cluster.replication().masters());
      assertFalse(cluster.node("a").writable());
    }
  }

  @Test
  void nodeThatIsCutOffDoesNotGetWhatIsWritten() {
    try (StoreCluster cluster = start(ClusterSettings.replicated("c", "a", "b", "c", "d", "e"))) {
      cluster.setPriority("b", 200);
      cluster.cutOff("b");
      cluster.mail().of("alice").create("work");
      cluster.kill("a");
      cluster.cutOff("b", "c", "d"); // b hears those two before they have a master
      assertEquals("c", cluster.elect().master(), "its log is newer");
      cluster.kill("c");
      cluster.heal();
      assertEquals("b", cluster.elect().master(), "caught up, and of the highest priority");
    }
  }

  @Test
  void removedNodeIsNotCountedUntilItJoinsAgain() throws Exception {
    ClusterSettings settings =
        ClusterSettings.replicated("c", "a", "b", "c", "d").electingAfter(AT_ONCE);
    try (StoreCluster cluster = start(settings)) {
      cluster.remove("d");
      assertFalse(accepts(cluster.node("d")));
      cluster.kill("a");
      assertEquals("b", cluster.awaitMaster("b", LIMIT).name(), "two of three");
      cluster.start("d");
      assertEquals(NodeRole.REPLICA, cluster.node("d").role());
      assertTrue(accepts(cluster.node("d")));
      cluster.remove("b");
      assertEquals("c", cluster.awaitMaster("c", LIMIT).name(), "c and d of a, c and d");
    }
  }

  @Test
  void commitsWaitWhileTheReplicasAreGone() {
    Duration timeout = Duration.ofSeconds(1);
    ClusterSettings settings =
        ClusterSettings.replicated("c", "a", "b", "c").acknowledging(AckPolicy.QUORUM, timeout);
    try (StoreCluster cluster = start(settings)) {
      StoreNode master = cluster.node("a");
      assertEquals(Duration.ZERO, master.commitWait());
      cluster.kill("b");
      assertEquals(Duration.ZERO, master.commitWait());
      cluster.behave("c", NodeBehaviour.failing(Fault.HANG));
      assertEquals(timeout, master.commitWait());
      assertEquals(Duration.ZERO, cluster.node("c").commitWait(), "a replica commits nothing");
      cluster.start("c");
      assertEquals(Duration.ZERO, master.commitWait());
      cluster.holdLog("c");
      assertEquals(timeout, master.commitWait());
      cluster.acknowledge(AckPolicy.NONE, timeout);
      assertEquals(Duration.ZERO, master.commitWait());
    }
  }

  @Test
  void unknownNamesAreNamed() {
    try (StoreCluster cluster = start(ClusterSettings.replicated("c", "a"))) {
      assertThrows(IllegalArgumentException.class, () -> cluster.node("x"));
      assertThrows(IllegalArgumentException.class, () -> cluster.port("pop3"));
    }
  }
}
