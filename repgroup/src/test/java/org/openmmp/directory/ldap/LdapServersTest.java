package org.openmmp.directory.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.unboundid.ldap.sdk.ResultCode;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Kind;

final class LdapServersTest {
  private LdapServerFixture first;
  private LdapServerFixture second;

  @BeforeEach
  void startServers() throws Exception {
    first = LdapServerFixture.start().user("alice", "mailHost: first");
    second = LdapServerFixture.start().user("alice", "mailHost: second");
  }

  @AfterEach
  void stopServers() {
    first.close();
    second.close();
  }

  // B1.6
  @Test
  void firstServerIsAskedWhileItAnswers() throws Exception {
    try (Client client = new Client(both())) {
      for (int i = 0; i < 5; i++) {
        assertEquals("first", client.lookUp("alice").mailHost());
      }
      assertEquals(0, second.searches().size());
    }
  }

  // B1.6
  @Test
  void balancedServersAreAskedInTurn() throws Exception {
    try (Client client = new Client(both().balanced())) {
      for (int i = 0; i < 10; i++) {
        client.lookUp("alice");
      }
      assertEquals(5, first.searches().size());
      assertEquals(5, second.searches().size());
    }
  }

  // B1.6
  @Test
  void secondServerServesUntilTheFirstHasRecovered() throws Exception {
    try (Client client = new Client(both())) {
      client.lookUp("alice");
      int port = first.port();
      first.close();
      assertEquals("second", client.lookUp("alice").mailHost());
      client.awaitState(first, false);
      first = LdapServerFixture.startAt(port).user("alice", "mailHost: first");
      assertEquals("second", client.lookUp("alice").mailHost());
      client.ticker.advance(Duration.ofNanos(LdapServers.PROBE_PAUSE));
      client.lookUp("alice");
      client.awaitState(first, true);
      assertEquals("first", client.lookUp("alice").mailHost());
    }
  }

  // B1.6, B8.3
  @Test
  void serversAreFoundAgainThoughNobodyAsks() throws Exception {
    try (Client client = new Client(both())) {
      client.lookUp("alice");
      int port = first.port();
      int other = second.port();
      first.close();
      second.close();
      client.lookUp("bob");
      client.awaitState(first, false);
      client.awaitState(second, false);
      first = LdapServerFixture.startAt(port).user("alice", "mailHost: first");
      second = LdapServerFixture.startAt(other).user("alice", "mailHost: second");
      client.ticker.advance(Duration.ofNanos(LdapServers.PROBE_PAUSE));
      client.awaitState(first, true);
      client.awaitState(second, true);
    }
  }

  // B8.3
  @Test
  void stateOfEachServerIsToldAndSinceWhen() throws Exception {
    try (Client client = new Client(both())) {
      client.ticker.advance(Duration.ofSeconds(1));
      assertEquals("UNTRIED 0, UNTRIED 0", states(client));
      client.lookUp("alice");
      client.ticker.advance(Duration.ofSeconds(2));
      client.lookUp("alice");
      assertEquals("UP 2, UNTRIED 0", states(client));
      int port = first.port();
      first.close();
      client.lookUp("alice");
      client.awaitState(first, false);
      client.ticker.advance(Duration.ofNanos(LdapServers.PROBE_PAUSE).minusSeconds(1));
      long rested = Duration.ofNanos(LdapServers.PROBE_PAUSE).toSeconds() - 1;
      assertEquals("ASIDE " + rested + ", UP " + rested, states(client));
      assertEquals(1_000, client.directory.servers().get(0).restMillis());
      assertTrue(client.directory.servers().get(0).why().contains("refused"));
      first = LdapServerFixture.startAt(port).user("alice", "mailHost: first");
      client.ticker.advance(Duration.ofSeconds(1));
      client.lookUp("alice");
      client.awaitState(first, true);
      client.ticker.advance(Duration.ofSeconds(4));
      assertEquals("UP 4, UP " + (rested + 5), states(client));
    }
  }

  private static String states(Client client) {
    return client.directory.servers().stream()
        .map(each -> each.state() + " " + each.forMillis() / 1000)
        .collect(Collectors.joining(", "));
  }

  // B1.6: the pool's connections are closed behind its back
  @Test
  void connectionThatTheServerClosedCostsNoFailedLookUp() throws Exception {
    try (Client client = new Client(both())) {
      client.lookUp("alice");
      first.dropConnections();
      assertEquals("first", client.lookUp("alice").mailHost());
      assertEquals(0, second.searches().size());
    }
  }

