package org.openmmp.directory.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmmp.directory.CertificateIdentity;
import org.openmmp.directory.DirectoryListener;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Kind;

/** Entries that certificates stand for (rules B1.9, B3.1, T11). */
class CertificateOwnersTest {
  private LdapServerFixture server;

  @BeforeEach
  void startServer() throws Exception {
    server = LdapServerFixture.start();
    server.entry(
        "uid=alice", "uid: alice", "mail: alice@example.com", "mailHost: cluster1", "cn: 4711");
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  private static CertificateIdentity matching(String filter, String loginAttribute) {
    return new CertificateIdentity("", filter, LdapServerFixture.BASE, loginAttribute);
  }

  private LookupResult lookUp(CertificateIdentity identity) throws Exception {
    LookupRequest request =
        new LookupRequest("", "", "imap", true, "192.0.2.7", "192.0.2.1").by(identity);
    try (LdapDirectory directory =
        new LdapDirectory(
            Settings.of(server.address()).build(), DirectoryListener.NONE, new FakeTicker())) {
      return directory.lookUp(request).toCompletableFuture().get();
    }
  }

  @Test
  void loginNameOfTheOneEntryIsTheUser() throws Exception {
    for (String attribute : List.of("mail", "uid")) {
      LookupResult result = lookUp(matching("(cn=4711)", attribute));
      assertEquals(Kind.FOUND, result.kind(), result.reason());
      assertEquals("alice@example.com", result.login());
      assertEquals("cluster1", result.mailHost());
    }
  }

  @Test
  void certificateOfNoEntryIsAFailedLogin() throws Exception { // T11
    assertEquals(Kind.NO_SUCH_USER, lookUp(matching("(cn=12)", "mail")).kind());
  }

  @Test
  void certificateOfTwoEntriesIsAnErrorAndNoGuess() throws Exception { // B1.9
    server.entry("uid=bob", "uid: bob", "mail: bob@example.com", "mailHost: h", "cn: 4711");
    assertEquals(Kind.AMBIGUOUS, lookUp(matching("(cn=4711)", "mail")).kind());
  }

  @Test
  void entryWithoutOneLoginNameCannotBeUsed() throws Exception {
    LookupResult none = lookUp(matching("(cn=4711)", "sn"));
    assertEquals(Kind.BAD_ENTRY, none.kind());
    assertTrue(none.reason().contains("0 values of sn"), none.reason());
  }

  @Test
  void loginNameThatLeadsToAnotherEntryIsNotUsed() throws Exception { // R9
    server.entry("uid=mallory", "uid: mallory", "cn: 12", "mailHost: h", "description: alice");
    LookupResult result = lookUp(matching("(cn=12)", "description"));
    assertEquals(Kind.BAD_ENTRY, result.kind());
    assertTrue(result.reason().contains("another entry"), result.reason());
  }

  @Test
  void outageIsNoWrongCertificate() throws Exception { // R8
    server.close();
    assertEquals(Kind.DIRECTORY_DOWN, lookUp(matching("(cn=4711)", "mail")).kind());
  }
}
