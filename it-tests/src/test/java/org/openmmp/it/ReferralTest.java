package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.ByeGreeting;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.ImapConnection.Response;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailClient;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.NetworkNamespace;
import org.openmmp.it.fixture.OkReferral;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.Traffic;

/** Stores that refer to another one: who serves in the end, and who was asked on the way. */
@Tag("real-servers")
final class ReferralTest {
  private static final MailUser ALICE = MailUser.of("alice");
  private static final List<MailUser> USERS = List.of(ALICE);
  private static final String HUEY = "huey.example.com";
  private static final String DEWEY = "dewey.example.com";
  private static final String LOUIE = "louie.example.com";
  private static final String DEWEY_FIRST = hosts(DEWEY, HUEY, LOUIE);

  private static final String TRUSTED =
      "openmmp.login.referral.trusted = [\"*.trusted.example.net\"]\n";

  private static MailSite site;

  @BeforeAll
  static void start() {
    site = new MailSite(ReferralTest.class, USERS);
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
    with(
        DEWEY_FIRST,
        proxy -> {
          Traffic traffic = site.traffic();
          assertServed(proxy);
          traffic.awaitExactly(Map.of(site.dewey(), 1, site.huey(), 1));
          assertEquals(HUEY, proxy.admin().master(MailSite.GROUP));
          assertEquals("working", proxy.admin().host(MailSite.GROUP, DEWEY).state());
          assertServed(proxy);
          assertServed(proxy);
          traffic.awaitExactly(Map.of(site.dewey(), 1, site.huey(), 3));
        });
  }

  // B3.5, B3.6
  @Test
  void referralInASuccessfulLoginIsFollowedAndTheClientSeesOneAnswer() {
    String name = "replica.example.com";
    try (OkReferral replica =
        new OkReferral(
            site.addressFor(name),
            site.imapPort(),
            site.dewey().imap(),
            "imap://alice;AUTH=*@huey.example.com/")) {
      with(
          "openmmp.proxy-defaults.tls = off\n" + hosts(name, HUEY),
          proxy -> {
            Traffic traffic = site.traffic();
            assertServed(proxy);
            traffic.awaitExactly(Map.of(site.dewey(), 1, site.huey(), 1));
            assertEquals(1, replica.connections());
            assertEquals(HUEY, proxy.admin().master(MailSite.GROUP));
            assertServed(proxy);
            assertEquals(1, replica.connections());
          });
    }
  }

  // B3.5
  @Test
  void referralInTheGreetingIsFollowed() {
    String name = "leaving.example.com";
    String greeting = "* BYE [REFERRAL imap://huey.example.com/] not the master";
    try (ByeGreeting leaving = new ByeGreeting(site.addressFor(name), site.imapPort(), greeting)) {
      with(
          hosts(name, DEWEY, HUEY),
          proxy -> {
            Traffic traffic = site.traffic();
            assertServed(proxy);
            traffic.awaitExactly(Map.of(site.huey(), 1));
            assertEquals(1, leaving.connections());
            assertEquals(HUEY, proxy.admin().master(MailSite.GROUP));
          });
    }
  }

