package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
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
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.ByeGreeting;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.MailPort;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Traffic;

/** Stores and a directory that answer, but not as they should: which host serves instead. */
@Tag("real-servers")
final class StoreRefusalTest {
  private static final MailUser ALICE = MailUser.of("alice");

  private static MailSite site;

  @BeforeAll
  static void start() {
    site = new MailSite(StoreRefusalTest.class, List.of(ALICE));
  }

  @AfterAll
  static void stop() {
    site.close();
  }

  @BeforeEach
  void everybodyServes() {
    site.recover();
  }

  // B2.5
  @ParameterizedTest
  @ValueSource(strings = {"* BYE overloaded", "* BYE [UNAVAILABLE] not today"})
  void byeGreetingIsPassedOver(String greeting) {
    String name = "bye.example.com";
    String address = site.addressFor(name);
    try (ByeGreeting refusing =
        new ByeGreeting(address, site.ports().of(MailPort.IMAP), greeting)) {
      site.withProxy(
          hosts(name, DEWEY),
          proxy -> {
            Traffic traffic = site.traffic();
            proxy.assertServes(ALICE);
            proxy.assertServes(ALICE);
            traffic.awaitExactly(Map.of(site.dewey(), 2));
            assertEquals(1, refusing.connections());
            assertEquals(
                "refused-greeting", proxy.admin().host(MailSite.GROUP, name).lastOutcome());
          });
    }
  }

  // B2.3, B2.5, T8
  @ParameterizedTest
  @ValueSource(strings = {"starttls", "implicit"})
  void storeWithAnotherNamesCertificateNeverSeesALogin(String tls) {
    String name = "impostor-" + tls + ".example.com";
    try (Dovecot impostor =
        site.startStore(
            name,
            site.addressFor(name),
            site.authority().issue("somebody-else.example.com"),
            List.of())) {
      int port =
          tls.equals("implicit") ? site.ports().of(MailPort.IMAPS) : site.ports().of(MailPort.IMAP);
      String settings = "openmmp.proxy-defaults { tls = %s, imapport = %d }\n".formatted(tls, port);
      site.withProxy(
          settings + hosts(name, DEWEY),
          proxy -> {
            Traffic traffic = site.traffic();
            proxy.assertServes(ALICE);
            traffic.awaitExactly(Map.of(site.dewey(), 1));
            impostor.awaitConnections(1);
            assertEquals(List.of(), impostor.logins());
            assertTrue(impostor.log().contains("no auth attempts"), impostor.log());
            assertEquals("tls-failed", proxy.admin().host(MailSite.GROUP, name).lastOutcome());
          },
          name);
    }
  }

  // B2.5
  @Test
  void temporaryRefusalGoesToTheNextHostAndIsNotHeldAgainstTheStore() {
    site.withProxy(
        "",
        proxy -> {
          site.huey().refusesForNow();
          Traffic traffic = site.traffic();
          proxy.assertServes(ALICE);
          traffic.awaitExactly(Map.of(site.huey(), 1, site.dewey(), 1));
          assertFalse(proxy.admin().host(MailSite.GROUP, HUEY).state().equals("cooling"));
        });
  }

  // B1.7, B3.10
  @Test
  void directoryThatIsDownIsATemporaryFailureAndNoStoreIsAsked() {
    MailUser unknown = MailUser.of("nobody-asked-for-yet");
    site.withProxy(
        "",
        proxy -> {
          proxy.assertServes(ALICE);
          Traffic traffic = site.traffic();
          site.slapd().kill();
          try (ImapConnection connection = new ImapConnection(proxy.imap(Security.TLS))) {
            String refused = connection.login(unknown).tagged();
            assertTrue(refused.startsWith("NO [UNAVAILABLE]"), refused);
          } finally {
            site.slapd().restart();
          }
          traffic.awaitExactly(Map.of());
        },
        "(?i)ldap|directory");
  }
}
