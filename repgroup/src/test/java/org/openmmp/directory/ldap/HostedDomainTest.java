package org.openmmp.directory.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Kind;
import org.openmmp.directory.SearchTemplate;
import org.openmmp.directory.StoreNameTemplate;

/** Domains with settings of their own (rules B1.1 to B1.3, B1.8). */
class HostedDomainTest {
  private LdapServerFixture server;

  @BeforeEach
  void startServer() throws Exception {
    server = LdapServerFixture.start();
    server.entry("ou=org", "objectClass: organizationalUnit", "ou: org");
    server.entry("uid=alice", "uid: alice", "mail: alice@example.com", "mailHost: cluster1");
    server.entry("uid=alice,ou=org", "uid: alice", "mail: other@example.org");
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  private Settings settings() {
    return Settings.of(server.address())
        .hosted(
            "example.org",
            new HostedDomain(
                SearchTemplate.dn("ou=org," + LdapServerFixture.BASE),
                SearchTemplate.filter("(uid={user})"),
                "cluster2",
                StoreNameTemplate.parse("{user}"),
                true));
  }

  @Test
  void domainHasItsOwnBaseFilterStoreNameAndMailHost() throws Exception {
    try (Client client = new Client(settings())) {
      LookupResult result = client.lookUp("Alice@Example.org");
      assertEquals(Kind.FOUND, result.kind(), result.reason());
      assertEquals("alice@example.org", result.login());
      assertEquals("uid=alice,ou=org," + LdapServerFixture.BASE, result.entryDn());
      assertEquals("alice", result.storeName());
      assertEquals("cluster2", result.mailHost());
    }
  }

  @Test
  void otherDomainsAreAsTheDirectorySays() throws Exception {
    try (Client client = new Client(settings())) {
      LookupResult result = client.lookUp("alice");
      assertEquals("alice@example.com", result.storeName());
      assertEquals("cluster1", result.mailHost());
      assertEquals(Kind.NO_SUCH_USER, client.lookUp("other@example.org").kind());
    }
  }

  @Test
  void domainIsPreAuthenticatedAsItSays() { // B1.8
    try (LdapDirectory directory =
        new LdapDirectory(settings().build(), DirectoryListener.NONE, new FakeTicker())) {
      assertTrue(directory.preAuthenticates("a@example.org"));
      assertFalse(directory.preAuthenticates("a@example.com"));
      assertFalse(directory.preAuthenticates("example.org"));
    }
  }
}
