package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.storesim.NodeBehaviour;
import org.openmmp.storesim.ReferralForm;
import org.openmmp.storesim.imap.ImapEndpoint;
import org.openmmp.storesim.session.StoreTls;

/** Referrals within a group, and what they may not do (rules B3.5 to B3.9). */
final class ReferralTest {
  @ParameterizedTest
  @CsvSource({"ACCEPTING, 1/1/1", "REFUSING, 1/1/0", "GREETING, 1/1/0"})
  void referralInTheGroupIsFollowedAndBecomesTheAffinity(ReferralForm form, String first) {
    // B3.5, B3.6
    try (SimSite site = SitePlan.replicated().start()) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("louie");
      refer(site, "huey", form, "");
      assertTrue(site.login(alice).isOk());
      site.assertTraffic("huey " + first + ", dewey 0/0/0, louie 1/1/1");
      assertEquals("louie", site.affinity("cluster1"));
      site.mark();
      assertTrue(site.login(alice).isOk());
      site.assertTraffic("huey 0/0/0, dewey 0/0/0, louie 1/1/1");
      assertTrue(site.log().contains("hops=1"), site::log);
    }
  }

  @ParameterizedTest
  @EnumSource
  void referralAnswersAuthenticateAsWell(ReferralForm form) { // B3.5
    try (SimSite site = SitePlan.replicated().start();
        ImapConnection client = site.connect()) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("louie");
      refer(site, "huey", form, "");
      String proof = "\0" + alice.login() + "\0" + alice.password();
      ImapConnection.Response answer =
          client.command(
              "AUTHENTICATE PLAIN "
                  + Base64.getEncoder().encodeToString(proof.getBytes(StandardCharsets.UTF_8)));
      assertTrue(answer.isOk());
      assertFalse((answer.untagged() + answer.tagged()).contains("[REFERRAL"));
      assertTrue(client.command("SELECT INBOX").tagged().startsWith("OK [READ-WRITE]"));
    }
  }

  @Test
  void deadTargetIsPassedOverForTheRestOfTheGroup() { // B3.9
    try (SimSite site = SitePlan.replicated().start()) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("louie");
      refer(site, "huey", ReferralForm.REFUSING, urlOf(site, "dewey"));
      site.cluster().kill("dewey");
      assertTrue(site.login(alice).isOk());
      site.assertTraffic("huey 1/1/0, dewey 1/0/0, louie 1/1/1");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ACCEPTING", "REFUSING"})
  void circleOfReferralsEndsWithinTheDeadline(ReferralForm form) { // R4, B3.8, B2.11
    try (SimSite site =
        SitePlan.replicated()
            .with("login.deadline = 1s")
            .with("proxy-defaults.read-only-fallback = off")
            .start()) {
      site.expectingInLog("no-master group=cluster1");
      MailUser alice = site.user("alice");
      refer(site, "huey", form, urlOf(site, "dewey"));
      refer(site, "dewey", form, urlOf(site, "louie"));
      refer(site, "louie", form, urlOf(site, "huey"));
      assertTrue(site.login(alice).tagged().startsWith("NO [UNAVAILABLE]"));
      assertEquals("", site.affinity("cluster1"));
      int asked = site.cluster().node("huey").counters().connections();
      assertTrue(asked <= 12, () -> asked + " connections in 1 s");
    }
  }

  @ParameterizedTest
  @CsvSource({"ACCEPTING, 1/1/1", "REFUSING, 1/1/0", "GREETING, 1/1/0"})
  void referralToItselfOrToNobodyIsNone(ReferralForm form, String first) { // B3.8
    for (String url : List.of("itself", "imap:///")) {
      try (SimSite site = SitePlan.replicated().start()) {
        MailUser alice = site.user("alice");
        site.cluster().splitOff("dewey");
        refer(site, "huey", form, url.equals("itself") ? urlOf(site, "huey") : url);
        assertTrue(site.login(alice).isOk());
        boolean loggedIn = form == ReferralForm.ACCEPTING;
        site.assertTraffic(
            "huey " + first + ", dewey " + (loggedIn ? "0/0/0" : "1/1/1") + ", louie 0/0/0");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void otherPortIsRefused(ReferralForm form) { // B3.5, R2
    try (SimSite site = twoPorts().start()) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("dewey");
      refer(site, "huey", form, otherPortOf(site, "dewey"));
      assertTrue(site.login(alice).tagged().startsWith("NO [UNAVAILABLE]"));
      assertEquals(0, site.cluster().node("dewey").counters().connections());
    }
  }

  @ParameterizedTest
  @EnumSource
  void otherPortIsFollowedWhereConfigured(ReferralForm form) { // B3.5
    try (SimSite site = twoPorts().with("login.referral.follow-ports = [<other>]").start()) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("dewey");
      refer(site, "huey", form, otherPortOf(site, "dewey"));
      assertTrue(site.login(alice).isOk());
      assertEquals(1, site.cluster().node("dewey").counters().logins());
    }
  }

  @Test
  void groupsOwnPortMayBeNamed() { // B3.5
    try (SimSite site = SitePlan.replicated().start()) {
      MailUser alice = site.user("alice");
      site.cluster().makeMaster("dewey");
      site.cluster().behave("huey", NodeBehaviour.healthy().namingPort());
      assertTrue(site.login(alice).isOk());
      site.assertTraffic("huey 1/1/1, dewey 1/1/1, louie 0/0/0");
    }
  }

  @ParameterizedTest
  @CsvSource({"off, OK", "on, NO [AUTHENTICATIONFAILED]"})
  void referralsUserIsIgnoredUnlessConfigured(String useUser, String answer) { // B3.8, R5
    try (SimSite site =
        SitePlan.replicated().with("login.referral.use-user = " + useUser).start()) {
      MailUser alice = site.user("alice");
      MailUser mallory = site.user("mallory");
      site.cluster().makeMaster("dewey");
      String host = site.cluster().node("dewey").hostName();
      String name = mallory.login().replace("@", "%40");
      refer(site, "huey", ReferralForm.REFUSING, "imap://" + name + ";AUTH=*@" + host + "/");
      assertTrue(site.login(alice).tagged().startsWith(answer));
      site.assertTraffic(
          "huey 1/1/0, dewey 1/1/" + (answer.equals("OK") ? 1 : 0) + ", louie 0/0/0");
    }
  }

  private static SitePlan twoPorts() {
    return SitePlan.replicated()
        .speaking(new ImapEndpoint(StoreTls.none()), new ImapEndpoint("other", StoreTls.none()));
  }

  private static void refer(SimSite site, String node, ReferralForm form, String url) {
    site.cluster().behave(node, NodeBehaviour.healthy().referringBy(form).referringTo(url));
  }

  private static String urlOf(SimSite site, String node) {
    return "imap://" + site.cluster().node(node).hostName() + "/";
  }

  private static String otherPortOf(SimSite site, String node) {
    return "imap://" + site.cluster().node(node).hostName() + ":" + site.cluster().port("other");
  }
}
