package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.it.fixture.MailSite.DEWEY;
import static org.openmmp.it.fixture.MailSite.HUEY;
import static org.openmmp.it.fixture.MailSite.LOUIE;
import static org.openmmp.it.fixture.MailSite.hosts;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.AdminClient;
import org.openmmp.it.fixture.AlteredStore;
import org.openmmp.it.fixture.AlteredStore.Alteration;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailPort;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;

/** Groups none of whose hosts is master, for now: what a login does until one is. */
@Tag("real-servers")
final class GroupWithoutMasterTest {
  private static final MailUser ALICE = MailUser.of("alice");
  private static final List<MailUser> USERS = List.of(ALICE);
  private static final String DEWEY_FIRST = hosts(DEWEY, HUEY, LOUIE);

  private static MailSite site;

  @BeforeAll
  static void start() {
    site = new MailSite(GroupWithoutMasterTest.class, List.of(ALICE));
  }

  @AfterAll
  static void stop() {
    site.close();
  }

  @BeforeEach
  void everybodyServes() {
    site.recover();
  }

  // B2.4, B2.8, B2.11, B3.10, B4.3, B4.5
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void whenEveryHostIsDownTheAnswerIsTemporaryAndTheFirstThatReturnsServes(MailProtocol protocol) {
    site.withProxy(
        "openmmp.login.deadline = 5s\nopenmmp.proxy-defaults.cool-down { first = 200ms, max = 200ms }",
        proxy -> {
          site.huey().kill();
          site.dewey().kill();
          site.louie().kill();
          try (MailConnection connection = protocol.connect(proxy.at(protocol, Security.TLS))) {
            List<String> refused = connection.answerToLogin(ALICE, ALICE.password());
            assertTrue(
                refused.get(refused.size() - 1).startsWith(protocol.unavailable()),
                refused::toString);
            boolean isImap = protocol == MailProtocol.IMAP;
            assertEquals(isImap, refused.get(0).startsWith("* NO [ALERT] "), refused::toString);
            assertAttempts(proxy.admin(protocol), 1, 1, 1);
            assertEquals("", proxy.admin(protocol).master(MailSite.GROUP));
            site.louie().restart();
            Await.until(
                "louie may be asked again",
                Duration.ofSeconds(5),
                () ->
                    proxy.admin(protocol).host(MailSite.GROUP, LOUIE).state().equals("half-open"));
            String served = connection.answerToLogin(ALICE);
            assertTrue(served.startsWith(protocol.accepted()), served);
          }
          assertEquals(LOUIE, proxy.admin(protocol).master(MailSite.GROUP));
        },
        MailSite.GROUP);
  }

  // B3.8, R4
  @Test
  void hostsThatReferToEachOtherAreAskedABoundedNumberOfTimes() {
    refer(site.dewey(), LOUIE);
    refer(site.louie(), DEWEY);
    site.withProxy(
        "openmmp.login.deadline = 5s\n" + hosts(DEWEY, LOUIE),
        proxy -> {
          proxy.assertUnavailable(ALICE);
          int asked =
              proxy.admin().attempts(MailSite.GROUP, DEWEY)
                  + proxy.admin().attempts(MailSite.GROUP, LOUIE);
          assertTrue(asked >= 2 && asked <= 16, "asked " + asked + " times");
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
    site.withProxy(
        coolDown + DEWEY_FIRST,
        proxy -> {
          CompletableFuture<Void> login =
              CompletableFuture.runAsync(() -> proxy.assertServes(ALICE));
          Await.until(
              "huey was asked in vain",
              Duration.ofSeconds(10),
              () ->
                  proxy
                      .admin()
                      .host(MailSite.GROUP, HUEY)
                      .lastOutcome()
                      .equals("connection-refused"));
          assertFalse(login.isDone());
          site.louie().serves(USERS);
          login.orTimeout(20, TimeUnit.SECONDS).join();
          assertEquals(LOUIE, proxy.admin().master(MailSite.GROUP));
        },
        MailSite.GROUP);
  }

  // B2.11, B3.9
  @Test
  void sessionGoesOnAtTheReplicaThatLoggedItInWhenTheMasterIsNotReached() {
    site.huey().kill();
    String name = "replica.example.com";
    try (AlteredStore replica =
        new AlteredStore(
            site.placeFor(name, MailPort.IMAP),
            site.dewey().at(MailPort.IMAP),
            Alteration.okReferral("imap://huey.example.com/"))) {
      // No second round before the session may stay.
      String settings =
          "openmmp.proxy-defaults { tls = off, read-only-after = 500ms,"
              + " retry-pause { first = 10s, max = 10s } }\n";
      site.withProxy(
          settings + hosts(name, HUEY),
          proxy -> {
            proxy.assertServes(ALICE);
            assertEquals(2, replica.connections());
            assertEquals("", proxy.admin().master(MailSite.GROUP));
          },
          MailSite.GROUP);
    }
  }

  private static void assertAttempts(AdminClient admin, int huey, int dewey, int louie) {
    assertEquals(
        List.of(huey, dewey, louie),
        List.of(
            admin.attempts(MailSite.GROUP, HUEY),
            admin.attempts(MailSite.GROUP, DEWEY),
            admin.attempts(MailSite.GROUP, LOUIE)));
  }

  private static void refer(Dovecot replica, String master) {
    replica.refers(USERS, master, site.ports().of(MailPort.IMAP));
  }
}
