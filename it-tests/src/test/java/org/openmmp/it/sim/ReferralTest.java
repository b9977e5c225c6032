package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.SaslExchange;
import org.openmmp.storesim.NodeBehaviour;
import org.openmmp.storesim.ProtocolEndpoint;
import org.openmmp.storesim.ReferralForm;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.session.NodeTls;

/** Referrals within a group, and what they may not do (rules B3.5 to B3.9 and B4.2). */
@ParameterizedClass
@EnumSource(MailProtocol.class)
@Tag("slow")
final class ReferralTest {
  private final MailProtocol protocol;
  private final AtomicInteger atOtherPort = new AtomicInteger();

  ReferralTest(MailProtocol protocol) {
    this.protocol = protocol;
  }

  /** An endpoint that counts the connections to it. */
  private record Counted(ProtocolEndpoint counted, AtomicInteger connections)
      implements ProtocolEndpoint {
    @Override
    public String service() {
      return counted.service();
    }

    @Override
    public void serve(Channel connection, StoreNode node) {
      connections.incrementAndGet();
      counted.serve(connection, node);
    }
  }

  @ParameterizedTest
  @EnumSource
  void referralInTheGroupIsFollowedAndBecomesTheAffinity(ReferralForm form) {
    // B3.5, B3.6, B4.2
    try (SimSite site = SitePlan.replicated().readBy(protocol).start()) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("louie");
      site.refer("huey", form, hostOf(site, "louie"));
      assertTrue(site.accepts(alice));
      site.assertTraffic("huey " + asked(form) + ", dewey 0/0/0, louie 1/1/1");
      assertEquals("louie", site.affinity("cluster1"));
      site.mark();
      assertTrue(site.accepts(alice));
      site.assertTraffic("huey 0/0/0, dewey 0/0/0, louie 1/1/1");
      assertTrue(site.log().contains("hops=1"), site::log);
    }
  }

  @ParameterizedTest
  @EnumSource
  void replicasOwnReferralIsFollowed(ReferralForm form) { // B3.5, B4.2
    try (SimSite site = SitePlan.replicated().readBy(protocol).start()) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("louie");
      site.cluster().behave("huey", NodeBehaviour.healthy().referringBy(form));
      assertTrue(site.accepts(alice));
      site.assertTraffic("huey " + asked(form) + ", dewey 0/0/0, louie 1/1/1");
    }
  }

  @ParameterizedTest
  @EnumSource
  void referralAnswersSaslAsWell(ReferralForm form) { // B3.5, B4.2
    try (SimSite site = SitePlan.replicated().readBy(protocol).start();
        MailConnection client = site.clients().open(Endpoint.Security.PLAIN)) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("louie");
      site.refer("huey", form, hostOf(site, "louie"));
      String proof = "\0" + alice.login() + "\0" + alice.password();
      String answer = client.answerTo(SaslExchange.of("PLAIN", true, proof));
      assertTrue(answer.startsWith(protocol.accepted()), answer);
      assertFalse(answer.contains("REFER"), answer);
      client.openInbox();
    }
  }

  @Test
  void deadTargetIsPassedOverForTheRestOfTheGroup() { // B3.9
    try (SimSite site = SitePlan.replicated().readBy(protocol).start()) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("louie");
      site.refer("huey", ReferralForm.REFUSING, hostOf(site, "dewey"));
      site.cluster().kill("dewey");
      assertTrue(site.accepts(alice));
      site.assertTraffic("huey 1/1/0, dewey 1/0/0, louie 1/1/1");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ACCEPTING", "REFUSING"})
  void circleOfReferralsEndsWithinTheDeadline(ReferralForm form) { // R4, B3.8, B2.11
    try (SimSite site =
        SitePlan.replicated()
            .readBy(protocol)
            .with("login.deadline = 1s")
            .with("proxy-defaults.read-only-fallback = off")
            .start()) {
      site.expectingInLog("no-master group=cluster1");
      MailUser alice = site.user("alice");
      site.refer("huey", form, hostOf(site, "dewey"));
      site.refer("dewey", form, hostOf(site, "louie"));
      site.refer("louie", form, hostOf(site, "huey"));
      assertTrue(site.findsNoStore(alice));
      assertEquals("", site.affinity("cluster1"));
      int asked = site.cluster().node("huey").counters().connections();
      assertTrue(asked <= 12, () -> asked + " connections in 1 s");
    }
  }

  @ParameterizedTest
  @EnumSource
  void referralToItselfOrToNobodyIsNone(ReferralForm form) { // B3.8
    for (boolean itself : new boolean[] {true, false}) {
      try (SimSite site = SitePlan.replicated().readBy(protocol).start()) {
        MailUser alice = site.user("alice");
        site.cluster().splitOff("dewey");
        site.refer("huey", form, itself ? hostOf(site, "huey") : "");
        assertTrue(site.accepts(alice));
        String next = admits(form) ? "0/0/0" : "1/1/1";
        site.assertTraffic("huey " + asked(form) + ", dewey " + next + ", louie 0/0/0");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void otherPortIsPassedOverForTheRestOfTheGroup(ReferralForm form) { // B3.5, B3.9, R2
    try (SimSite site = twoPorts().start()) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("dewey");
      site.refer("huey", form, otherPortOf(site, "dewey"));
      assertTrue(site.accepts(alice));
      site.assertTraffic("huey " + asked(form) + ", dewey 1/1/1, louie 0/0/0");
      assertEquals(0, atOtherPort.get());
    }
  }

  @ParameterizedTest
  @EnumSource
  void otherPortsThatAllHostsNameAreRefused(ReferralForm form) { // B3.5, B3.9, B2.11, R2
    try (SimSite site =
        twoPorts()
            .with("login.deadline = 1s")
            .with("proxy-defaults.read-only-fallback = off")
            .start()) {
      site.expectingInLog("no-master group=cluster1");
      MailUser alice = site.user("alice");
      site.refer("huey", form, otherPortOf(site, "dewey"));
      site.refer("dewey", form, otherPortOf(site, "louie"));
      site.refer("louie", form, otherPortOf(site, "huey"));
      assertTrue(site.findsNoStore(alice));
      assertEquals(0, atOtherPort.get());
    }
  }

  @ParameterizedTest
  @EnumSource
  void otherPortIsFollowedWhereConfigured(ReferralForm form) { // B3.5
    try (SimSite site = twoPorts().with("login.referral.follow-ports = [<other>]").start()) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("dewey");
      site.refer("huey", form, otherPortOf(site, "dewey"));
      assertTrue(site.accepts(alice));
      assertEquals(1, site.cluster().node("dewey").counters().logins());
      assertEquals(1, atOtherPort.get());
    }
  }

  @Test
  void groupsOwnPortMayBeNamed() { // B3.5
    try (SimSite site = SitePlan.replicated().readBy(protocol).start()) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("dewey");
      site.cluster().behave("huey", NodeBehaviour.healthy().namingPort());
      assertTrue(site.accepts(alice));
      site.assertTraffic("huey " + site.referred() + ", dewey 1/1/1, louie 0/0/0");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void referralsUserIsIgnoredUnlessConfigured(boolean used) { // B3.8, R5
    try (SimSite site =
        SitePlan.replicated()
            .readBy(protocol)
            .with("login.referral.use-user = " + (used ? "on" : "off"))
            .start()) {
      MailUser alice = site.user("alice");
      MailUser mallory = site.user("mallory");
      site.cluster().makeMaster("dewey");
      String host = hostOf(site, "dewey");
      String words =
          protocol == MailProtocol.IMAP
              ? "imap://" + mallory.login().replace("@", "%40") + ";AUTH=*@" + host + "/"
              : "REFERRAL/" + mallory.login() + "@" + host + ":" + site.cluster().port("pop3");
      site.cluster()
          .behave(
              "huey",
              NodeBehaviour.healthy().referringBy(ReferralForm.REFUSING).referringTo(words));
      String answer = site.clients().answer(alice);
      assertTrue(answer.startsWith(used ? protocol.wrongPassword() : protocol.accepted()), answer);
      site.assertTraffic("huey 1/1/0, dewey 1/1/" + (used ? 0 : 1) + ", louie 0/0/0");
    }
  }

  private SitePlan twoPorts() {
    return SitePlan.replicated()
        .readBy(protocol)
        .speaking(
            SitePlan.endpoint(protocol, protocol.service(), NodeTls.none()),
            new Counted(SitePlan.endpoint(protocol, "other", NodeTls.none()), atOtherPort));
  }

  /** Whether a host lets a client in while it refers it elsewhere. */
  private boolean admits(ReferralForm form) {
    return protocol == MailProtocol.IMAP && form == ReferralForm.ACCEPTING;
  }

  /** What a host got that referred a client once. */
  private String asked(ReferralForm form) {
    return admits(form) ? "1/1/1" : "1/1/0";
  }

  private static String hostOf(SimSite site, String node) {
    return site.cluster().node(node).hostName();
  }

  private static String otherPortOf(SimSite site, String node) {
    return hostOf(site, node) + ":" + site.cluster().port("other");
  }
}
