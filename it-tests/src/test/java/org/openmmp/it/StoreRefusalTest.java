package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.it.fixture.MailSite.DEWEY;
import static org.openmmp.it.fixture.MailSite.HUEY;
import static org.openmmp.it.fixture.MailSite.hosts;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.MailPort;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.RefusingGreeting;
import org.openmmp.it.fixture.Traffic;

/** Stores and a directory that answer, but not as they should: which host serves instead. */
@Tag("real-servers")
final class StoreRefusalTest {
  private static final MailUser ALICE = MailUser.of("alice");

  /** What Dovecot says of who left before a login, whether or not its own part was ready. */
  private static final Pattern NO_LOGIN =
      Pattern.compile("no auth attempts|disconnected before auth was ready");

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
  @CsvSource({
    "IMAP, * BYE overloaded", "IMAP, * BYE [UNAVAILABLE] not today",
    "POP3, -ERR overloaded", "POP3, -ERR [SYS/TEMP] not today"
  })
  void refusingGreetingIsPassedOver(MailProtocol protocol, String greeting) {
    String name = "refusing.example.com";
    MailPort port = protocol.port(Security.PLAIN);
    try (RefusingGreeting refusing = new RefusingGreeting(site.placeFor(name, port), greeting)) {
      site.withProxy(
          hosts(name, DEWEY),
          proxy -> {
            Traffic traffic = site.traffic();
            proxy.assertServes(protocol, ALICE);
            proxy.assertServes(protocol, ALICE);
            traffic.awaitExactly(Map.of(site.dewey(), 2));
            assertEquals(1, refusing.connections());
            assertEquals(
                "refused-greeting", proxy.admin(protocol).host(MailSite.GROUP, name).lastOutcome());
          });
    }
  }

  // B2.3, B2.5, T8
  @ParameterizedTest
  @CsvSource({"IMAP, starttls", "IMAP, implicit", "POP3, starttls", "POP3, implicit"})
  void storeWithAnotherNamesCertificateNeverSeesALogin(MailProtocol protocol, String tls) {
    String name = "impostor-" + protocol.service() + "-" + tls + ".example.com";
    try (Dovecot impostor =
        site.startStore(
            name,
            site.addressFor(name),
            site.authority().issue("somebody-else.example.com"),
            List.of())) {
      Security security = tls.equals("implicit") ? Security.TLS : Security.STARTTLS;
      String settings =
          "openmmp.proxy-defaults { tls = %s, %s = %d }\n"
              .formatted(tls, protocol.portOption(), site.ports().of(protocol.port(security)));
      site.withProxy(
          settings + hosts(name, DEWEY),
          proxy -> {
            Traffic traffic = site.traffic();
            proxy.assertServes(protocol, ALICE);
            traffic.awaitExactly(Map.of(site.dewey(), 1));
            impostor.awaitConnections(1);
            assertEquals(List.of(), impostor.logins());
            assertTrue(NO_LOGIN.matcher(impostor.log()).find(), impostor.log());
            assertEquals(
                "tls-failed", proxy.admin(protocol).host(MailSite.GROUP, name).lastOutcome());
          },
          name);
    }
  }

  // B2.5
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void temporaryRefusalGoesToTheNextHostAndIsNotHeldAgainstTheStore(MailProtocol protocol) {
    site.withProxy(
        "",
        proxy -> {
          site.huey().refusesForNow();
          Traffic traffic = site.traffic();
          proxy.assertServes(protocol, ALICE);
          traffic.awaitExactly(Map.of(site.huey(), 1, site.dewey(), 1));
          assertFalse(proxy.admin(protocol).host(MailSite.GROUP, HUEY).state().equals("cooling"));
        });
  }

  // B1.7, B3.10
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void directoryThatIsDownIsATemporaryFailureAndNoStoreIsAsked(MailProtocol protocol) {
    MailUser unknown = MailUser.of("nobody-asked-for-yet");
    site.withProxy(
        "",
        proxy -> {
          proxy.assertServes(protocol, ALICE);
          Traffic traffic = site.traffic();
          site.slapd().kill();
          try {
            proxy.assertUnavailable(protocol, unknown);
          } finally {
            site.slapd().restart();
          }
          traffic.awaitExactly(Map.of());
        },
        "(?i)ldap|directory");
  }
}