  @ParameterizedTest
  @EnumSource(MailClient.class)
  void clientsDoNotNoticeAReferral(MailClient client) {
    refer(site.dewey(), HUEY);
    with(
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
    with(
        settings,
        proxy -> {
          Traffic traffic = site.traffic();
          int lookupsBefore = lookups();
          assertServed(proxy);
          assertServed(proxy);
          traffic.awaitExactly(Map.of(site.dewey(), 2, site.huey(), 2));
          assertEquals("", proxy.admin().master(MailSite.GROUP));
          assertEquals(HUEY, proxy.admin().master("cluster2"));
          assertEquals(2, lookups() - lookupsBefore);
        });
  }

  // B3.7, R1
  @Test
  void hostThatIsNotConfiguredNeverHearsOfTheLogin() {
    String stranger = "stranger.example.net";
    site.place(stranger, site.louie().settings().address());
    refer(site.dewey(), stranger);
    with(
        hosts(DEWEY, HUEY),
        proxy -> {
          Traffic traffic = site.traffic();
          assertUnavailable(proxy);
          traffic.awaitExactly(Map.of(site.dewey(), 1));
        },
        "stranger\\.example\\.net");
  }

  // B3.7; such a host may be anywhere but on a loopback address (R2)
  @Test
  void trustedHostOutsideEveryGroupIsFollowedUnderItsOwnName() {
    String trusted = "moved.trusted.example.net";
    try (NetworkNamespace host = new NetworkNamespace();
        Dovecot moved =
            site.startStore(
                trusted, host.address(), site.authority().issue(trusted), host.launcher())) {
      refer(site.dewey(), trusted);
      with(
          hosts(DEWEY, HUEY) + TRUSTED,
          proxy -> {
            Traffic traffic = site.traffic();
            assertServed(proxy);
            traffic.awaitExactly(Map.of(site.dewey(), 1));
            moved.awaitConnections(1);
            assertEquals(List.of("alice"), moved.logins());
            assertEquals("", proxy.admin().master(MailSite.GROUP));
          });
    }
  }

  // B3.7, T8
  @Test
  void trustedHostWithAnotherNamesCertificateNeverSeesTheLogin() {
    String trusted = "fake.trusted.example.net";
    try (NetworkNamespace host = new NetworkNamespace();
        Dovecot fake =
            site.startStore(
                trusted,
                host.address(),
                site.authority().issue("somebody-else.example.com"),
                host.launcher())) {
      refer(site.dewey(), trusted);
      with(
          hosts(DEWEY, HUEY) + TRUSTED,
          proxy -> {
            assertUnavailable(proxy);
            fake.awaitConnections(1);
            assertEquals(List.of(), fake.logins());
          },
          trusted);
    }
  }

  // R2
  @Test
  void trustedNameThatLeadsToALoopbackAddressIsNotFollowed() {
    String trusted = "inside.trusted.example.net";
    site.place(trusted, site.louie().settings().address());
    refer(site.dewey(), trusted);
    with(
        hosts(DEWEY, HUEY) + TRUSTED,
        proxy -> {
          Traffic traffic = site.traffic();
          assertUnavailable(proxy);
          traffic.awaitExactly(Map.of(site.dewey(), 1));
        },
        trusted);
  }

  // B3.5
  @Test
  void otherPortIsNotFollowedUnlessConfigured() {
    site.dewey().refers(USERS, HUEY, site.imapsPort());
    with(
        DEWEY_FIRST,
        proxy -> {
          Traffic traffic = site.traffic();
          assertUnavailable(proxy);
          traffic.awaitExactly(Map.of(site.dewey(), 1));
        },
        HUEY);
  }

  // B3.8, R4
  @Test
  void hostsThatReferToEachOtherAreAskedABoundedNumberOfTimes() {
    refer(site.dewey(), LOUIE);
    refer(site.louie(), DEWEY);
    with(
        "openmmp.login.deadline = 2s\n" + hosts(DEWEY, LOUIE),
        proxy -> {
          assertUnavailable(proxy);
          int asked =
              proxy.admin().attempts(MailSite.GROUP, DEWEY)
                  + proxy.admin().attempts(MailSite.GROUP, LOUIE);
          assertTrue(asked >= 2 && asked <= 12, "asked " + asked + " times");
          assertEquals("", proxy.admin().master(MailSite.GROUP));
        },
        MailSite.GROUP);
  }

  // B3.9, B2.11
  @Test
  void loginWaitsForAMasterThatIsBeingElected() {
    refer(site.dewey(), HUEY);
    refer(site.louie(), HUEY);
    site.huey().kill();
    String coolDown = "openmmp.proxy-defaults.cool-down { first = 200ms, max = 200ms }\n";
    with(
        coolDown + DEWEY_FIRST,
        proxy -> {
          CompletableFuture<Void> login = CompletableFuture.runAsync(() -> assertServed(proxy));
          Await.until(
              "huey was asked in vain",
              Duration.ofSeconds(10),
              () -> proxy.admin().host(MailSite.GROUP, HUEY).lastOutcome().equals("unreachable"));
          assertFalse(login.isDone());
          site.louie().serves(USERS);
          login.orTimeout(20, TimeUnit.SECONDS).join();
          assertEquals(LOUIE, proxy.admin().master(MailSite.GROUP));
        },
        MailSite.GROUP);
  }

  // B3.8
  @Test
  void wrongPasswordAtAReplicaIsFinal() {
    refer(site.dewey(), HUEY);
    with(
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

  private static void refer(Dovecot replica, String master) {
    replica.refers(USERS, master, site.imapPort());
  }

  private static int lookups() {
    return (int)
        site.slapd()
            .log()
            .lines()
            .filter(line -> line.contains("(mail=alice@example.com)"))
            .count();
  }

  private static void with(
      String settings, Consumer<ProxyProcess> test, String... expectedTrouble) {
    LogWatch watch = site.watch();
    List.of(expectedTrouble).forEach(watch::expect);
    try (ProxyProcess proxy = site.startProxy(watch, settings)) {
      test.accept(proxy);
    }
  }

  private static void assertServed(ProxyProcess proxy) {
    try (ImapConnection connection = new ImapConnection(proxy.imap(Security.PLAIN))) {
      Response response = connection.login(ALICE);
      assertTrue(response.isOk(), response.toString());
      assertFalse(response.toString().contains("REFERRAL "), response.toString());
      Response selected = connection.command("SELECT INBOX");
      assertTrue(selected.tagged().startsWith("OK [READ-WRITE]"), selected.tagged());
      connection.command("LOGOUT");
    }
  }

  private static void assertUnavailable(ProxyProcess proxy) {
    try (ImapConnection connection = new ImapConnection(proxy.imap(Security.PLAIN))) {
      Response response = connection.login(ALICE);
      assertTrue(response.tagged().startsWith("NO [UNAVAILABLE]"), response.toString());
      assertFalse(response.toString().contains("REFERRAL "), response.toString());
    }
  }

  private static String hosts(String... names) {
    return "openmmp.proxy.%s.storehostlist = \"%s\"\n"
        .formatted(MailSite.GROUP, String.join(" ", names));
  }
}
