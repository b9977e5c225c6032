package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeBehaviour;

/** A group whose every host is down, and what an operator starts in it; cool-downs are 30 s. */
@ParameterizedClass
@EnumSource(MailProtocol.class)
final class StoreComesBackTest {
  private static final Duration LESS_THAN_A_COOL_DOWN = Duration.ofSeconds(15);

  private final MailProtocol protocol;

  StoreComesBackTest(MailProtocol protocol) {
    this.protocol = protocol;
  }

  private SimSite site(String... settings) {
    SitePlan plan =
        SitePlan.of(ClusterSettings.sharedDisk("store1", "store1a", "store1b")).readBy(protocol);
    Stream.of(settings).forEach(plan::with);
    return plan.start().expectingInLog("cool-down group=store1 .* group-serves=false");
  }

  @Test
  void storeThatAnOperatorStartsServesThoughItsCoolDownIsNotOver() { // B2.9
    try (SimSite site = site()) {
      MailUser alice = site.user("alice");
      assertTrue(site.accepts(alice));
      site.cluster().kill("store1a");
      assertTrue(site.findsNoStore(alice));
      site.cluster().start("store1b");
      Await.until(site::log, LESS_THAN_A_COOL_DOWN, () -> site.accepts(alice));
    }
  }

  @Test
  void hostThatGreetsAgainServesThoughItsCoolDownIsNotOver() { // B2.9
    try (SimSite site = site()) {
      MailUser alice = site.user("alice");
      assertTrue(site.accepts(alice));
      site.cluster().behave("store1a", NodeBehaviour.failing(Fault.GREET_BYE));
      assertTrue(site.findsNoStore(alice));
      site.cluster().behave("store1a", NodeBehaviour.healthy());
      Await.until(site::log, LESS_THAN_A_COOL_DOWN, () -> site.accepts(alice));
    }
  }

  @Test
  void loginThatWaitsIsServedByTheStoreThatIsStarted() { // B2.9
    try (SimSite site = site("proxy-defaults.wait-for-store = 20s")) {
      MailUser alice = site.user("alice");
      assertTrue(site.accepts(alice));
      site.cluster().kill("store1a");
      CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> site.accepts(alice));
      Await.until(site::log, LESS_THAN_A_COOL_DOWN, () -> waiting(site) == 1);
      site.cluster().start("store1b");
      assertTrue(waiting.join(), site::log);
    }
  }

  private static int waiting(SimSite site) {
    return site.snapshot("store1").map(GroupSnapshot::waiting).orElse(0);
  }
}
