package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.BearerToken;
import org.openmmp.it.fixture.Cyrus;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.SaslExchange;
import org.openmmp.it.fixture.ScramClient;
import org.openmmp.it.fixture.Traffic;

/** Every way to log in, through the program to real stores. */
@Tag("real-servers")
final class LoginMechanismsTest {
  private static final MailUser ALICE = MailUser.of("alice");
  private static final MailUser CARLA = MailUser.of("carla");
  private static final String CYRUS = "cyrus.example.com";

  private static MailSite site;
  private static Cyrus cyrus;

  /** Has heard no store yet, and will hear of Dovecots alone. */
  private static ProxyProcess dovecots;

  /** Has heard Cyrus, which knows fewer mechanisms. */
  private static ProxyProcess all;

  @BeforeAll
  static void start() {
    site = new MailSite(LoginMechanismsTest.class, List.of(ALICE, CARLA));
    cyrus = new Cyrus(site.run(), site.cyrus(CYRUS), List.of(CARLA));
    site.slapd().set(CARLA, "mailHost", CYRUS);
    dovecots = startProxy();
    all = startProxy();
    for (MailProtocol protocol : MailProtocol.values()) {
      all.assertServes(protocol, CARLA);
    }
  }

  @AfterAll
  static void stop() {
    all.close();
    dovecots.close();
    cyrus.close();
    site.close();
  }

  // B3.1, B4.1
  @ParameterizedTest
  @CsvSource({"IMAP, true", "IMAP, false", "POP3, true", "POP3, false"})
  void passwordIsTakenByEachMechanismThatCarriesIt(MailProtocol protocol, boolean initial) {
    for (MailUser user : List.of(ALICE, CARLA)) {
      String plain = "\0" + user.login() + "\0" + user.password();
      assertLogsIn(all.at(protocol, Security.TLS), SaslExchange.of("PLAIN", initial, plain));
      assertLogsIn(
          all.at(protocol, Security.STARTTLS),
          SaslExchange.of("LOGIN", initial, user.login(), user.password()));
    }
  }

  // B3.1, B4.1
  @ParameterizedTest
  @CsvSource({"IMAP, true", "IMAP, false", "POP3, true", "POP3, false"})
  void bearerTokenIsTakenInBothForms(MailProtocol protocol, boolean initial) {
    String token = "auth=Bearer " + BearerToken.of(ALICE.name()) + "\1\1";
    Endpoint endpoint = dovecots.at(protocol, Security.TLS);
    assertLogsIn(
        endpoint, SaslExchange.of("OAUTHBEARER", initial, "n,a=" + ALICE.login() + ",\1" + token));
    assertLogsIn(
        endpoint, SaslExchange.of("XOAUTH2", initial, "user=" + ALICE.login() + "\1" + token));
  }

  // B3.13
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void clientCertificateLogsInByTheAdministratorsPassword(MailProtocol protocol) {
    for (MailUser user : List.of(ALICE, CARLA)) {
      Endpoint endpoint = all.at(protocol, Security.TLS).as(site.authority().identityOf(user));
      assertLogsIn(endpoint, SaslExchange.of("EXTERNAL", true, ""));
    }
    assertEquals("alice", site.huey().logins().get(site.huey().logins().size() - 1));
  }

  // B3.18: the administrator, whom the directory does not know, opens the mailbox of a user at the
  // user's store
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void administratorOpensTheMailboxOfTheUserThatItNames(MailProtocol protocol) {
    for (MailUser user : List.of(ALICE, CARLA)) {
      for (String typed : List.of(user.login(), user.login().toUpperCase(Locale.ROOT))) {
        String plain = typed + "\0" + Dovecot.ADMINISTRATOR + "\0" + Dovecot.ADMINISTRATOR_PASSWORD;
        assertLogsIn(all.at(protocol, Security.TLS), SaslExchange.of("PLAIN", true, plain));
      }
      MailUser master =
          new MailUser(
              user.login() + "*" + Dovecot.ADMINISTRATOR, "", Dovecot.ADMINISTRATOR_PASSWORD);
      assertLogsIn(
          all.at(protocol, Security.TLS),
          SaslExchange.of("LOGIN", true, master.name(), master.password()));
      try (MailConnection connection = protocol.connect(all.at(protocol, Security.TLS))) {
        String answer = connection.answerToLogin(master);
        assertTrue(answer.startsWith(protocol.accepted()), answer);
        connection.openInbox();
        connection.leave();
      }
    }
    assertEquals("alice", site.huey().logins().get(site.huey().logins().size() - 1));
  }

