package org.openmmp.proxy.session;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.directory.CertificateIdentity;
import org.openmmp.directory.LookupResult;
import org.openmmp.guard.Farewell;
import org.openmmp.guard.LimitsConfig;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.client.SessionStep;
import org.openmmp.proxy.store.LoginAttempt;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.AttemptStage;
import org.openmmp.repgroup.Stay;
import org.openmmp.wire.NetworkSet;
import org.openmmp.wire.Secret;

class FrontEndSessionTest {
  private static final LimitsConfig ONE_SESSION =
      new LimitsConfig(0, 0, 1, 0, NetworkSet.NONE, SessionRig.noPenalty());

  private final SessionRig rig = new SessionRig(ONE_SESSION);

  @Test // B3.4
  void handOverTakesWhatWasPipelinedBehindTheLogin() {
    TestClient client = rig.client();
    client.say("bob secret\nSELECT INBOX\nFET");
    client.found("ducks");
    client.say("CH 1\n");
    client.accepts();
    SessionStep.HandOver joined = client.handOver;
    assertNotNull(joined);
    assertEquals("SELECT INBOX\nFETCH 1\n", new String(joined.toStore(), US_ASCII));
    assertEquals("hello\nyes welcome\n", client.heard());
    assertFalse(client.session.wantsClientBytes());
  }

  // B2.6
  @Test
  void greetingHasItsOwnTimeFromTheConnectOn() {
    TestClient client = rig.atTheDucks();
    assertEquals(
        rig.clock.in(SessionRig.CONNECT.plus(SessionRig.GREETING)), client.session.deadlineNanos());
    client.session.onProgress(client.present(), AttemptStage.GREETING, rig.clock.now());
    assertEquals(rig.clock.in(SessionRig.GREETING), client.session.deadlineNanos());
  }

  /** Ways in which a session ends while its login is in some state. */
  static Stream<Arguments> endings() {
    List<Named<Consumer<TestClient>>> states =
        List.of(
            Named.of("looking up", client -> client.logIn()),
            Named.of(
                "connecting",
                client -> {
                  client.logIn();
                  client.found("ducks");
                }),
            Named.of(
                "logging in",
                client -> {
                  client.logIn();
                  client.found("ducks");
                  client.greeted();
                }),
            Named.of(
                "waiting",
                client -> {
                  client.logIn();
                  client.found("ducks");
                  client.refers(SessionRig.DEWEY);
                  client.refers(SessionRig.HUEY);
                  client.ends(AttemptOutcome.UNREACHABLE);
                  assertEquals(SessionState.WAITING, client.state());
                }),
            Named.of(
                "delaying",
                client -> {
                  client.logIn();
                  client.lookedUp(LookupResult.failed(LookupResult.Kind.DISABLED, "bob", "off"));
                  assertEquals(SessionState.DELAYING, client.state());
                }));
    List<Named<Consumer<TestClient>>> ends =
        List.of(
            Named.of("the client goes away", TestClient::goesAway),
            Named.of("the proxy shuts down", client -> client.end(Farewell.SHUTTING_DOWN)),
            Named.of(
                "the client sends too much",
                client -> client.say("x".repeat(ScriptedProtocol.MOST_PIPELINED + 1))));
    return states.stream().flatMap(state -> ends.stream().map(end -> Arguments.of(state, end)));
  }

  @ParameterizedTest // B6.1, B6.3
  @MethodSource("endings")
  void sessionThatEndsDuringItsLoginLeavesNothingBehind(
      Consumer<TestClient> login, Consumer<TestClient> end) {
    TestClient client = rig.client();
    login.accept(client);
    boolean connected = client.attempt != null;
    int hangUps = client.hangUps;
    end.accept(client);
    assertEquals(SessionState.CLOSED, client.state());
    assertEquals(connected ? hangUps + 1 : hangUps, client.hangUps);
    assertEquals(0, rig.attemptsUnderWay());
    assertEquals(0, rig.waiting());
    assertTrue(rig.admits("bob@example.org"), "the place of the user's session is free");
    assertSecretsCleared();
    assertEquals(1, rig.closed.size());
    assertFalse(client.wakeIfNews(), "nothing wakes it any more");
    int heard = client.heard().length();
    client.pass(Duration.ofHours(1));
    client.found("ducks");
    assertEquals(heard, client.heard().length());
    assertEquals(1, rig.closed.size());
  }

