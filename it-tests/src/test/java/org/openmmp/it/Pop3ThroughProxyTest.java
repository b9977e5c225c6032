package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Cyrus;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.Letter;
import org.openmmp.it.fixture.MailPort;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Pop3Client;
import org.openmmp.it.fixture.Pop3Connection;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.Traffic;

/** Real POP3 clients through the program to real stores. */
@Tag("real-servers")
final class Pop3ThroughProxyTest {
  private static final MailUser ALICE = MailUser.of("alice");
  private static final MailUser CARLA = MailUser.of("carla");
  private static final MailUser LOCKED = MailUser.of("locked");
  private static final String CYRUS = "cyrus.example.com";

  private static MailSite site;
  private static Cyrus cyrus;
  private static ProxyProcess proxy;

  @BeforeAll
  static void start() {
    List<MailUser> users = List.of(ALICE, CARLA, LOCKED);
    site = new MailSite(Pop3ThroughProxyTest.class, users);
    site.huey().serves(users, user -> user.equals(LOCKED) ? "userdb_pop3_lock_session=yes" : "");
    cyrus = new Cyrus(site.run(), site.cyrus(CYRUS), List.of(CARLA));
    site.slapd().set(CARLA, "mailHost", CYRUS);
    // A Dovecot waits ten seconds for another session's lock.
    proxy = site.startProxy(site.watch(), "openmmp.proxy-defaults.login-answer-timeout = 20s");
  }

  @AfterAll
  static void stop() {
    proxy.close();
    cyrus.close();
    site.close();
  }

  // B4.1, B4.4
  @ParameterizedTest
  @CsvSource({
    "CURL, PLAIN",
    "CURL, STARTTLS",
    "CURL, TLS",
    "POPLIB, PLAIN",
    "POPLIB, STARTTLS",
    "POPLIB, TLS",
    "FETCHMAIL, PLAIN",
    "FETCHMAIL, STARTTLS",
    "FETCHMAIL, TLS",
    "GETMAIL, PLAIN",
    "GETMAIL, TLS",
    "ANGUS, PLAIN",
    "ANGUS, STARTTLS",
    "ANGUS, TLS"
  })
  void clientCollectsItsMailFromThePreferredMaster(Pop3Client client, Security security) {
    Traffic traffic = site.traffic();
    int loginsBefore = site.huey().logins().size();
    assertCollects(client, security, ALICE, site.huey().at(MailPort.LMTP));
    assertTrue(site.huey().logins().size() > loginsBefore);
    traffic.awaitNone(site.dewey(), site.louie());
    assertEquals(MailSite.HUEY, proxy.admin(MailProtocol.POP3).master(MailSite.GROUP));
  }

  // B4.1, B4.4
  @ParameterizedTest
  @CsvSource({
    "CURL, STARTTLS",
    "POPLIB, TLS",
    "FETCHMAIL, STARTTLS",
    "GETMAIL, PLAIN",
    "ANGUS, TLS"
  })
  void clientCollectsItsMailFromCyrus(Pop3Client client, Security security) {
    int attemptsBefore = proxy.admin(MailProtocol.POP3).attempts(CYRUS, CYRUS);
    assertCollects(client, security, CARLA, cyrus.at(MailPort.LMTP));
    assertTrue(proxy.admin(MailProtocol.POP3).attempts(CYRUS, CYRUS) > attemptsBefore);
  }

  // B2.5, B4.3
  @Test
  void wrongPasswordIsFinal() {
    for (MailUser user : List.of(ALICE, CARLA)) {
      Traffic traffic = site.traffic();
      try (Pop3Connection connection = connect(Security.TLS)) {
        String refused = connection.answerToWrongPassword(user);
        assertTrue(refused.startsWith("-ERR [AUTH]"), refused);
      }
      traffic.awaitExactly(user.equals(ALICE) ? Map.of(site.huey(), 1) : Map.of());
    }
  }

  // B4.3
  @Test
  void mailboxInUseIsTheStoresWordAndNoOtherHostIsAsked() {
    Traffic traffic = site.traffic();
    try (Pop3Connection first = connect(Security.PLAIN);
        Pop3Connection second = connect(Security.PLAIN)) {
      assertTrue(first.answerToLogin(LOCKED).startsWith("+OK"));
      String refused = second.answerToLogin(LOCKED);
      assertTrue(refused.startsWith("-ERR [IN-USE]"), refused);
      first.leave();
    }
    traffic.awaitExactly(Map.of(site.huey(), 2));
  }

  // B4.4
  @ParameterizedTest
  @EnumSource(Security.class)
  void commandsBehindTheLoginReachTheStoreOnceAndInOrder(Security security) {
    DeliveryConnection.deliver(
        site.huey().at(MailPort.LMTP), ALICE.login(), List.of(Letter.about("in one packet")));
    try (Pop3Connection connection = connect(security)) {
      connection.send(
          "USER %s\r\nPASS %s\r\nSTAT\r\nDELE 1\r\nLIST\r\nQUIT\r\n"
              .formatted(ALICE.login(), ALICE.password()));
      StringBuilder answers = new StringBuilder();
      for (int i = 0; i < 7; i++) {
        String line = connection.line();
        answers.append(line, 0, Math.min(3, line.length())).append(';');
      }
      assertEquals("+OK;+OK;+OK;+OK;+OK;.;+OK;", answers.toString());
    }
  }

  private static void assertCollects(
      Pop3Client client, Security security, MailUser user, InetSocketAddress store) {
    List<Letter> letters = List.of(Letter.about("one for " + client), Letter.about("two"));
    DeliveryConnection.deliver(
        store, store.equals(cyrus.at(MailPort.LMTP)) ? user.name() : user.login(), letters);
    List<String> collected =
        client.collect(
            proxy.at(MailProtocol.POP3, security),
            user,
            site.run().create(user.name() + "-" + client + "-" + security));
    Letter.assertReceived(letters, collected);
  }

  private static Pop3Connection connect(Security security) {
    return new Pop3Connection(proxy.at(MailProtocol.POP3, security));
  }
}