  // B3.18: a user is no administrator, and a wrong password is wrong whomever it would open
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void nobodyElseOpensAMailbox(MailProtocol protocol) {
    for (String plain :
        List.of(
            ALICE.login() + "\0" + CARLA.login() + "\0" + CARLA.password(),
            CARLA.login() + "\0" + ALICE.login() + "\0" + ALICE.password(),
            ALICE.login() + "\0" + Dovecot.ADMINISTRATOR + "\0" + ALICE.password())) {
      try (MailConnection connection = protocol.connect(all.at(protocol, Security.TLS))) {
        String answer = connection.answerTo(SaslExchange.of("PLAIN", true, plain));
        assertTrue(answer.startsWith(protocol.wrongPassword()), answer);
      }
    }
  }

  // B3.1, B4.1: the password is never sent, and each side proves that it knows it
  @ParameterizedTest
  @CsvSource({
    "IMAP, SCRAM-SHA-1", "IMAP, SCRAM-SHA-256",
    "POP3, SCRAM-SHA-1", "POP3, SCRAM-SHA-256"
  })
  void scramIsCarriedBetweenClientAndStore(MailProtocol protocol, String mechanism) {
    MailUser typed = new MailUser(ALICE.name(), "", ALICE.password());
    Endpoint endpoint = dovecots.at(protocol, Security.TLS);
    assertLogsIn(endpoint, SaslExchange.of("PLAIN", true, "\0alice\0" + ALICE.password()));
    assertLogsIn(endpoint, ScramClient.exchange(mechanism, true, typed));
    assertLogsIn(endpoint, ScramClient.exchange(mechanism, false, typed));
    Traffic traffic = site.traffic();
    MailUser wrong = new MailUser(ALICE.name(), "", MailUser.WRONG_PASSWORD);
    try (MailConnection connection = protocol.connect(endpoint)) {
      String answer = connection.answerTo(ScramClient.exchange(mechanism, true, wrong));
      assertTrue(answer.startsWith(protocol.wrongPassword()), answer);
    }
    traffic.awaitExactly(Map.of(site.huey(), 1));
  }

  // B3.1: what one store in service lacks is offered to nobody
  @ParameterizedTest
  @CsvSource({
    "IMAP, OAUTHBEARER", "IMAP, SCRAM-SHA-256",
    "POP3, OAUTHBEARER", "POP3, SCRAM-SHA-256"
  })
  void mechanismThatOneStoreLacksIsNotTaken(MailProtocol protocol, String mechanism) {
    Traffic traffic = site.traffic();
    try (MailConnection connection = protocol.connect(all.at(protocol, Security.TLS))) {
      String answer = connection.answerTo(SaslExchange.of(mechanism, true, "n,,"));
      assertFalse(answer.startsWith(protocol.accepted()), answer);
      assertFalse(answer.startsWith(protocol.wrongPassword()), answer);
    }
    traffic.awaitExactly(Map.of());
  }

  private static ProxyProcess startProxy() {
    return site.startProxy(
        site.watch(),
        """
        openmmp {
          imap.mechanisms = [%1$s]
          pop3.mechanisms = [%1$s]
          login.master-user-separator = "*"
          tls { client-auth = optional, client-ca-file = "%2$s" }
          proxy-defaults { imapadmin = %3$s, imapadminpass = "%4$s" }
        }
        """
            .formatted(
                "PLAIN, LOGIN, OAUTHBEARER, XOAUTH2, EXTERNAL, SCRAM-SHA-1, SCRAM-SHA-256",
                site.authority().certificate(),
                Dovecot.ADMINISTRATOR,
                Dovecot.ADMINISTRATOR_PASSWORD));
  }

  private static void assertLogsIn(Endpoint endpoint, SaslExchange exchange) {
    try (MailConnection connection = endpoint.protocol().connect(endpoint)) {
      String answer = connection.answerTo(exchange);
      assertTrue(answer.startsWith(endpoint.protocol().accepted()), answer);
      connection.openInbox();
      connection.leave();
    }
  }
}
