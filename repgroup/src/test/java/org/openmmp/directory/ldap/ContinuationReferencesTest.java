package org.openmmp.directory.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Kind;

/** Servers that say "ask elsewhere" of a part of the tree (RFC 4511 section 4.5.3; B1.11). */
final class ContinuationReferencesTest {
  private LdapServerFixture first;
  private LdapServerFixture second;

  @BeforeEach
  void startServers() throws Exception {
    first = LdapServerFixture.start().user("somebody", "mailHost: first").reference("elsewhere");
    second = LdapServerFixture.start().user("somebody", "mailHost: second");
  }

  @AfterEach
  void stopServers() {
    first.close();
    second.close();
  }

  // B1.11
  @Test
  void referencesAloneAreAnOutageThatSaysSo() throws Exception {
    try (Client client = new Client(Settings.of(first.address()))) {
      LookupResult result = client.lookUp("alice");
      assertEquals(Kind.DIRECTORY_DOWN, result.kind());
      assertTrue(
          result.reason().endsWith("only refers to other servers, which are not asked"),
          result.reason());
      assertEquals("first", client.lookUp("somebody").mailHost());
      assertTrue(client.isUp(first));
    }
  }

  // B1.11
  @Test
  void referencesAloneAreNobodyWhereTheyAreIgnored() throws Exception {
    try (Client client = new Client(Settings.of(first.address()).ignoreReferences())) {
      assertEquals(Kind.NO_SUCH_USER, client.lookUp("alice").kind());
      assertEquals("first", client.lookUp("somebody").mailHost());
    }
  }

  // B1.11
  @Test
  void serverThatOnlyRefersIsFollowedByOneThatKnows() throws Exception {
    second.user("alice", "mailHost: second");
    try (Client client = new Client(Settings.of(first.address(), second.address()))) {
      assertEquals("second", client.lookUp("alice").mailHost());
      assertEquals("first", client.lookUp("somebody").mailHost());
      assertEquals(Kind.NO_SUCH_USER, client.lookUp("bob").kind());
    }
  }

  // B1.11: it is remembered no longer than any outage
  @Test
  void answerIsAskedForAgainOnceThereIsNoReferenceAnyMore() throws Exception {
    try (Client client = new Client(Settings.of(first.address()))) {
      assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("alice").kind());
      first.removeReference("elsewhere");
      assertEquals(Kind.NO_SUCH_USER, client.lookUp("alice").kind());
    }
  }

  // B1.11: several references, and a search in a base that is made of the name
  @Test
  void manyReferencesAreNoAnswerEither() throws Exception {
    first.reference("asia").reference("africa").entry("o=example.com", "o: example.com");
    Settings templated = Settings.of(first.address()).base("dc=example,dc=com").cacheSize(0);
    try (Client client = new Client(templated.filter("(&(uid={user})(mail={login}))"))) {
      assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("alice").kind());
    }
    // Below this base there is none: the answer is whole.
    try (Client client = new Client(templated.base("o={domain},dc=example,dc=com"))) {
      first.entry("uid=dora,o=example.com", "uid: dora", "mail: dora@example.com", "mailHost: h");
      assertEquals("h", client.lookUp("dora").mailHost());
      assertEquals(Kind.NO_SUCH_USER, client.lookUp("alice").kind());
    }
  }
}
