package org.openmmp.directory.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Freshness;
import org.openmmp.directory.LookupResult.Kind;

/** Look-ups by callers who are about to refuse somebody by what is remembered (B1.10). */
final class NoOldAnswerTest {
  private LdapServerFixture server;

  @BeforeEach
  void startServer() throws Exception {
    server = LdapServerFixture.start();
    server.user("alice", "mailHost: h1");
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  // B1.10
  @Test
  void doubtIsAnsweredFromMemoryForFiveSecondsAndAskedAfterThat() throws Exception {
    try (Client client = new Client(Settings.of(server.address()))) {
      client.lookUp("alice");
      server.modify("uid=alice", "replace: mailHost", "mailHost: h2");
      client.ticker.advance(AccountCache.RECENT.minusMillis(1));
      assertEquals("h1", client.ask(Client.login("alice").doubting(false)).mailHost());
      client.ticker.advance(java.time.Duration.ofMillis(1));
      LookupResult fresh = client.ask(Client.login("alice").doubting(false));
      assertEquals("h2", fresh.mailHost());
      assertEquals(Freshness.LOOKED_UP, fresh.freshness());
      assertEquals("h2", client.ask(Client.login("alice").doubting(false)).mailHost());
      assertEquals(2, server.searches().size());
      assertEquals("h2", client.lookUp("alice").mailHost());
    }
  }

  // B1.10: an unknown address that was made meanwhile
  @Test
  void doubtFindsWhoWasUnknown() throws Exception {
    try (Client client = new Client(Settings.of(server.address()))) {
      assertEquals(Kind.NO_SUCH_USER, client.recipient("new@example.com").kind());
      server.user("new", "mailHost: h1");
      client.ticker.advance(AccountCache.RECENT);
      assertEquals(Kind.NO_SUCH_USER, client.recipient("new@example.com").kind());
      assertEquals(
          Kind.FOUND, client.ask(Client.delivery("new@example.com").doubting(false)).kind());
    }
  }

  // B1.10
  @Test
  void unprovenLoginsOfOneNetworkDoubtTenTimesASecond() throws Exception {
    try (Client client = new Client(Settings.of(server.address()))) {
      for (int i = 0; i < 15; i++) {
        client.lookUp("guess" + i);
      }
      client.ticker.advance(AccountCache.RECENT);
      int before = server.searches().size();
      for (int i = 0; i < 15; i++) {
        LookupResult again = client.ask(Client.login("guess" + i).doubting(false));
        assertEquals(Kind.NO_SUCH_USER, again.kind());
      }
      assertEquals(before + Rechecks.FOR_ONE_NETWORK, server.searches().size());
      client.ask(Client.login("guess14").doubting(true));
      assertEquals(before + Rechecks.FOR_ONE_NETWORK + 1, server.searches().size());
    }
  }

  // B1.10
  @Test
  void recipientsMayHoldHalfOfTheConnectionsAndWhoFindsNoRoomWaits() throws Exception {
    try (Client client = new Client(Settings.of(server.address()).poolSize(4))) {
      for (int i = 0; i < 3; i++) {
        client.recipient("r" + i + "@example.com");
      }
      client.ticker.advance(AccountCache.RECENT);
      CountDownLatch gate = server.shutGate();
      List<CompletableFuture<LookupResult>> asked = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        asked.add(client.beginAsking(Client.delivery("r" + i + "@example.com").doubting(false)));
      }
      assertEquals(Kind.DIRECTORY_DOWN, asked.get(2).getNow(null).kind());
      gate.countDown();
      assertEquals(Kind.NO_SUCH_USER, asked.get(0).get(30, TimeUnit.SECONDS).kind());
      assertEquals(Kind.NO_SUCH_USER, asked.get(1).get(30, TimeUnit.SECONDS).kind());
      assertEquals(
          Kind.NO_SUCH_USER, client.ask(Client.delivery("r2@example.com").doubting(false)).kind());
    }
  }

  // B1.10
  @Test
  void doubtThatNobodyAnswersIsAnOutageAndNotTheOldAnswer() throws Exception {
    try (Client client =
        new Client(Settings.of(server.address()).staleFor(java.time.Duration.ofHours(1)))) {
      client.lookUp("alice");
      client.ticker.advance(AccountCache.RECENT);
      server.close();
      assertEquals(Kind.DIRECTORY_DOWN, client.ask(Client.login("alice").doubting(false)).kind());
      assertEquals(Freshness.CACHED, client.lookUp("alice").freshness());
    }
  }

  // B5.11
  @Test
  void wholeAddressComesBeforeTheOneWithoutItsDetailInOneSearch() throws Exception {
    server.user("hr", "mailHost: h1");
    server.entry("cn=jobs", "cn: jobs", "mail: hr+jobs@example.com", "mailHost: h2");
    server.entry("cn=c", "cn: c", "mail: c++@example.com", "mailHost: h3");
    try (Client client = new Client(Settings.of(server.address()))) {
      LookupResult jobs = client.recipient("hr+jobs@example.com", "hr@example.com");
      assertEquals("h2", jobs.mailHost());
      assertEquals("hr+jobs@example.com", jobs.askedAs());
      LookupResult other = client.recipient("HR+x@example.com", "HR@example.com");
      assertEquals("h1", other.mailHost());
      assertEquals("HR@example.com", other.askedAs());
      LookupResult c = client.recipient("c++@example.com", "c+@example.com", "c@example.com");
      assertEquals("h3", c.mailHost());
      LookupResult none = client.recipient("z+y+x@example.com", "z+y@example.com", "z@example.com");
      assertEquals(Kind.NO_SUCH_USER, none.kind());
      assertEquals(4, server.searches().size());
      assertTrue(client.recipient("hr+x@example.com", "hr@example.com").isRemembered());
      assertTrue(client.recipient("hr@example.com").isRemembered());
      assertEquals(4, server.searches().size());
    }
  }
}
