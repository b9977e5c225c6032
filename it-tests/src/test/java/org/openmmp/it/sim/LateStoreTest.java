package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.config.ServerTlsConfig.Certificate;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.Fault;
import org.openmmp.storesim.NodeBehaviour;
import org.openmmp.storesim.session.NodeTls;
import org.openmmp.transport.TestCertificates;

/** A store that is late: a second one stands by, and hears no name before it is chosen (B2.31). */
@ParameterizedClass
@EnumSource(MailProtocol.class)
final class LateStoreTest {
  private static final Duration LATE = Duration.ofMillis(700);

  private final MailProtocol protocol;
  @TempDir private Path directory;

  LateStoreTest(MailProtocol protocol) {
    this.protocol = protocol;
  }

  /** A site where a login that waits for the limits of a silent store fails. */
  private SitePlan patient(ClusterSettings group) {
    return SitePlan.of(group)
        .readBy(protocol)
        .with("proxy-defaults { connect-timeout = 1m, greeting-timeout = 1m }")
        .with("proxy-defaults { hedge.percent = 2, give-up-early.enabled = on }")
        .with("login.deadline = 20s");
  }

  private static ClusterSettings cluster() {
    return ClusterSettings.replicated("cluster1", "huey", "dewey", "louie");
  }

  @ParameterizedTest
  @CsvSource({"off, HANG", "starttls, HANG", "implicit, HANG", "off, BLACK_HOLE"})
  void masterThatHangsKeepsNobodyWaitingWhereHostsRefer(String policy, Fault fault)
      throws Exception {
    ClusterSettings group = cluster();
    TestCertificates authority = TestCertificates.in(directory);
    Certificate shown =
        authority.server(
            group.nodes().get(0).hostName(),
            group.nodes().get(1).hostName(),
            group.nodes().get(2).hostName());
    SslContext context =
        SslContextBuilder.forServer(shown.chain().toFile(), shown.key().toFile()).build();
    NodeTls tls =
        switch (policy) {
          case "starttls" -> NodeTls.startTls(context);
          case "implicit" -> NodeTls.implicit(context);
          default -> NodeTls.none();
        };
    try (SimSite site =
        patient(group)
            .speaking(SitePlan.endpoint(protocol, protocol.service(), tls))
            .with("proxy-defaults.tls = " + policy)
            .with("proxy-defaults.tls-trust.ca-file = \"" + authority.authorityFile() + "\"")
            .start()) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("dewey");
      assertTrue(site.accepts(alice)); // huey refers, so that the group is known to
      assertEquals("dewey", site.affinity("cluster1"));
      site.awaitDoubt();
      site.cluster().behave("dewey", NodeBehaviour.failing(fault));
      site.cluster().makeMaster("louie");
      site.mark();
      assertTrue(site.accepts(alice), site::log);
      assertEquals("louie", site.affinity("cluster1"), site::log);
      assertTrue(site.log().contains("hedge=used"), site::log);
      assertEquals("huey 1, dewey 1, louie 1", site.attempts());
      assertTrue(site.accepts(alice), site::log);
      assertEquals("huey 1, dewey 1, louie 2", site.attempts());
      assertEquals(1, site.cluster().node("dewey").counters().passwords(), "before it hung");
    }
  }

  @Test
  void storeThatGreetsLateKeepsItsLoginsAndTheSecondHearsNoName() {
    try (SimSite site = patient(cluster()).start()) {
      MailUser alice = site.user("alice");
      site.cluster().behave("huey", NodeBehaviour.healthy().greetingAfter(LATE));
      assertTrue(site.accepts(alice), site::log);
      site.assertTraffic("huey 1/1/1, dewey 0/1/0, louie 0/0/0");
      assertEquals(0, site.cluster().node("dewey").counters().passwords());
      assertTrue(site.log().contains("hedge=unused"), site::log);
      assertEquals("huey", site.affinity("cluster1"));
    }
  }

  @Test
  void standbysThatRefuseAreNoTrouble() { // B2.13
    try (SimSite site =
        patient(ClusterSettings.sharedDisk("cluster1", "huey", "dewey", "louie")).start()) {
      MailUser alice = site.user("alice");
      site.cluster().behave("huey", NodeBehaviour.healthy().greetingAfter(LATE));
      assertTrue(site.accepts(alice), site::log);
      assertTrue(site.log().contains("hedge=failed"), site::log);
      assertEquals("huey 1, dewey 0, louie 0", site.attempts());
      site.snapshot("cluster1")
          .orElseThrow()
          .hosts()
          .forEach(host -> assertEquals(0, host.failures(), host::toString));
    }
  }
}
