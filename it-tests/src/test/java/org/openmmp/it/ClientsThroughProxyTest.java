package org.openmmp.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.fixture.Cyrus;
import org.openmmp.it.fixture.Endpoint.Security;
import org.openmmp.it.fixture.ImapClient;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.ImapConnection.Response;
import org.openmmp.it.fixture.MailSite;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.ProxyProcess;

/** Real mail clients through the program to real stores. */
@Tag("real-servers")
final class ClientsThroughProxyTest {
  private static final MailUser ALICE = MailUser.of("alice");
  private static final MailUser CARLA = MailUser.of("carla");
  private static final String CYRUS = "cyrus.example.com";

  private static MailSite site;
  private static Cyrus cyrus;
  private static ProxyProcess proxy;

  @BeforeAll
  static void start() {
    site = new MailSite(ClientsThroughProxyTest.class, List.of(ALICE, CARLA));
    cyrus = new Cyrus(site.run(), site.cyrus(CYRUS), List.of(CARLA));
    site.slapd().set(CARLA, "mailHost", CYRUS);
    proxy = site.startProxy(site.watch(), "");
  }

  @AfterAll
  static void stop() {
    proxy.close();
    cyrus.close();
    site.close();
  }

  @ParameterizedTest
  @CsvSource({
    "CURL, PLAIN", "CURL, STARTTLS", "CURL, TLS",
    "IMAPLIB, PLAIN", "IMAPLIB, STARTTLS", "IMAPLIB, TLS",
    "MBSYNC, PLAIN", "MBSYNC, STARTTLS", "MBSYNC, TLS",
    "ANGUS, PLAIN", "ANGUS, STARTTLS", "ANGUS, TLS"
  })
  void clientWorksAtThePreferredMaster(ImapClient client, Security security) {
    int loginsBefore = site.huey().logins().size();
    client.exercise(proxy.imap(security), ALICE, site.run().create(client + "-" + security));
    assertTrue(site.huey().logins().size() > loginsBefore);
    assertEquals(0, site.dewey().connections());
    assertEquals(0, site.louie().connections());
    assertEquals("huey.example.com", proxy.admin().master(MailSite.GROUP));
  }

  @ParameterizedTest
  @EnumSource(ImapClient.class)
  void clientWorksWithCyrusBehindTheProxy(ImapClient client) {
    int attemptsBefore = proxy.admin().attempts(CYRUS, CYRUS);
    client.exercise(proxy.imap(Security.STARTTLS), CARLA, site.run().create(client + "-at-cyrus"));
    assertTrue(proxy.admin().attempts(CYRUS, CYRUS) > attemptsBefore);
    assertEquals(0, site.dewey().connections());
  }

  // B3.3
  @ParameterizedTest
  @EnumSource(MailClientStore.class)
  void capabilitiesAfterLoginAreTheStoresOwn(MailClientStore store) {
    MailUser user = store == MailClientStore.CYRUS ? CARLA : ALICE;
    try (ImapConnection connection = new ImapConnection(proxy.imap(Security.TLS))) {
      Response response = connection.login(user);
      assertTrue(response.isOk(), response.toString());
      assertTrue(response.toString().contains(store.capability), response.toString());
      assertFalse(response.toString().contains("REFERRAL "), response.toString());
    }
  }

  /** A store, and a capability that only this one has. */
  enum MailClientStore {
    DOVECOT("SNIPPET=FUZZY"),
    CYRUS("X-REPLICATION");

    private final String capability;

    MailClientStore(String capability) {
      this.capability = capability;
    }
  }

  // B2.5
  @Test
  void wrongPasswordIsFinalAndTheStoresWord() {
    int before = site.huey().connections();
    try (ImapConnection connection = new ImapConnection(proxy.imap(Security.TLS))) {
      String refused = connection.login(ALICE, MailUser.WRONG_PASSWORD).tagged();
      assertTrue(refused.startsWith("NO [AUTHENTICATIONFAILED]"), refused);
    }
    site.huey().awaitConnections(before + 1);
    assertEquals(0, site.dewey().connections());
    assertEquals(0, site.louie().connections());
  }

  // B3.4
  @ParameterizedTest
  @EnumSource(Security.class)
  void commandsBehindTheLoginReachTheStoreOnceAndInOrder(Security security) {
    try (ImapConnection connection = new ImapConnection(proxy.imap(security))) {
      connection.send(
          "a LOGIN alice@example.com %s\r\nb NOOP\r\nc SELECT INBOX\r\nd LOGOUT\r\n"
              .formatted(ALICE.password()));
      StringBuilder tags = new StringBuilder();
      while (tags.indexOf("d") < 0) {
        String line = connection.line();
        if (!line.startsWith("*")) {
          tags.append(line, 0, 4).append(';');
        }
      }
      assertEquals("a OK;b OK;c OK;d OK;", tags.toString());
    }
  }
}