  @Test // B6.4, B8.6
  void refusalIsReportedThoughTheClientDidNotWaitForIt() {
    TestClient client = rig.client();
    client.logIn();
    client.lookedUp(LookupResult.failed(LookupResult.Kind.DISABLED, "bob", "off"));
    client.goesAway();
    assertEquals(LoginFailure.BAD_CREDENTIALS, rig.lastLogin().failure());
    assertEquals(1, rig.logins.size());
  }

  @Test // B6.3, R12
  void whoOnlyTriesPasswordsKeepsNoUserOut() {
    huntIsOver();
    List<TestClient> trying = Stream.generate(rig::atTheDucks).limit(20).toList();
    trying.forEach(TestClient::greeted);
    TestClient owner = rig.atTheDucks();
    owner.greeted();
    owner.accepts();
    assertNotNull(owner.handOver);
    trying.forEach(client -> client.ends(AttemptOutcome.AUTH_REJECTED));
    assertEquals("hello\nno BAD_CREDENTIALS\n", trying.get(0).heard());
    assertFalse(rig.admits("bob@example.org"));
    owner.session.onRelayEnd(Stay.End.BY_CLIENT, 3, 4, "client-closed", rig.clock.now());
    assertTrue(rig.admits("bob@example.org"));
  }

  /** A master is known, so that logins need not wait for one another's answers. */
  private void huntIsOver() {
    TestClient first = rig.atTheDucks();
    first.greeted();
    first.accepts();
    first.session.onRelayEnd(Stay.End.BY_CLIENT, 0, 0, "client-closed", rig.clock.now());
  }

  @Test // B6.3
  void limitHoldsThoughStoresAcceptManyAtOnce() {
    huntIsOver();
    List<TestClient> clients = Stream.generate(rig::atTheDucks).limit(5).toList();
    clients.forEach(TestClient::greeted);
    clients.forEach(TestClient::accepts);
    for (TestClient late : clients.subList(1, 5)) {
      assertNull(late.handOver);
      assertEquals("hello\nno OVER_LIMIT\n", late.heard());
      assertEquals(1, late.hangUps);
      late.goesAway();
    }
    assertFalse(rig.admits("bob@example.org"), "the first has the place");
    assertEquals(0, rig.attemptsUnderWay());
    clients.get(0).session.onRelayEnd(Stay.End.BY_CLIENT, 3, 4, "client-closed", rig.clock.now());
    assertTrue(rig.admits("bob@example.org"));
  }

  @Test // B6.3
  void placeOfTheUsersSessionIsHeldUntilTheRelayEnds() {
    TestClient first = rig.atTheDucks();
    first.greeted();
    first.accepts();
    assertSecretsCleared();
    assertFalse(rig.admits("bob@example.org"));
    TestClient second = rig.atTheDucks();
    assertEquals("hello\nno OVER_LIMIT\n", second.heard());
    assertEquals(List.of(), second.dialled);
    first.session.onRelayEnd(Stay.End.BY_CLIENT, 3, 4, "client-closed", rig.clock.now());
    assertTrue(rig.admits("bob@example.org"));
    SessionEnd end = rig.closed.get(0);
    assertEquals(3, end.bytesFromClient());
    assertEquals(rig.logins.get(0).kept(), end.login());
    second.logIn();
    second.found("ducks");
    assertEquals(List.of("huey"), second.dialled);
  }

  @Test // B6.3
  void loginsOverTheRateAreRefusedOneAfterAnotherWithoutRecursion() {
    SessionRig limited =
        new SessionRig(new LimitsConfig(0, 0, 0, 1, NetworkSet.NONE, SessionRig.noPenalty()));
    TestClient client = limited.client();
    client.say("bob secret\n".repeat(15_000));
    limited.client().say("ann secret\n"); // these two wait for as long as any may
    limited.client().say("eve secret\n");
    client.lookedUp(LookupResult.failed(LookupResult.Kind.INACTIVE, "bob", "on hold"));
    assertTrue(limited.logins.size() > 14_000, "refused: " + limited.logins.size());
    assertEquals(2, limited.protocol.secrets.stream().filter(secret -> !secret.isEmpty()).count());
  }

