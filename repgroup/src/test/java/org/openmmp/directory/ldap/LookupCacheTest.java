package org.openmmp.directory.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.unboundid.ldap.sdk.ResultCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Freshness;
import org.openmmp.directory.LookupResult.Kind;

final class LookupCacheTest {
  private static final Duration MOMENT = Duration.ofMillis(1);

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

  // B1.7
  @Test
  void foundEntryServesForThePositiveTimeToLive() throws Exception {
    try (Client client = new Client(settings())) {
      client.lookUp("alice");
      client.ticker.advance(Settings.POSITIVE.minus(MOMENT));
      assertEquals(Freshness.CACHED, client.lookUp("alice").freshness());
      client.ticker.advance(MOMENT);
      assertEquals(Freshness.LOOKED_UP, client.lookUp("alice").freshness());
      assertEquals(2, server.searches().size());
      assertEquals(Map.of(Freshness.LOOKED_UP, 2, Freshness.CACHED, 1), client.lookups);
    }
  }

  // B8.4
  @Test
  void answerTellsHowOldItIs() throws Exception {
    try (Client client = new Client(settings().staleFor(Duration.ofHours(1)))) {
      assertEquals(Duration.ZERO, client.lookUp("alice").age());
      assertEquals(Duration.ZERO, client.lookUp("bob").age());
      client.ticker.advance(Duration.ofSeconds(3));
      assertEquals(Duration.ofSeconds(3), client.lookUp("alice").age());
      assertEquals(Duration.ofSeconds(3), client.lookUp("bob").age());
      server.close();
      client.ticker.advance(Settings.POSITIVE);
      LookupResult stale = client.lookUp("alice");
      assertEquals(Freshness.STALE, stale.freshness());
      assertEquals(Settings.POSITIVE.plusSeconds(3), stale.age());
    }
  }

  // B1.7
  @Test
  void unknownNameServesForTheNegativeTimeToLive() throws Exception {
    try (Client client = new Client(settings())) {
      client.lookUp("bob");
      client.ticker.advance(Settings.NEGATIVE.minus(MOMENT));
      assertEquals(Freshness.CACHED, client.lookUp("bob").freshness());
      server.user("bob", "mailHost: h2");
      client.ticker.advance(MOMENT);
      assertEquals("h2", client.lookUp("bob").mailHost());
    }
  }

  // B1.7: what an administrator mends is seen soon
  @Test
  void inactiveUserIsKeptNoLongerThanAnUnknownOne() throws Exception {
    server.user("bob", "mailHost: h2", "mailUserStatus: hold");
    try (Client client = new Client(settings())) {
      assertEquals(Kind.INACTIVE, client.lookUp("bob").kind());
      server.modify("uid=bob", "replace: mailUserStatus", "mailUserStatus: active");
      client.ticker.advance(Settings.NEGATIVE);
      assertEquals(Kind.FOUND, client.lookUp("bob").kind());
    }
  }

  // B1.7
  @Test
  void entryInUseIsLookedUpAheadOfItsEnd() throws Exception {
    try (Client client = new Client(settings().refreshAhead(Duration.ofSeconds(5)))) {
      client.lookUp("alice");
      client.ticker.advance(Settings.POSITIVE.minusSeconds(5));
      CountDownLatch gate = server.shutGate();
      assertEquals(Freshness.CACHED, client.lookUp("alice").freshness());
      assertEquals(Freshness.CACHED, client.lookUp("alice").freshness());
      server.awaitArrival();
      assertEquals(2, server.searches().size());
      client.ticker.advance(Duration.ofSeconds(6));
      CompletableFuture<LookupResult> joined = client.begin("alice");
      gate.countDown();
      assertEquals(Kind.FOUND, joined.get(30, TimeUnit.SECONDS).kind());
      assertEquals(2, server.searches().size());
      assertEquals(Freshness.CACHED, client.lookUp("alice").freshness());
    }
  }

