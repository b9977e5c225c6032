package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.SaslExchange;

/** What the directory and its settings decide about a login before any store hears of it. */
@Tag("slow")
final class DomainTest {
  private static final String NOWHERE = "huey 0/0/0, dewey 0/0/0, louie 0/0/0";
  private static final String AT_HUEY = "huey 1/1/1, dewey 0/0/0, louie 0/0/0";
  private static final String EXAMPLE_ORG =
      """
      domains."example.org" {
        base-dn = "o=example.org,dc=directory,dc=test", filter = "(uid={user})"
        store-name = "{user}", default-mail-host = cluster1, pre-authentication = on
      }
      """;

  @ParameterizedTest
  @EnumSource
  void domainHasItsOwnFilterNameHostAndCheck(MailProtocol spoken) { // B1.1 to B1.3, B1.8
    try (SimSite site = SitePlan.replicated().readBy(spoken).with(EXAMPLE_ORG).start()) {
      MailUser bob = new MailUser("bob", "example.org", "Secret_of_org_7Qx");
      site.add(bob, "", "bob");
      site.user("bob");
      assertTrue(wrongPassword(site, bob).startsWith(spoken.wrongPassword()));
      site.assertTraffic(NOWHERE);
      assertTrue(site.accepts(bob));
      site.assertTraffic(AT_HUEY);
    }
  }

  @ParameterizedTest
  @EnumSource
  void otherDomainsAreAsTheDirectorySays(MailProtocol spoken) { // B1.1 to B1.3, B1.8
    try (SimSite site = SitePlan.replicated().readBy(spoken).with(EXAMPLE_ORG).start()) {
      MailUser alice = site.user("alice");
      assertTrue(site.accepts(alice));
      site.assertTraffic(AT_HUEY);
      site.mark();
      assertTrue(wrongPassword(site, alice).startsWith(spoken.wrongPassword()));
      site.assertTraffic("huey 1/1/0, dewey 0/0/0, louie 0/0/0");
    }
  }

  @ParameterizedTest
  @EnumSource
  void wrongPasswordReachesNoStoreWhereTheDirectoryChecksIt(MailProtocol spoken) { // B1.8
    try (SimSite site =
        SitePlan.replicated()
            .readBy(spoken)
            .with("directory.pre-authentication.domains = \"*\"")
            .start()) {
      MailUser alice = site.user("alice");
      assertTrue(wrongPassword(site, alice).startsWith(spoken.wrongPassword()));
      assertTrue(plain(site, alice, "wrong").startsWith(spoken.wrongPassword()));
      site.assertTraffic(NOWHERE);
      assertTrue(site.accepts(alice));
      site.assertTraffic(AT_HUEY);
      site.mark();
      assertTrue(plain(site, alice, alice.password()).startsWith(spoken.accepted()));
      site.assertTraffic(AT_HUEY);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-pop:ALL", "-pop3:ALL", "+imap,imaps,pops,pop3s:ALL"})
  void popInTheClearIsDeniedByEitherWord(String rule) { // B1.5
    assertAccess(rule, false, true);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-pops:ALL", "-pop3s:ALL", "+imap,imaps,pop,pop3:ALL"})
  void popUnderTlsIsDeniedByEitherWord(String rule) { // B1.5
    assertAccess(rule, true, false);
  }

  @ParameterizedTest
  @CsvSource({"'-pop,pops:ALL',false", "'+pop,pop3s:ALL',true", "'+pop3,pops:ALL$-imap:*',true"})
  void popIsDeniedOrAllowedAsAWhole(String rule, boolean allowed) { // B1.5
    assertAccess(rule, allowed, allowed);
  }

  private static void assertAccess(String rule, boolean inTheClear, boolean underTls) {
    try (SimSite site = SitePlan.replicated().readBy(MailProtocol.POP3).withClientTls().start()) {
      MailUser alice = site.user("alice");
      site.directory().changeUser(alice.login(), "mailAllowedServiceAccess", rule);
      assertEquals(
          List.of(inTheClear, underTls, underTls),
          List.of(
              isLetIn(site, alice, Endpoint.Security.PLAIN),
              isLetIn(site, alice, Endpoint.Security.STARTTLS),
              isLetIn(site, alice, Endpoint.Security.TLS)));
    }
  }

  private static boolean isLetIn(SimSite site, MailUser user, Endpoint.Security security) {
    try (MailConnection client = site.clients().open(security)) {
      return client.answerToLogin(user).startsWith("+OK");
    }
  }

  private static String wrongPassword(SimSite site, MailUser user) {
    try (MailConnection client = site.clients().open(Endpoint.Security.PLAIN)) {
      return client.answerToWrongPassword(user);
    }
  }

  private static String plain(SimSite site, MailUser user, String password) {
    try (MailConnection client = site.clients().open(Endpoint.Security.PLAIN)) {
      return client.answerTo(SaslExchange.of("PLAIN", true, "\0" + user.login() + "\0" + password));
    }
  }
}
