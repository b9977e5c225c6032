package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.BearerToken;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.it.fixture.Dovecot;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.Letter;
import org.openmmp.it.fixture.MailConnection;
import org.openmmp.it.fixture.MailPort;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Pop3Client;
import org.openmmp.it.fixture.Pop3Connection;
import org.openmmp.it.fixture.RealStores;
import org.openmmp.it.fixture.SaslExchange;

/** Real POP3 servers and clients without a proxy between them. */
@Tag("real-servers")
final class Pop3ServersStartTest {
  private static final MailUser ALICE = MailUser.of("alice");

  private static final MailUser CYRUS_ALICE = new MailUser("alice", "", ALICE.password());

  private static RealStores stores;

  @BeforeAll
  static void start() {
    stores = new RealStores(Pop3ServersStartTest.class, ALICE);
  }

  @AfterAll
  static void stop() {
    stores.close();
  }

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
  void clientCollectsItsMailFromDovecot(Pop3Client client, Security security) {
    List<Letter> letters = List.of(Letter.about("one by " + client), Letter.about("two"));
    DeliveryConnection.deliver(stores.dovecot().at(MailPort.LMTP), ALICE.login(), letters);
    assertCollected(letters, client, stores.atDovecot(MailProtocol.POP3, security), ALICE);
  }

  @ParameterizedTest
  @CsvSource({"POPLIB, PLAIN", "FETCHMAIL, STARTTLS", "GETMAIL, TLS"})
  void clientCollectsItsMailFromCyrus(Pop3Client client, Security security) {
    List<Letter> letters = List.of(Letter.about("one by " + client), Letter.about("two"));
    DeliveryConnection.deliver(stores.cyrus().at(MailPort.LMTP), ALICE.name(), letters);
    assertCollected(letters, client, stores.atCyrus(MailProtocol.POP3, security), CYRUS_ALICE);
  }

  @Test
  void dovecotRefersInWordsAndRefusesForNow() {
    try (Dovecot replica = stores.startDovecot("replica", "127.0.0.1", List.of());
        Pop3Connection connection =
            new Pop3Connection(stores.at(replica, MailProtocol.POP3, Security.PLAIN))) {
      replica.refers(List.of(ALICE), "huey.example.com", 1110);
      assertEquals("-ERR Try this server instead.", connection.answerToLogin(ALICE));
      replica.refusesForNow();
      String refused = connection.answerToLogin(ALICE);
      assertTrue(refused.startsWith("-ERR [SYS/TEMP]"), refused);
      replica.serves(List.of(ALICE));
      String wrong = connection.answerToWrongPassword(ALICE);
      assertTrue(wrong.startsWith("-ERR [AUTH]"), wrong);
    }
  }

  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void storesTakeABearerTokenAndAnAdministratorsPassword(MailProtocol protocol) {
    String token = "n,a=alice,\1auth=Bearer " + BearerToken.of("alice") + "\1\1";
    String administrator =
        "alice\0" + Dovecot.ADMINISTRATOR + "\0" + Dovecot.ADMINISTRATOR_PASSWORD;
    assertAuthenticates(stores.atDovecot(protocol, Security.PLAIN), "OAUTHBEARER", token);
    assertAuthenticates(stores.atDovecot(protocol, Security.PLAIN), "PLAIN", administrator);
    assertAuthenticates(stores.atCyrus(protocol, Security.PLAIN), "PLAIN", administrator);
  }

  private static void assertAuthenticates(Endpoint store, String mechanism, String response) {
    try (MailConnection connection = store.protocol().connect(store)) {
      String answer = connection.answerTo(SaslExchange.of(mechanism, true, response));
      assertTrue(answer.startsWith(store.protocol().accepted()), answer);
      connection.openInbox();
    }
  }

  private static void assertCollected(
      List<Letter> letters, Pop3Client client, Endpoint endpoint, MailUser user) {
    String directory = client + "-" + endpoint.security() + "-" + endpoint.port();
    List<String> collected = client.collect(endpoint, user, stores.run().create(directory));
    Letter.assertReceived(letters, collected);
    try (Pop3Connection connection = new Pop3Connection(endpoint)) {
      connection.answerToLogin(user);
      assertEquals("+OK 0 0", connection.command("STAT"));
    }
  }
}