  // B1.7
  @Test
  void oneLookUpIsUnderWayForOneName() throws Exception {
    CountDownLatch gate = server.shutGate();
    try (Client client = new Client(settings())) {
      List<CompletableFuture<LookupResult>> waiting = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        waiting.add(client.begin(i % 2 == 0 ? "alice" : "ALICE@example.com"));
      }
      server.awaitArrival();
      gate.countDown();
      for (CompletableFuture<LookupResult> each : waiting) {
        assertEquals("h1", each.get(30, TimeUnit.SECONDS).mailHost());
      }
      assertEquals(1, server.searches().size());
    }
  }

  // B1.7, B7.3: other settings of the way there, and nobody has to be looked up again
  @Test
  void memoryIsTakenOverWithItsAge() throws Exception {
    try (Client client = new Client(settings())) {
      client.lookUp("alice");
      client.lookUp("nobody");
      client.ticker.advance(Settings.POSITIVE.minus(MOMENT));
      try (LdapDirectory other =
          new LdapDirectory(settings().poolSize(3).build(), client, client.ticker)) {
        other.rememberAs(client.directory);
        LookupResult alice = other.lookUp(Client.login("alice")).toCompletableFuture().get();
        assertEquals(Freshness.CACHED, alice.freshness());
        assertEquals(Settings.POSITIVE.minus(MOMENT), alice.age());
        assertEquals(2, server.searches().size());
        client.ticker.advance(MOMENT);
        alice = other.lookUp(Client.login("alice")).toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertEquals(Freshness.LOOKED_UP, alice.freshness());
        other.forget("alice");
        alice = other.lookUp(Client.login("alice")).toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertEquals(Freshness.LOOKED_UP, alice.freshness());
      }
    }
  }

  // B1.7, B1.13: who remembers nothing, as after a reload with another filter, asks at its pace
  @Test
  void everybodyAtOnceBehindAnEmptyMemoryIsNoStormForTheDirectory() throws Exception {
    CountDownLatch gate = server.shutGate();
    try (Client client = new Client(settings().poolSize(2))) {
      List<CompletableFuture<LookupResult>> waiting = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        waiting.add(client.begin("user" + i % 200));
      }
      server.awaitArrival();
      // Two at a time, and another where one has had its second: far fewer than there are names.
      int asked = server.searches().size();
      assertTrue(asked < 50, asked + " searches");
      gate.countDown();
      for (CompletableFuture<LookupResult> each : waiting) {
        each.get(60, TimeUnit.SECONDS);
      }
      int all = server.searches().size();
      assertTrue(all < 250, all + " searches for 200 names");
    }
  }

  // B1.7: a slow directory slows nobody whose look-up is cached, not even with its queue full
  @Test
  void cachedLookUpNeverWaitsForTheDirectory() throws Exception {
    try (Client client = new Client(settings().poolSize(1))) {
      client.lookUp("alice");
      CountDownLatch gate = server.shutGate();
      List<CompletableFuture<LookupResult>> waiting = new ArrayList<>();
      waiting.add(client.begin("user"));
      server.awaitArrival();
      for (int i = 0; i < 500; i++) {
        waiting.add(client.begin("user" + i));
      }
      assertTrue(waiting.stream().noneMatch(CompletableFuture::isDone));
      assertEquals("h1", client.begin("alice").getNow(null).mailHost());
      assertEquals(0, client.turnedAway.get());

      gate.countDown();
      for (CompletableFuture<LookupResult> each : waiting) {
        assertEquals(Kind.NO_SUCH_USER, each.get(30, TimeUnit.SECONDS).kind());
      }
    }
  }

  // B2.6 in spirit: who waited past every limit is told so and does not ask in vain
  @Test
  void lookUpThatWaitedTooLongIsTurnedAway() throws Exception {
    try (Client client = new Client(settings().poolSize(1))) {
      CountDownLatch gate = server.shutGate();
      CompletableFuture<LookupResult> first = client.begin("alice");
      server.awaitArrival();
      CompletableFuture<LookupResult> second = client.begin("bob");
      client.ticker.advance(Duration.ofMinutes(1));
      gate.countDown();
      assertEquals(Kind.FOUND, first.get(30, TimeUnit.SECONDS).kind());
      assertEquals(Kind.DIRECTORY_DOWN, second.get(30, TimeUnit.SECONDS).kind());
      assertEquals(1, server.searches().size());
    }
  }

  // B1.7
  @Test
  void staleEntryServesWhileEveryServerIsDownAndNoLonger() throws Exception {
    Duration staleFor = Duration.ofMinutes(10);
    try (Client client = new Client(settings().staleFor(staleFor))) {
      client.lookUp("alice");
      client.lookUp("bob");
      server.close();
      client.ticker.advance(Settings.POSITIVE);
      LookupResult first = client.lookUp("alice");
      assertEquals(Freshness.STALE, first.freshness());
      assertEquals("h1", first.mailHost());
      assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("bob").kind());
      client.ticker.advance(staleFor.minus(MOMENT));
      assertEquals(Freshness.STALE, client.begin("alice").getNow(null).freshness());
      client.ticker.advance(MOMENT);
      assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("alice").kind());
    }
  }

  // B1.7
  @Test
  void withoutStaleTimeAnOutageIsAnOutage() throws Exception {
    try (Client client = new Client(settings())) {
      client.lookUp("alice");
      server.close();
      assertEquals(Freshness.CACHED, client.lookUp("alice").freshness());
      client.ticker.advance(Settings.POSITIVE);
      assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("alice").kind());
    }
  }

  // B1.7: an entry that was removed is not served as stale
  @Test
  void removedEntryIsGoneOnceTheDirectorySaysSo() throws Exception {
    try (Client client = new Client(settings().staleFor(Duration.ofHours(1)))) {
      client.lookUp("alice");
      server.delete("uid=alice");
      client.ticker.advance(Settings.POSITIVE);
      // B1.11: it was found before, so nobody is told at once that there is no such user
      assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("alice").kind());
      client.ticker.advance(Duration.ofNanos(EmptyAnswers.PAUSE));
      assertEquals(Kind.NO_SUCH_USER, client.lookUp("alice").kind());
      server.close();
      client.ticker.advance(Settings.NEGATIVE);
      assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("alice").kind());
    }
  }

  // B1.7
  @Test
  void outageIsNeverCached() throws Exception {
    server.fallSick(ResultCode.UNAVAILABLE);
    try (Client client = new Client(settings())) {
      assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("alice").kind());
      assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("alice").kind());
      assertEquals(2, server.searches().size());
    }
  }

  // B1.7
  @Test
  void forgottenNameIsLookedUpInAnySpelling() throws Exception {
    server.user("bob", "mailHost: h1");
    try (Client client = new Client(settings())) {
      for (String spelling : List.of("alice", "Alice@EXAMPLE.com", "alice@example.com.")) {
        client.lookUp("alice");
        client.lookUp("bob");
        client.directory.forget(spelling);
        assertEquals(Freshness.LOOKED_UP, client.lookUp("alice").freshness());
        assertEquals(Freshness.CACHED, client.lookUp("bob").freshness());
      }
      client.directory.forgetDomain("Example.COM");
      assertEquals(Freshness.LOOKED_UP, client.lookUp("alice").freshness());
      client.directory.forgetDomain("example.org");
      assertEquals(Freshness.CACHED, client.lookUp("alice").freshness());
      client.directory.forgetAll();
      assertEquals(Freshness.LOOKED_UP, client.lookUp("bob").freshness());
    }
  }

  // B1.7: whatever else the filter uses, and whatever the delimiters are
  @Test
  void forgettingDropsEveryKeyOfAName() throws Exception {
    Settings settings =
        settings().delimiters("%").filter("(&(mail={login})(!(cn={original}{clientIp})))");
    try (Client client = new Client(settings)) {
      client.lookUp("alice");
      client.lookUp("Alice%example.com");
      client.lookUp("alice", "imap", "192.0.2.9");
      client.lookUp("bob");
      assertEquals(4, server.searches().size());
      client.directory.forget("alice@example.com");
      client.lookUp("alice");
      client.lookUp("Alice%example.com");
      client.lookUp("alice", "imap", "192.0.2.9");
      client.lookUp("bob");
      assertEquals(7, server.searches().size());
    }
  }

  // B1.7: an answer that was on its way when the name was forgotten is old
  @Test
  void lookUpUnderWayWhenANameIsForgottenIsNotKept() throws Exception {
    try (Client client = new Client(settings())) {
      CountDownLatch gate = server.shutGate();
      CompletableFuture<LookupResult> early = client.begin("alice");
      server.awaitArrival();
      client.directory.forget("alice");
      gate.countDown();
      early.get(30, TimeUnit.SECONDS);
      assertEquals(Freshness.LOOKED_UP, client.lookUp("alice").freshness());
      assertEquals(Freshness.CACHED, client.lookUp("alice").freshness());
    }
  }

  // R13
  @Test
  void sprayedNamesFillABoundedSpaceAndPushNobodyOut() throws Exception {
    try (Client client = new Client(settings().cacheSize(40))) {
      client.lookUp("alice");
      for (int i = 0; i < 500; i++) {
        assertEquals(Kind.NO_SUCH_USER, client.lookUp("name" + i).kind());
      }
      assertEquals(Freshness.CACHED, client.lookUp("alice").freshness());
      server.searches().clear();
      for (int i = 0; i < 500; i++) {
        client.lookUp("name" + i);
      }
      assertTrue(server.searches().size() >= 490, () -> "" + server.searches().size());
    }
  }

  @Test
  void cacheOfSizeZeroKeepsNothing() throws Exception {
    try (Client client = new Client(settings().cacheSize(0))) {
      client.lookUp("alice");
      assertEquals(Freshness.LOOKED_UP, client.lookUp("alice").freshness());
    }
  }

  @Test
  void closingAnswersThoseWhoWait() throws Exception {
    Client client = new Client(settings().poolSize(1));
    CountDownLatch gate = server.shutGate();
    CompletableFuture<LookupResult> asked = client.begin("alice");
    server.awaitArrival();
    CompletableFuture<LookupResult> waiting = client.begin("bob");
    assertFalse(waiting.isDone());
    client.close();
    assertEquals(Kind.DIRECTORY_DOWN, waiting.getNow(null).kind());
    assertEquals(Kind.DIRECTORY_DOWN, client.begin("carol").getNow(null).kind());
    gate.countDown();
    assertTrue(asked.get(20, TimeUnit.SECONDS) != null);
  }

  private Settings settings() {
    return Settings.of(server.address());
  }
}
