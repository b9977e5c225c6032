package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.openmmp.it.fixture.MailSite.DEWEY;
import static org.openmmp.it.fixture.MailSite.HUEY;
import static org.openmmp.it.fixture.MailSite.LOUIE;
import static org.openmmp.it.fixture.MailSite.hosts;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.MailPort;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.NetworkNamespace;
import org.openmmp.it.fixture.Traffic;

/** Referrals to where no password may go. */
@Tag("real-servers")
final class ReferralTrustTest {
  private static final Duration LIMIT = Duration.ofSeconds(15);
  private static final MailUser ALICE = MailUser.of("alice");
  private static final List<MailUser> USERS = List.of(ALICE);
  private static final String DEWEY_FIRST = hosts(DEWEY, HUEY, LOUIE);
  private static final String TRUSTED =
      "openmmp.login.referral.trusted = [\"*.trusted.example.net\"]\n";

  private static MailSite site;

  @BeforeAll
  static void start() {
    site = new MailSite(ReferralTrustTest.class, List.of(ALICE));
  }

  @AfterAll
  static void stop() {
    site.close();
  }

  @BeforeEach
  void everybodyServes() {
    site.recover();
  }

  // B3.7, R1
  @Test
  void hostThatIsNotConfiguredNeverHearsOfTheLogin() {
    String stranger = "stranger.example.net";
    site.place(stranger, site.louie().settings().address());
    refer(site.dewey(), stranger);
    site.withProxy(
        hosts(DEWEY, HUEY),
        proxy -> {
          Traffic traffic = site.traffic();
          proxy.assertUnavailable(ALICE);
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
      site.withProxy(
          hosts(DEWEY, HUEY) + TRUSTED,
          proxy -> {
            Traffic traffic = site.traffic();
            proxy.assertServes(ALICE);
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
      site.withProxy(
          hosts(DEWEY, HUEY) + TRUSTED,
          proxy -> {
            proxy.assertUnavailable(ALICE);
            // Probes ask it too (B2.9), and get no further than TLS.
            Await.until("it was asked", LIMIT, () -> fake.connections() > 0);
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
    site.withProxy(
        hosts(DEWEY, HUEY) + TRUSTED,
        proxy -> {
          Traffic traffic = site.traffic();
          proxy.assertUnavailable(ALICE);
          traffic.awaitExactly(Map.of(site.dewey(), 1));
        },
        trusted);
  }

  // B3.5, B3.9: the host itself is one of the others
  @Test
  void otherPortIsNotFollowedAndTheOthersAreAskedAtTheirs() {
    site.dewey().refers(USERS, HUEY, site.ports().of(MailPort.IMAPS));
    site.withProxy(
        DEWEY_FIRST,
        proxy -> {
          Traffic traffic = site.traffic();
          proxy.assertServes(ALICE);
          traffic.awaitExactly(Map.of(site.dewey(), 1, site.huey(), 1));
        },
        HUEY);
  }

  private static void refer(Dovecot replica, String master) {
    replica.refers(USERS, master, site.ports().of(MailPort.IMAP));
  }
}