  // B1.6, R8: results that are no answer
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 10, 11, 50, 51, 52, 53, 80})
  void serverThatCannotAnswerIsFollowedByTheNext(int result) throws Exception {
    first.fallSick(ResultCode.valueOf(result));
    try (Client client = new Client(both())) {
      assertEquals("second", client.lookUp("alice").mailHost());
      second.fallSick(ResultCode.valueOf(result));
      assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("alice").kind());
    }
  }

  // B1.6, R8
  @Test
  void serverThatHangsCostsItsTimeLimitOnce() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      DirectoryConfig.Server hung =
          new DirectoryConfig.Server("localhost", silent.getLocalPort(), false);
      Settings settings =
          Settings.of(hung, second.address()).searchTimeout(Duration.ofMillis(300)).cacheSize(0);
      try (Client client = new Client(settings)) {
        assertEquals("second", client.lookUp("alice").mailHost());
        for (int i = 0; i < 20; i++) {
          assertEquals("second", client.lookUp("alice").mailHost());
        }
        assertEquals(1, connectionsTo(silent));
        client.ticker.advance(Duration.ofNanos(LdapServers.PROBE_PAUSE));
        assertEquals("second", client.lookUp("alice").mailHost());
      }
    }
  }

  // B1.6, B1.13: a server that takes connections and says nothing, where nobody binds
  @Test
  void serverThatWasNeverHeardIsSetAsideThoughItTakesConnections() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      DirectoryConfig.Server hung =
          new DirectoryConfig.Server("localhost", silent.getLocalPort(), false);
      Settings settings =
          Settings.of(hung, second.address())
              .anonymous()
              .searchTimeout(Duration.ofMillis(300))
              .cacheSize(0);
      try (Client client = new Client(settings)) {
        assertEquals("second", client.lookUp("alice").mailHost());
        client.awaitState("localhost:" + silent.getLocalPort(), false);
        int connections = connectionsTo(silent);
        for (int i = 0; i < 20; i++) {
          assertEquals("second", client.lookUp("alice").mailHost());
        }
        assertEquals(0, connectionsTo(silent), connections + " before");
      }
    }
  }

  // B1.6, B1.13
  @Test
  void slowSearchEndsWithItsTimeLimitAtTheNextServerAndIsNoReasonToLeaveTheFirst()
      throws Exception {
    first.user("bob", "mailHost: first");
    first.shutGateFor("alice");
    Settings settings = both().searchTimeout(Duration.ofMillis(300));
    try (Client client = new Client(settings)) {
      assertEquals("second", client.lookUp("alice").mailHost());
      assertEquals("first", client.lookUp("bob").mailHost());
      assertTrue(client.isUp(first));
    }
  }

  // B1.6: when all are down nobody waits, and nobody storms
  @Test
  void allServersDownIsAnsweredAtOnceUntilTheyHaveRested() throws Exception {
    Settings settings = Settings.of(first.address()).cacheSize(0);
    try (Client client = new Client(settings)) {
      int port = first.port();
      first.close();
      assertEquals(Kind.DIRECTORY_DOWN, client.lookUp("alice").kind());
      first = LdapServerFixture.startAt(port).user("alice", "mailHost: first");
      LookupResult resting = client.lookUp("alice");
      assertEquals(Kind.DIRECTORY_DOWN, resting.kind());
      assertTrue(
          resting
              .reason()
              .endsWith(
                  "every server failed a moment ago: no connection to localhost: connection"
                      + " refused"),
          resting.reason());
      client.ticker.advance(Duration.ofNanos(LdapServers.ALL_DOWN_PAUSE));
      assertEquals("first", client.lookUp("alice").mailHost());
    }
  }

  // B1.6: a refused bind of ours is an outage, told without the password
  @Test
  void wrongBindPasswordIsAnOutageThatNamesNoPassword() throws Exception {
    Settings settings = Settings.of(first.address()).bindPassword("not-the-secret");
    try (Client client = new Client(settings)) {
      LookupResult result = client.lookUp("alice");
      assertEquals(Kind.DIRECTORY_DOWN, result.kind());
      assertEquals(
          "the bind DN " + LdapServerFixture.ADMIN + " was refused: invalid credentials",
          result.reason());
    }
  }

  // B1.6
  @Test
  void serverWhoseNameDoesNotResolveIsToldSo() throws Exception {
    DirectoryConfig.Server nowhere = new DirectoryConfig.Server("ldap.invalid", 389, false);
    try (Client client = new Client(Settings.of(nowhere))) {
      assertEquals(
          "no connection to ldap.invalid: its name does not resolve",
          client.lookUp("alice").reason());
    }
  }

  @Test
  void lookUpsOfManyNamesAtOnceAllEnd() throws Exception {
    try (Client client = new Client(both().balanced())) {
      var all = IntStream.range(0, 90).mapToObj(i -> client.begin("u" + i));
      for (var each : all.toList()) {
        assertEquals(Kind.NO_SUCH_USER, each.get(30, TimeUnit.SECONDS).kind());
      }
    }
  }

  private static int connectionsTo(ServerSocket silent) throws Exception {
    silent.setSoTimeout(50);
    for (int count = 0; ; count++) {
      try {
        silent.accept().close();
      } catch (SocketTimeoutException e) {
        return count;
      }
    }
  }

  private Settings both() {
    return Settings.of(first.address(), second.address()).cacheSize(0);
  }
}