  @Test // B6.3, R12
  void loginOverTheRateWaitsForItsTurnAndGivesItBackByGoingAway() {
    SessionRig limited =
        new SessionRig(new LimitsConfig(0, 0, 0, 1, NetworkSet.NONE, SessionRig.noPenalty()));
    limited.client().logIn();
    TestClient hangsUp = limited.client();
    hangsUp.logIn();
    TestClient waits = limited.client();
    waits.logIn();
    assertEquals(SessionState.HELD_BACK, waits.state());
    assertEquals(SessionState.HELD_BACK, hangsUp.state());
    hangsUp.goesAway();
    waits.pass(Duration.ofSeconds(1));
    assertEquals(SessionState.HELD_BACK, waits.state(), "it was told to come later");
    waits.pass(Duration.ofSeconds(1));
    assertEquals(SessionState.LOOKING_UP, waits.state());
  }

  @Test // B2.6
  void answersOfAnAttemptThatWasGivenUpAreIgnored() {
    TestClient client = rig.atTheDucks();
    LoginAttempt late = client.present();
    client.passToDeadline();
    assertEquals(List.of("huey", "dewey"), client.dialled);
    client.answers(
        late, new StoreAnswer(AttemptOutcome.ACCEPTED, null, List.of(), "late", "accepted"));
    client.session.onProgress(late, AttemptStage.OPENING, rig.clock.now());
    assertEquals(SessionState.CONNECTING, client.state());
    assertNull(client.handOver);
  }

  @Test // B6.1, P12
  void clientThatDoesNotLogInIsSentAway() {
    TestClient client = rig.client();
    client.pass(SessionRig.BEFORE_LOGIN.minusMillis(1));
    client.say("half a na");
    assertEquals(SessionState.NOT_AUTHENTICATED, client.state());
    client.pass(Duration.ofMillis(1));
    assertEquals("hello\nbye IDLE\n", client.heard());
    assertEquals("idle", client.closed);
  }

  @Test // B6.1
  void refusedLoginStartsTheTimeBeforeLoginAnew() {
    TestClient client = rig.client();
    client.pass(SessionRig.BEFORE_LOGIN.minusSeconds(1));
    client.logIn();
    client.lookedUp(LookupResult.failed(LookupResult.Kind.INACTIVE, "bob", "on hold"));
    client.pass(SessionRig.BEFORE_LOGIN.minusMillis(1));
    assertNull(client.closed);
    client.pass(Duration.ofMillis(1));
    assertEquals("idle", client.closed);
  }

  @Test // B6.2, T10
  void handshakeThatComesTooLateFindsNoSession() {
    TestClient client = rig.client();
    client.say("TLS\n");
    assertTrue(client.startsTls);
    assertEquals(SessionState.STARTING_TLS, client.state());
    client.pass(SessionRig.BEFORE_LOGIN);
    assertEquals("idle", client.closed);
    client.see(client.session.onClientTls(CertificateIdentity.NOBODY, rig.clock.now()));
    assertEquals(SessionState.CLOSED, client.state());
  }

  @Test // B8.6
  void connectionThatNeverGotThroughItsHandshakeIsNoSession() {
    TestClient client = new TestClient(rig, true);
    client.goesAway();
    client.see(client.session.onOpen(CertificateIdentity.NOBODY, rig.clock.now()));
    assertEquals(SessionState.CLOSED, client.state());
    assertEquals(List.of(), rig.opened);
    assertEquals(List.of(), rig.closed);
  }

  @Test // B8.6
  void timeOfOneLoginIsToldByState() {
    TestClient client = rig.client();
    rig.clock.pass(Duration.ofSeconds(3));
    client.logIn();
    rig.clock.pass(Duration.ofMillis(20));
    client.found("ducks");
    rig.clock.pass(Duration.ofMillis(30));
    client.greeted();
    rig.clock.pass(Duration.ofMillis(40));
    client.accepts();
    LoginReport report = rig.lastLogin();
    assertEquals(Duration.ofMillis(20).toNanos(), report.spentNanos().get(SessionState.LOOKING_UP));
    assertEquals(Duration.ofMillis(30).toNanos(), report.spentNanos().get(SessionState.CONNECTING));
    assertEquals(Duration.ofMillis(40).toNanos(), report.spentNanos().get(SessionState.LOGGING_IN));
    assertNull(report.spentNanos().get(SessionState.NOT_AUTHENTICATED));
    assertEquals(
        report.spentNanos().keySet().stream().sorted().toList(),
        List.copyOf(report.spentNanos().keySet()),
        "the log tells phases in the order of time");
  }

  private void assertSecretsCleared() {
    assertTrue(rig.protocol.secrets.stream().allMatch(Secret::isEmpty), "a secret is kept");
  }
}
