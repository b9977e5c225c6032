package org.openmmp.directory.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.unboundid.ldap.sdk.ResultCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.directory.Directory.BindResult;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Kind;

/** What one name comes to is that name's: it takes no server from the others. */
final class NamesTroubleTest {
  private LdapServerFixture server;

  @BeforeEach
  void startServer() throws Exception {
    server = LdapServerFixture.start();
    for (String user : List.of("alice", "bob", "carol", "dave", "poison")) {
      server.user(user, "mailHost: h1", "userPassword: right");
    }
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  // B1.13: with one server, and no time passes: it rests for nobody
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8, 10, 11, 12, 32, 50, 51, 52, 53, 80, 85, 118, 4096})
  void oddResultForOneNameIsAnOutageForThatNameOnly(int result) throws Exception {
    try (Client client = new Client(Settings.of(server.address()).cacheSize(0))) {
      server.fallSickFor("poison", ResultCode.valueOf(result));
      for (int i = 0; i < 5; i++) {
        assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("poison").kind());
        assertEquals(Kind.FOUND, client.lookUp("alice").kind());
      }
      assertTrue(client.isUp(server));
    }
  }

  // B1.13
  @Test
  void entryThatIsTooLargeIsAnOutageForThatNameOnly() throws Exception {
    server.user("huge", "mailHost: h1", "cn: " + "x".repeat(70_000));
    try (Client client = new Client(Settings.of(server.address()).maxEntry(65_536).cacheSize(0))) {
      for (int i = 0; i < 3; i++) {
        assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("huge").kind());
        assertEquals(Kind.FOUND, client.lookUp("alice").kind());
      }
      assertTrue(client.isUp(server));
    }
    try (Client client = new Client(Settings.of(server.address()))) {
      assertEquals(Kind.FOUND, client.lookUp("huge").kind());
    }
  }

  // B1.13: names that nobody ever found count for nothing, and neither does one that was
  @Test
  void strangersNamesThatFailSetNoServerAside() throws Exception {
    try (Client client = new Client(Settings.of(server.address()))) {
      client.lookUp("poison");
      client.ticker.advance(Settings.POSITIVE);
      server.fallSickAltogether(ResultCode.OTHER);
      for (int i = 0; i < 20; i++) {
        client.lookUp("stranger" + i);
        client.lookUp("poison");
      }
      server.recover();
      assertEquals(Kind.FOUND, client.lookUp("alice").kind());
      assertTrue(client.isUp(server));
    }
  }

  // B1.13
  @Test
  void serverThatFailsSeveralKnownNamesAndItsBaseIsSetAsideUntilItShowsTheBase() throws Exception {
    try (LdapServerFixture second = LdapServerFixture.start().user("alice", "mailHost: second");
        Client client =
            new Client(
                Settings.of(server.address(), second.address()).staleFor(Duration.ofMinutes(10)))) {
      client.directory.tryServers();
      client.awaitState(server, true);
      for (String user : List.of("alice", "bob", "carol")) {
        assertEquals("h1", client.lookUp(user).mailHost());
      }
      client.ticker.advance(Settings.POSITIVE);
      server.fallSickAltogether(ResultCode.OTHER);
      assertEquals("second", client.lookUp("alice").mailHost());
      client.lookUp("bob");
      client.lookUp("carol");
      client.awaitState(server, false);
      server.recover();
      client.ticker.advance(Duration.ofNanos(LdapServers.PROBE_PAUSE));
      client.lookUp("dave");
      client.awaitState(server, true);
    }
  }

  // B1.13: four names hang, the others do not notice
  @Test
  void slowSearchesHoldOnlyTheirShareOfTheConnections() throws Exception {
    try (Client client = new Client(Settings.of(server.address()).poolSize(2))) {
      CountDownLatch gate = server.shutGateFor("slow");
      List<CompletableFuture<LookupResult>> hanging = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        hanging.add(client.begin("slow" + i));
      }
      for (String user : List.of("alice", "bob", "carol", "dave")) {
        assertEquals(Kind.FOUND, client.begin(user).get(30, TimeUnit.SECONDS).kind());
      }
      assertTrue(hanging.stream().noneMatch(CompletableFuture::isDone));
      gate.countDown();
      for (CompletableFuture<LookupResult> each : hanging) {
        assertEquals(Kind.NO_SUCH_USER, each.get(20, TimeUnit.SECONDS).kind());
      }
    }
  }

  // B1.12: more than the old queue held, and all are served
  @Test
  void burstOfLookUpsWaitsForItsTurn() throws Exception {
    try (Client client = new Client(Settings.of(server.address()).poolSize(1))) {
      List<CompletableFuture<LookupResult>> all = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        all.add(client.begin(i % 10 == 0 ? "alice" : "name" + i));
      }
      for (CompletableFuture<LookupResult> each : all) {
        assertTrue(each.get(30, TimeUnit.SECONDS).kind() != Kind.DIRECTORY_DOWN);
      }
      assertEquals(0, client.turnedAway.get());
    }
  }

  // B1.13
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 51, 52, 80})
  void oddResultOfOneUsersBindIsThatUsersTrouble(int result) throws Exception {
    try (Client client = new Client(Settings.of(server.address()).preAuthenticated("*"))) {
      server.failBindsOf("poison", ResultCode.valueOf(result));
      LookupResult poison = client.lookUp("poison");
      LookupResult alice = client.lookUp("alice");
      for (int i = 0; i < 3; i++) {
        assertEquals(BindResult.DIRECTORY_DOWN, client.bind(poison, "right"));
        client.directory.forgetAll();
        assertEquals(BindResult.ACCEPTED, client.bind(alice, "right"));
      }
      assertTrue(client.isUp(server));
    }
  }
}
