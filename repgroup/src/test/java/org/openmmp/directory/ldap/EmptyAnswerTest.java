package org.openmmp.directory.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.unboundid.ldap.sdk.ResultCode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmmp.directory.DirectoryServerState;
import org.openmmp.directory.LookupResult.Kind;

/** When a server is believed that says that there is nobody (B1.11). */
final class EmptyAnswerTest {
  private static final int MOST_LOOKUPS = 10_000;

  private LdapServerFixture first;
  private LdapServerFixture second;

  @BeforeEach
  void startServers() throws Exception {
    first = LdapServerFixture.start();
    second = LdapServerFixture.start();
  }

  @AfterEach
  void stopServers() {
    first.close();
    second.close();
  }

  // B1.11
  @Test
  void serverThatHasNobodyIsNotBelievedBeforeAMinuteHasPassed() throws Exception {
    try (Client client = new Client(Settings.of(first.address()).cacheSize(0))) {
      assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("alice").kind());
      assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("alice").kind());
      client.ticker.advance(Duration.ofNanos(EmptyAnswers.PAUSE));
      assertEquals(Kind.NO_SUCH_USER, client.lookUp("alice").kind());
      assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("bob").kind());
    }
  }

  // B1.11: a cold look-up is one search where the server knows people
  @Test
  void serverThatHasPeopleIsBelieved() throws Exception {
    first.user("somebody", "mailHost: h1");
    try (Client client = new Client(Settings.of(first.address()))) {
      assertEquals(Kind.NO_SUCH_USER, client.lookUp("alice").kind());
      assertEquals(1, first.searches().size());
    }
  }

  // B1.11
  @Test
  void secondServerIsAskedWhoTheEmptyFirstDoesNotFind() throws Exception {
    second.user("alice", "mailHost: h2");
    try (Client client = new Client(Settings.of(first.address(), second.address()).cacheSize(0))) {
      assertEquals("h2", client.lookUp("alice").mailHost());
      assertEquals(Kind.NO_SUCH_USER, client.lookUp("bob").kind());
    }
  }

  // B1.11
  @Test
  void nameThatWasFoundBeforeIsGoneWhenASecondServerAgrees() throws Exception {
    for (LdapServerFixture each : List.of(first, second)) {
      each.user("alice", "mailHost: h1").user("bob", "mailHost: h1");
    }
    Settings settings =
        Settings.of(first.address(), second.address()).staleFor(Duration.ofHours(1));
    try (Client client = new Client(settings)) {
      client.lookUp("alice");
      first.delete("uid=alice");
      client.ticker.advance(Settings.POSITIVE);
      assertEquals("h1", client.lookUp("alice").mailHost());
      client.ticker.advance(Settings.POSITIVE);
      second.delete("uid=alice");
      assertEquals(Kind.NO_SUCH_USER, client.lookUp("alice").kind());
    }
  }

  // B1.11: a replica that is being loaded
  @Test
  void serverThatMissesSeveralNamesIsAskedAfterTheOthersUntilItFindsThem() throws Exception {
    List<String> users = List.of("alice", "bob", "carol");
    for (String user : users) {
      first.user(user, "mailHost: first");
      second.user(user, "mailHost: second");
    }
    first.user("meanwhile", "mailHost: first");
    second.user("meanwhile", "mailHost: second");
    Settings settings =
        Settings.of(first.address(), second.address()).staleFor(Duration.ofHours(1));
    try (Client client = new Client(settings)) {
      for (String user : users) {
        assertEquals("first", client.lookUp(user).mailHost());
      }
      for (String user : users) {
        first.delete("uid=" + user);
      }
      client.ticker.advance(Settings.POSITIVE);
      for (String user : users) {
        assertEquals("second", client.lookUp(user).mailHost());
      }
      client.awaitBehind(first);
      assertEquals(DirectoryServerState.State.BEHIND, client.directory.servers().get(0).state());
      client.ticker.advance(Duration.ofSeconds(2));
      assertEquals(2_000, client.directory.servers().get(0).forMillis());
      assertEquals("second", client.lookUp("meanwhile").mailHost());
      for (String user : users) {
        first.user(user, "mailHost: first");
      }
      // Each look-up may find the probe that another began still under way.
      for (int i = 0; client.isBehind(first); i++) {
        assertTrue(i < MOST_LOOKUPS, "the probe never finds the names");
        client.ticker.advance(Duration.ofNanos(LdapServers.PROBE_PAUSE));
        client.lookUp("nobody" + i);
      }
    }
  }

  // B1.11
  @Test
  void missingDomainIsNoSuchUserOnlyIfTheServerShowsTheTreeAboveIt() throws Exception {
    first.entry("ou=example.com", "ou: example.com");
    first.entry(
        "uid=alice,ou=example.com", "uid: alice", "mail: alice@example.com", "mailHost: h1");
    Settings shown =
        Settings.of(first.address()).base("ou={domain},dc=example,dc=com").cacheSize(0);
    try (Client client = new Client(shown)) {
      assertEquals(Kind.FOUND, client.lookUp("alice").kind());
      assertEquals(Kind.NO_SUCH_USER, client.lookUp("x@example.org").kind());
    }
    Settings missing =
        Settings.of(first.address()).base("ou={domain},o=mail,dc=example,dc=com").cacheSize(0);
    try (Client client = new Client(missing)) {
      assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("x@example.org").kind());
    }
    Settings elsewhere = Settings.of(first.address()).base("ou={domain},o=isp").cacheSize(0);
    try (Client client = new Client(elsewhere)) {
      assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("x@example.org").kind());
      assertEquals(1, client.directory.findings().size());
    }
    try (Client client = new Client(shown)) {
      assertEquals(List.of(), client.directory.findings());
      first.fallSickFor("", ResultCode.NO_SUCH_OBJECT);
      assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("x@example.org").kind());
    }
  }
}
