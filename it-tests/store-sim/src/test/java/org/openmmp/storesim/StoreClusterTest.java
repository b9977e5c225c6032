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
  void unknownNamesAreNamed() {
    try (StoreCluster cluster = start(ClusterSettings.replicated("c", "a"))) {
      assertThrows(IllegalArgumentException.class, () -> cluster.node("x"));
      assertThrows(IllegalArgumentException.class, () -> cluster.port("pop3"));
    }
  }
}
