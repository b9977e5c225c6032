package org.openmmp.directory.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmmp.directory.Directory.BindResult;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Kind;

final class UserBindTest {
  private LdapServerFixture server;

  @BeforeEach
  void startServer() throws Exception {
    server = LdapServerFixture.start();
    server.user("alice", "mailHost: h1", "userPassword: wonderland");
    server.user("bob", "mailHost: h1");
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  // B1.8
  @Test
  void rightPasswordIsAcceptedAndAnyOtherRejected() throws Exception {
    try (Client client = client()) {
      LookupResult alice = client.lookUp("alice");
      assertEquals(BindResult.ACCEPTED, client.bind(alice, "wonderland"));
      assertEquals(BindResult.REJECTED, client.bind(alice, "Wonderland"));
      assertEquals(BindResult.REJECTED, client.bind(alice, "wonderland\0"));
      assertEquals(BindResult.REJECTED, client.bind(client.lookUp("bob"), "wonderland"));
    }
  }

  // B1.8, RFC 4513 section 5.1.2: no bind without a name or a password ever leaves
  @Test
  void emptyPasswordNeverReachesTheServer() throws Exception {
    try (Client client = client()) {
      LookupResult alice = client.lookUp("alice");
      LookupResult nobody = LookupResult.failed(Kind.NO_SUCH_USER, "nobody", "");
      int before = server.binds();
      assertEquals(BindResult.REJECTED, client.bind(alice, ""));
      assertEquals(BindResult.REJECTED, client.bind(nobody, "wonderland"));
      assertEquals(before, server.binds());
    }
  }

  // B1.8
  @Test
  void onlySuccessesAreRememberedAndOnlyForTheirTime() throws Exception {
    try (Client client = client()) {
      LookupResult alice = client.lookUp("alice");
      int before = server.binds();
      client.bind(alice, "wonderland");
      client.bind(alice, "wonderland");
      assertEquals(before + 1, server.binds());
      client.bind(alice, "wrong");
      client.bind(alice, "wrong");
      assertEquals(before + 3, server.binds());
      client.bind(alice, "wonderland");
      assertEquals(before + 3, server.binds());
      client.ticker.advance(Settings.SUCCESS);
      client.bind(alice, "wonderland");
      assertEquals(before + 4, server.binds());
    }
  }

  // B1.7, B1.8
  @Test
  void forgottenUserIsAskedForAgain() throws Exception {
    try (Client client = client()) {
      LookupResult alice = client.lookUp("alice");
      client.bind(alice, "wonderland");
      server.modify("uid=alice", "replace: userPassword", "userPassword: changed");
      client.directory.forget("ALICE");
      assertEquals(BindResult.REJECTED, client.bind(alice, "wonderland"));
      client.bind(alice, "changed");
      client.directory.forgetAll();
      server.modify("uid=alice", "replace: userPassword", "userPassword: again");
      assertEquals(BindResult.REJECTED, client.bind(alice, "changed"));
    }
  }

  // B1.8: a user's bind does not change whom the searches are bound as
  @Test
  void searchesStayBoundAsConfigured() throws Exception {
    try (Client client = new Client(Settings.of(server.address()).poolSize(1).cacheSize(0))) {
      LookupResult alice = client.lookUp("alice");
      int before = server.binds();
      client.bind(alice, "wonderland");
      client.bind(alice, "wrong");
      client.lookUp("bob");
      client.lookUp("alice");
      assertEquals(before + 2, server.binds());
    }
  }

  // B1.8
  @Test
  void withoutAServerThePasswordIsNeitherRightNorWrong() throws Exception {
    try (Client client = client()) {
      LookupResult alice = client.lookUp("alice");
      server.close();
      assertEquals(BindResult.DIRECTORY_DOWN, client.bind(alice, "wonderland"));
    }
  }

  // B1.8
  @Test
  void preAuthenticationIsPerDomainAndOffByDefault() throws Exception {
    Settings settings = Settings.of(server.address());
    try (Client none = new Client(settings);
        Client some = new Client(settings.preAuthenticated("example.com", "example.net"));
        Client other = new Client(settings.preAuthenticated("example.net"));
        Client all = new Client(settings.preAuthenticated("*"))) {
      LookupResult alice = none.lookUp("alice");
      assertFalse(none.directory.preAuthenticates(alice.login()));
      assertTrue(some.directory.preAuthenticates(alice.login()));
      assertFalse(other.directory.preAuthenticates(alice.login()));
      assertTrue(all.directory.preAuthenticates(alice.login()));
    }
  }

  private Client client() {
    return new Client(Settings.of(server.address()));
  }
}
