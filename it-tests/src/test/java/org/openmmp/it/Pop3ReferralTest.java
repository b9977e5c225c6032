package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.it.fixture.MailProtocol.IMAP;
import static org.openmmp.it.fixture.MailProtocol.POP3;
import static org.openmmp.it.fixture.MailSite.DEWEY;
import static org.openmmp.it.fixture.MailSite.HUEY;
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
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.AlteredStore;
import org.openmmp.it.fixture.AlteredStore.Alteration;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.Letter;
import org.openmmp.it.fixture.MailPort;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Pop3Client;
import org.openmmp.it.fixture.RefusingGreeting;
import org.openmmp.it.fixture.Traffic;

/** Referrals of POP3 stores: followed where they are trusted, never seen by a client. */
@Tag("real-servers")
final class Pop3ReferralTest {
  private static final MailUser ALICE = MailUser.of("alice");
  private static final List<MailUser> USERS = List.of(ALICE);
  private static final String REPLICA = "replica.example.com";
  private static final String IN_THE_CLEAR = "openmmp.proxy-defaults.tls = off\n";

  private static MailSite site;

  @BeforeAll
  static void start() {
    site = new MailSite(Pop3ReferralTest.class, USERS);
  }

  @AfterAll
  static void stop() {
    site.close();
  }

  @BeforeEach
  void everybodyServes() {
    site.recover();
  }

  // B4.2, B3.6
  @ParameterizedTest
  @ValueSource(strings = {"[SYS/REFER/huey.example.com]", "[sys/refer/HUEY.example.com]"})
  void referralInsteadOfAnAcceptanceIsFollowedAndTheMasterRemembered(String code) {
    try (AlteredStore replica = replica(Alteration.refusal(code))) {
      site.withProxy(
          IN_THE_CLEAR + hosts(REPLICA, HUEY),
          proxy -> {
            Traffic traffic = site.traffic();
            proxy.assertServes(POP3, ALICE);
            traffic.awaitExactly(Map.of(site.dewey(), 1, site.huey(), 1));
            assertEquals(HUEY, proxy.admin(POP3).master(MailSite.GROUP));
            assertEquals("working", proxy.admin(POP3).host(MailSite.GROUP, REPLICA).state());
            proxy.assertServes(POP3, ALICE);
            assertEquals(1, replica.connections());
          });
    }
  }

  // B4.2
  @Test
  void dovecotsReferralIsFollowedToThatHostAndPort() {
    site.dewey().refers(USERS, HUEY, site.ports().of(MailPort.POP3));
    Alteration withCode = Alteration.referral("alice", HUEY, site.ports().of(MailPort.POP3));
    try (AlteredStore replica = replica(withCode)) {
      site.withProxy(
          IN_THE_CLEAR + hosts(REPLICA, HUEY),
          proxy -> {
            Traffic traffic = site.traffic();
            proxy.assertServes(POP3, ALICE);
            traffic.awaitExactly(Map.of(site.dewey(), 1, site.huey(), 1));
            assertEquals(HUEY, proxy.admin(POP3).master(MailSite.GROUP));
            assertEquals(1, replica.connections());
          });
    }
  }

  // B4.2
  @Test
  void referralInTheGreetingIsFollowed() {
    String greeting = "-ERR [SYS/REFER/huey.example.com] not the master";
    try (RefusingGreeting leaving =
        new RefusingGreeting(site.placeFor(REPLICA, MailPort.POP3), greeting)) {
      site.withProxy(
          hosts(REPLICA, DEWEY, HUEY),
          proxy -> {
            Traffic traffic = site.traffic();
            proxy.assertServes(POP3, ALICE);
            traffic.awaitExactly(Map.of(site.huey(), 1));
            assertEquals(1, leaving.connections());
            assertEquals(HUEY, proxy.admin(POP3).master(MailSite.GROUP));
          });
    }
  }

  // B3.7, B4.2, R1
  @ParameterizedTest
  @ValueSource(
      strings = {"[SYS/REFER/stranger.example.net]", "[SYS/REFER/]", "[SYS/REFER/huey.example.com"})
  void referralThatCannotBeFollowedIsATemporaryFailure(String code) {
    site.place("stranger.example.net", site.louie().settings().address());
    try (AlteredStore replica = replica(Alteration.refusal(code))) {
      site.withProxy(
          "openmmp.login.deadline = 3s\n" + IN_THE_CLEAR + hosts(REPLICA),
          proxy -> {
            Traffic traffic = site.traffic();
            proxy.assertUnavailable(POP3, ALICE);
            traffic.awaitNone(site.huey(), site.louie());
            assertEquals("", proxy.admin(POP3).master(MailSite.GROUP));
          },
          MailSite.GROUP,
          "stranger");
      assertTrue(replica.connections() > 0);
    }
  }

  // B2.7
  @Test
  void whatOneProtocolLearntGivesTheOtherItsFirstChoice() {
    site.dewey().refers(USERS, HUEY, site.ports().of(MailPort.IMAP));
    site.withProxy(
        hosts(DEWEY, HUEY),
        proxy -> {
          Traffic traffic = site.traffic();
          proxy.assertServes(IMAP, ALICE);
          traffic.awaitExactly(Map.of(site.dewey(), 1, site.huey(), 1));
          proxy.assertServes(POP3, ALICE);
          traffic.awaitExactly(Map.of(site.dewey(), 1, site.huey(), 2));
          assertEquals(HUEY, proxy.admin(POP3).master(MailSite.GROUP));
        });
  }

  // B4.2
  @ParameterizedTest
  @EnumSource(Pop3Client.class)
  void clientsDoNotNoticeAReferral(Pop3Client client) {
    List<Letter> letters = List.of(Letter.about("over there"));
    DeliveryConnection.deliver(site.huey().at(MailPort.LMTP), ALICE.login(), letters);
    try (AlteredStore replica = replica(Alteration.refusal("[SYS/REFER/huey.example.com]"))) {
      site.withProxy(
          IN_THE_CLEAR + hosts(REPLICA, HUEY),
          proxy -> {
            List<String> collected =
                client.collect(
                    proxy.at(POP3, Security.TLS), ALICE, site.run().create("referred-" + client));
            Letter.assertReceived(letters, collected);
            assertEquals(HUEY, proxy.admin(POP3).master(MailSite.GROUP));
          });
      assertTrue(replica.connections() > 0);
    }
  }

  private static AlteredStore replica(Alteration alteration) {
    return new AlteredStore(
        site.placeFor(REPLICA, MailPort.POP3), site.dewey().at(MailPort.POP3), alteration);
  }
}
