package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.it.fixture.MailSite.DEWEY;
import static org.openmmp.it.fixture.MailSite.HUEY;
import static org.openmmp.it.fixture.MailSite.LOUIE;
import static org.openmmp.it.fixture.MailSite.hosts;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.AlteredStore;
import org.openmmp.it.fixture.AlteredStore.Alteration;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.ImapClient;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailPort;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.RefusingGreeting;
import org.openmmp.it.fixture.Traffic;

/** Stores that refer to another one: who serves in the end, and who was asked on the way. */
@Tag("real-servers")
final class ReferralTest {
  private static final MailUser ALICE = MailUser.of("alice");
  private static final List<MailUser> USERS = List.of(ALICE);
  private static final String DEWEY_FIRST = hosts(DEWEY, HUEY, LOUIE);

  private static MailSite site;

  @BeforeAll
  static void start() {
    site = new MailSite(ReferralTest.class, List.of(ALICE));
  }

  @AfterAll
  static void stop() {
    site.close();
  }

  @BeforeEach
  void everybodyServes() {
    site.recover();
  }

  // B3.5, B3.6, B2.8
  @Test
  void replicasRefusalWithAReferralIsFollowedAndTheMasterRemembered() {
    refer(site.dewey(), HUEY);
    site.withProxy(
        DEWEY_FIRST,
        proxy -> {
          Traffic traffic = site.traffic();
          proxy.assertServes(ALICE);
          traffic.awaitExactly(Map.of(site.dewey(), 1, site.huey(), 1));
          assertEquals(HUEY, proxy.admin().master(MailSite.GROUP));
          assertEquals("working", proxy.admin().host(MailSite.GROUP, DEWEY).state());
          proxy.assertServes(ALICE);
          proxy.assertServes(ALICE);
          traffic.awaitExactly(Map.of(site.dewey(), 1, site.huey(), 3));
        });
  }

  // B3.5, B3.6
  @Test
  void referralInASuccessfulLoginIsFollowedAndTheClientSeesOneAnswer() {
    String name = "replica.example.com";
    try (AlteredStore replica =
        new AlteredStore(
            site.placeFor(name, MailPort.IMAP),
            site.dewey().at(MailPort.IMAP),
            Alteration.okReferral("imap://alice;AUTH=*@huey.example.com/"))) {
      site.withProxy(
          "openmmp.proxy-defaults.tls = off\n" + hosts(name, HUEY),
          proxy -> {
            Traffic traffic = site.traffic();
            proxy.assertServes(ALICE);
            traffic.awaitExactly(Map.of(site.dewey(), 1, site.huey(), 1));
            assertEquals(1, replica.connections());
            assertEquals(HUEY, proxy.admin().master(MailSite.GROUP));
            proxy.assertServes(ALICE);
            assertEquals(1, replica.connections());
          });
    }
  }

  // B3.5
  @Test
  void referralInTheGreetingIsFollowed() {
    String name = "leaving.example.com";
    String greeting = "* BYE [REFERRAL imap://huey.example.com/] not the master";
    try (RefusingGreeting leaving =
        new RefusingGreeting(site.placeFor(name, MailPort.IMAP), greeting)) {
      site.withProxy(
          hosts(name, DEWEY, HUEY),
          proxy -> {
            Traffic traffic = site.traffic();
            proxy.assertServes(ALICE);
            traffic.awaitExactly(Map.of(site.huey(), 1));
            assertEquals(1, leaving.connections());
            assertEquals(HUEY, proxy.admin().master(MailSite.GROUP));
          });
    }
  }

  @ParameterizedTest
  @EnumSource(ImapClient.class)
  void clientsDoNotNoticeAReferral(ImapClient client) {
    refer(site.dewey(), HUEY);
    site.withProxy(
        DEWEY_FIRST,
        proxy -> {
          client.exercise(
              proxy.imap(Security.STARTTLS), ALICE, site.run().create("referred-" + client));
          assertEquals(HUEY, proxy.admin().master(MailSite.GROUP));
        });
  }

  // B3.6
  @Test
  void referralToAnotherGroupLeavesThisGroupsMasterAloneAndLooksTheUserUpAgain() {
    refer(site.dewey(), HUEY);
    String settings =
        hosts(DEWEY, LOUIE) + "openmmp.proxy.cluster2.storehostlist = \"" + HUEY + "\"\n";
    site.withProxy(
        settings,
        proxy -> {
          Traffic traffic = site.traffic();
          int lookupsBefore = lookups();
          proxy.assertServes(ALICE);
          proxy.assertServes(ALICE);
          traffic.awaitExactly(Map.of(site.dewey(), 2, site.huey(), 2));
          assertEquals("", proxy.admin().master(MailSite.GROUP));
          assertEquals(HUEY, proxy.admin().master("cluster2"));
          assertEquals(2, lookups() - lookupsBefore);
        });
  }

  // B3.8
  @Test
  void wrongPasswordAtAReplicaIsFinal() {
    refer(site.dewey(), HUEY);
    site.withProxy(
        DEWEY_FIRST,
        proxy -> {
          Traffic traffic = site.traffic();
          try (ImapConnection connection = new ImapConnection(proxy.imap(Security.TLS))) {
            String refused = connection.login(ALICE, MailUser.WRONG_PASSWORD).tagged();
            assertTrue(refused.startsWith("NO [AUTHENTICATIONFAILED]"), refused);
          }
          traffic.awaitExactly(Map.of(site.dewey(), 1));
        });
  }

  // B3.8
  @Test
  void chainOfReferralsIsFollowedToItsEnd() {
    refer(site.dewey(), LOUIE);
    refer(site.louie(), HUEY);
    site.withProxy(
        DEWEY_FIRST,
        proxy -> {
          Traffic traffic = site.traffic();
          proxy.assertServes(ALICE);
          traffic.awaitExactly(Map.of(site.dewey(), 1, site.louie(), 1, site.huey(), 1));
          assertEquals(HUEY, proxy.admin().master(MailSite.GROUP));
        });
  }

  private static void refer(Dovecot replica, String master) {
    replica.refers(USERS, master, site.ports().of(MailPort.IMAP));
  }

  private static int lookups() {
    return (int)
        site.slapd()
            .log()
            .lines()
            .filter(line -> line.contains("(mail=alice@example.com)"))
            .count();
  }
}
