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
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.ImapConnection.Response;
import org.openmmp.it.fixture.MailPort;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.OkReferral;
import org.openmmp.it.fixture.ProxyProcess;

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

  // B2.4, B2.8, B2.11, B3.10
  @Test
  void whenEveryHostIsDownTheAnswerIsTemporaryAndTheFirstThatReturnsServes() {
    site.withProxy(
        "openmmp.login.deadline = 5s\nopenmmp.proxy-defaults.cool-down { first = 200ms, max = 200ms }",
        proxy -> {
          site.huey().kill();
          site.dewey().kill();
          site.louie().kill();
          try (ImapConnection connection = new ImapConnection(proxy.imap(Security.TLS))) {
            Response refused = connection.login(ALICE);
            assertTrue(refused.tagged().startsWith("NO [UNAVAILABLE]"), refused.toString());
            assertTrue(refused.untagged().get(0).startsWith("* NO [ALERT] "), refused.toString());
            assertAttempts(proxy, 1, 1, 1);
            assertEquals("", proxy.admin().master(MailSite.GROUP));
            site.louie().restart();
            Await.until(
                "louie may be asked again",
                Duration.ofSeconds(5),
                () -> proxy.admin().host(MailSite.GROUP, LOUIE).state().equals("half-open"));
            Response served = connection.login(ALICE);
            assertTrue(served.isOk(), served.toString());
          }
          assertEquals(LOUIE, proxy.admin().master(MailSite.GROUP));
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
              () -> proxy.admin().host(MailSite.GROUP, HUEY).lastOutcome().equals("unreachable"));
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
    try (OkReferral replica =
        new OkReferral(
            site.addressFor(name),
            site.ports().of(MailPort.IMAP),
            site.dewey().at(MailPort.IMAP),
            "imap://huey.example.com/")) {
      String settings = "openmmp.proxy-defaults { tls = off, read-only-after = 500ms }\n";
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

  private static void assertAttempts(ProxyProcess proxy, int huey, int dewey, int louie) {
    assertEquals(
        List.of(huey, dewey, louie),
        List.of(
            proxy.admin().attempts(MailSite.GROUP, HUEY),
            proxy.admin().attempts(MailSite.GROUP, DEWEY),
            proxy.admin().attempts(MailSite.GROUP, LOUIE)));
  }

  private static void refer(Dovecot replica, String master) {
    replica.refers(USERS, master, site.ports().of(MailPort.IMAP));
  }
}
