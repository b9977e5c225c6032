package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.config.ServerTlsConfig.Certificate;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.ProtocolEndpoint;
import org.openmmp.storesim.ReferralForm;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.session.NodeTls;
import org.openmmp.transport.TestCertificates;

/** A store whose TLS cannot be trusted gets no credential, and the next host serves (T4, T8). */
@ParameterizedClass
@EnumSource(MailProtocol.class)
final class StoreTlsTest {
  private final MailProtocol protocol;
  @TempDir private Path directory;

  StoreTlsTest(MailProtocol protocol) {
    this.protocol = protocol;
  }

  /** Each node with a protection of its own. */
  private record OwnTls(Map<String, ProtocolEndpoint> byNode, ProtocolEndpoint other)
      implements ProtocolEndpoint {
    @Override
    public String service() {
      return other.service();
    }

    @Override
    public void serve(Channel connection, StoreNode node) {
      byNode.getOrDefault(node.name(), other).serve(connection, node);
    }
  }

  private enum Flaw {
    OTHER_NAME,
    EXPIRED,
    SELF_SIGNED,
    NO_TLS
  }

  @ParameterizedTest
  @CsvSource({
    "OTHER_NAME, starttls",
    "EXPIRED, starttls",
    "SELF_SIGNED, starttls",
    "NO_TLS, starttls",
    "OTHER_NAME, implicit",
    "EXPIRED, implicit",
    "SELF_SIGNED, implicit"
  })
  void flawedStoreGetsNoCredential(Flaw flaw, String policy) throws Exception { // B2.5, B3.7
    ClusterSettings group = ClusterSettings.replicated("cluster1", "huey", "dewey");
    TestCertificates authority = TestCertificates.in(directory);
    String huey = group.nodes().get(0).hostName();
    ProtocolEndpoint bad =
        switch (flaw) {
          case OTHER_NAME -> endpoint(authority.server("127.0.0.1"), policy);
          case EXPIRED -> endpoint(authority.expired(huey), policy);
          case SELF_SIGNED -> endpoint(authority.selfSigned(huey), policy);
          case NO_TLS -> endpoint(NodeTls.none());
        };
    ProtocolEndpoint good = endpoint(authority.server(group.nodes().get(1).hostName()), policy);
    try (SimSite site =
            SitePlan.of(group)
                .readBy(protocol)
                .speaking(new OwnTls(Map.of("huey", bad, "dewey", good), endpoint(NodeTls.none())))
                .with("proxy-defaults.tls = " + policy)
                .with("proxy-defaults.tls-trust.ca-file = \"" + authority.authorityFile() + "\"")
                .withClientTls()
                .start();
        MailConnection client = site.clients().open(Endpoint.Security.STARTTLS)) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("dewey");
      assertTrue(client.answerToLogin(alice).startsWith(protocol.accepted()), site::log);
      site.assertTraffic("huey 1/1/0, dewey 1/1/1");
      assertEquals(0, site.cluster().node("huey").counters().passwords());
      assertTrue(site.log().contains("outcome=TLS_FAILED"), site::log);
    }
  }

  @ParameterizedTest
  @EnumSource
  void referralLeadsToNoWeakerProtection(ReferralForm form) throws Exception { // B3.7, R3
    ClusterSettings safe = ClusterSettings.replicated("cluster1", "huey");
    ClusterSettings bare = ClusterSettings.replicated("cluster2", "sky");
    TestCertificates authority = TestCertificates.in(directory);
    ProtocolEndpoint good = endpoint(authority.server(safe.nodes().get(0).hostName()), "starttls");
    try (SimSite site =
        SitePlan.of(safe, bare)
            .readBy(protocol)
            .speaking(new OwnTls(Map.of("huey", good), endpoint(NodeTls.none())))
            .with("proxy.cluster1.tls = starttls")
            .with("proxy.cluster1.tls-trust.ca-file = \"" + authority.authorityFile() + "\"")
            .with("proxy.cluster2.tls = off")
            .start()) {
      MailUser alice = site.user("alice");
      assertTrue(site.accepts(site.user("bob", "cluster2")));
      site.mark();
      site.refer("huey", form, bare.nodes().get(0).hostName());
      assertTrue(site.findsNoStore(alice));
      site.assertTraffic(site.cluster("cluster2"), "sky 1/1/0");
      assertEquals(1, site.cluster("cluster2").node("sky").counters().passwords(), "bob's alone");
      site.mark();
      assertTrue(site.accepts(site.user("carol", "cluster2")), "nobody else's way is changed");
      site.assertTraffic(site.cluster("cluster2"), "sky 1/1/1");
    }
  }

  private ProtocolEndpoint endpoint(Certificate shown, String policy) throws Exception {
    SslContext context =
        SslContextBuilder.forServer(shown.chain().toFile(), shown.key().toFile()).build();
    return endpoint(
        policy.equals("implicit") ? NodeTls.implicit(context) : NodeTls.startTls(context));
  }

  private ProtocolEndpoint endpoint(NodeTls tls) {
    return SitePlan.endpoint(protocol, protocol.service(), tls);
  }
}
