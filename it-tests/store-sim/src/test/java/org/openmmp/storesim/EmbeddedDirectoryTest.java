package org.openmmp.storesim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EmbeddedDirectoryTest {
  private static final DirectoryUser ALICE =
      new DirectoryUser("alice", "example.com", "sesame", "cluster1");

  private static LDAPConnection connect(EmbeddedDirectory directory) throws LDAPException {
    return new LDAPConnection("127.0.0.1", directory.port());
  }

  private static SearchResultEntry find(LDAPConnection connection, String filter)
      throws LDAPException {
    return connection.searchForEntry(EmbeddedDirectory.BASE_DN, SearchScope.SUB, filter);
  }

  @Test
  void usersAndTheirDomainsAreFoundAndMayBind() throws LDAPException { // B1.1, B1.8
    try (EmbeddedDirectory directory = EmbeddedDirectory.start();
        LDAPConnection connection = connect(directory)) {
      directory.add(ALICE);
      directory.add(new DirectoryUser("alice", "example.org", "other", ""));
      SearchResultEntry alice = find(connection, "(mail=alice@example.com)");
      assertEquals("cluster1", alice.getAttributeValue("mailhost"));
      assertNull(find(connection, "(mail=alice@example.org)").getAttributeValue("mailHost"));
      assertEquals(
          "active",
          find(connection, "(sunPreferredDomain=example.org)")
              .getAttributeValue("inetDomainStatus"));
      assertEquals(3, directory.searches());
      connection.bind(alice.getDN(), "sesame");
      assertEquals(
          ResultCode.INVALID_CREDENTIALS,
          assertThrows(LDAPException.class, () -> connection.bind(alice.getDN(), "wrong"))
              .getResultCode());
      connection.bind(EmbeddedDirectory.BIND_DN, EmbeddedDirectory.BIND_PASSWORD);
    }
  }

  @Test
  void entriesChangeAndGo() throws LDAPException { // B1.4
    try (EmbeddedDirectory directory = EmbeddedDirectory.start();
        LDAPConnection connection = connect(directory)) {
      directory.add(ALICE);
      directory.changeUser(ALICE.login(), "mailAlternateAddress", "a@example.com", "b@example.com");
      directory.changeUser(ALICE.login(), "mailHost");
      directory.changeDomain("example.com", "mailDomainStatus", "disabled");
      SearchResultEntry alice = find(connection, "(mailAlternateAddress=b@example.com)");
      assertNull(alice.getAttributeValue("mailHost"));
      assertEquals(
          "disabled", find(connection, "(o=example.com)").getAttributeValue("mailDomainStatus"));
      directory.removeUser(ALICE.login());
      assertNull(find(connection, "(uid=alice)"));
      assertThrows(IllegalStateException.class, () -> directory.removeUser(ALICE.login()));
    }
  }

  @Test
  void goesDownAndComesBackOnItsPortWithAllItsEntries() throws LDAPException { // B1.6
    try (EmbeddedDirectory directory = EmbeddedDirectory.start()) {
      directory.add(ALICE);
      directory.goDown();
      assertThrows(LDAPException.class, () -> connect(directory).close());
      directory.comeUp();
      try (LDAPConnection connection = connect(directory)) {
        assertEquals("alice", find(connection, "(uid=alice)").getAttributeValue("uid"));
      }
    }
  }

  @Test
  void answersLateOnRequest() throws LDAPException { // B1.7
    try (EmbeddedDirectory directory = EmbeddedDirectory.start();
        LDAPConnection connection = connect(directory)) {
      directory.slowDown(Duration.ofMillis(300));
      long start = System.nanoTime();
      find(connection, "(uid=alice)");
      assertTrue(System.nanoTime() - start >= 300_000_000L);
    }
  }

  @Test
  void passwordsAreNotPrinted() { // B6.6
    assertEquals("alice@example.com at cluster1", ALICE.toString());
  }
}
