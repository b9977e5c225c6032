package org.openmmp.proxy.session;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.proxy.session.SessionRig.ANSWER;
import static org.openmmp.proxy.session.SessionRig.DEWEY;
import static org.openmmp.proxy.session.SessionRig.LOGIN_DEADLINE;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.directory.LookupResult;
import org.openmmp.guard.LimitsConfig;
import org.openmmp.proxy.store.LoginAttempt;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.wire.NetworkSet;

/** Logins by an exchange between client and store, which the proxy carries (rules B2.5, B3.1). */
final class ExchangeTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final SessionRig rig = new SessionRig();

  private TestClient begun() {
    TestClient client = rig.client();
    client.say("scram:BOB first\n");
    client.found("ducks");
    return client;
  }

  private TestClient asked() {
    TestClient client = begun();
    client.greeted();
    client.asks("server-first");
    return client;
  }

  @Test
  void messagesPassInTurnUntilTheStoreAccepts() { // B3.1, B3.4
    TestClient client = asked();
    assertEquals("hello\n? server-first\n", client.heard());
    assertEquals(SessionState.CHALLENGED, client.state());
    assertTrue(client.session.wantsClientBytes());
    client.say("client-final\n");
    assertEquals(List.of("client-final"), client.responses);
    assertEquals(SessionState.LOGGING_IN, client.state());
    assertFalse(client.session.wantsClientBytes());
    client.asks("server-final");
    client.say("\nbehind\n");
    assertEquals(List.of("client-final", ""), client.responses);
    client.accepts();
    assertNotNull(client.handOver);
    assertEquals("behind\n", new String(client.handOver.toStore(), US_ASCII));
    assertTrue(client.heard().endsWith("? server-final\nyes welcome\n"), client.heard());
    assertEquals(0, rig.attemptsUnderWay());
  }

  @ParameterizedTest
  @EnumSource(
      value = AttemptOutcome.class,
      names = {
        "UNREACHABLE",
        "TLS_FAILED",
        "REFUSED_GREETING",
        "TEMPORARY_FAILURE",
        "PROTOCOL_VIOLATION"
      })
  void storeThatFailsBeforeItsChallengeIsFollowedByTheNextOne(AttemptOutcome outcome) { // B2.5
    TestClient client = begun();
    client.ends(outcome);
    assertEquals(List.of("huey", "dewey"), client.dialled);
    client.asks("server-first");
    client.say("client-final\n");
    client.accepts();
    assertNotNull(client.handOver);
  }

  @Test
  void referralBeforeTheChallengeIsFollowed() { // B3.5
    TestClient client = begun();
    client.refers("louie", 0, false);
    assertEquals(List.of("huey", "louie"), client.dialled);
  }

  @ParameterizedTest
  @EnumSource(
      value = AttemptOutcome.class,
      names = {"UNREACHABLE", "TEMPORARY_FAILURE", "PROTOCOL_VIOLATION"})
  void storeThatFailsAfterItsChallengeEndsTheLoginForNow(AttemptOutcome outcome) { // B2.5
    TestClient client = asked();
    client.ends(outcome);
    assertEquals(List.of("huey"), client.dialled);
    assertEquals("hello\n? server-first\nno NO_STORE_ANSWERED\n", client.heard());
    assertEquals(SessionState.NOT_AUTHENTICATED, client.state());
    assertEquals(0, rig.attemptsUnderWay());
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void referralAfterTheChallengeIsWhereTheNextLoginBegins(boolean loggedIn) { // B3.5
    TestClient client = asked();
    client.say("client-final\n");
    client.refers("dewey", 0, loggedIn);
    assertEquals("hello\n? server-first\nno NO_MASTER\n", client.heard());
    assertEquals(1, client.hangUps);

    TestClient next = begun();
    assertEquals(List.of("dewey"), next.dialled);
    next.asks("server-first");
    next.say("client-final\n");
    next.accepts();
    assertNotNull(next.handOver);
    assertEquals(List.of("dewey"), rig.atTheDucks().dialled, "it is the affinity");
  }

  @Test
  void referralOfTheAffinityHostIsWhereTheNextLoginBegins() { // B2.7, B3.5
    TestClient password = rig.atTheDucks();
    password.accepts();
    TestClient client = asked();
    client.say("client-final\n");
    client.refers(DEWEY);
    assertEquals(List.of("dewey"), begun().dialled);
  }

  @Test
  void referralToAnotherGroupDropsTheEntryAndEndsTheLoginForNow() { // B3.6
    TestClient client = asked();
    client.say("client-final\n");
    client.refers("gus", 0, true);
    assertEquals("hello\n? server-first\nno NO_MASTER\n", client.heard());
    assertEquals(List.of("bob@example.org"), rig.directory.forgotten);
    assertEquals(List.of("huey"), begun().dialled, "this group's order is as it was");
  }

  @Test
  void wrongProofIsFinal() { // B2.5
    TestClient client = asked();
    client.say("client-final\n");
    client.ends(AttemptOutcome.AUTH_REJECTED);
    assertEquals("hello\n? server-first\nno BAD_CREDENTIALS\n", client.heard());
    assertEquals(List.of("huey"), client.dialled);
  }

  @Test
  void everyWrongProofCountsThoughTheFirstMessageIsTheSame() { // B6.4
    LimitsConfig.Penalty penalty =
        new LimitsConfig.Penalty(SECOND, Duration.ofSeconds(8), Duration.ofMinutes(5), 100);
    SessionRig guarded = new SessionRig(new LimitsConfig(0, 0, 0, 0, NetworkSet.NONE, penalty));
    List<Long> seconds = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      TestClient client = guarded.client();
      long began = guarded.clock.now();
      client.say("scram:BOB first\n");
      if (client.state() == SessionState.HELD_BACK) {
        client.passToDeadline();
      }
      client.found("ducks");
      client.asks("server-first");
      client.say("client-final\n");
      client.ends(AttemptOutcome.AUTH_REJECTED);
      assertEquals(SessionState.DELAYING, client.state());
      client.passToDeadline();
      seconds.add(Duration.ofNanos(guarded.clock.now() - began).toSeconds());
    }
    assertEquals(List.of(1L, 2L, 4L, 8L), seconds);
  }

  @Test
  void refusedTokenCountsThoughItsClientGivesUpWhatItWasAsked() { // B3.10, B6.4
    LimitsConfig.Penalty penalty =
        new LimitsConfig.Penalty(SECOND, Duration.ofSeconds(8), Duration.ofMinutes(5), 100);
    SessionRig guarded = new SessionRig(new LimitsConfig(0, 0, 0, 0, NetworkSet.NONE, penalty));
    TestClient gaveUp = guarded.client();
    gaveUp.say("token:bob first\n");
    gaveUp.found("ducks");
    gaveUp.asks("invalid-token");
    gaveUp.say("*\n");

    TestClient client = guarded.client();
    long began = guarded.clock.now();
    client.say("token:bob second\n");
    if (client.state() == SessionState.HELD_BACK) {
      client.passToDeadline();
    }
    client.found("ducks");
    client.asks("invalid-token");
    client.say("\n");
    client.ends(AttemptOutcome.AUTH_REJECTED);
    client.passToDeadline();
    assertEquals(2, Duration.ofNanos(guarded.clock.now() - began).toSeconds());
  }

  @Test
  void storeThatAsksWithoutEndIsLeft() { // B6.1
    TestClient client = asked();
    client.say("one\n");
    client.asks("server-final");
    client.say("two\n");
    client.asks("once-more");
    assertEquals("hello\n? server-first\n? server-final\nno NO_STORE_ANSWERED\n", client.heard());
    assertEquals(1, client.hangUps);
  }

  @Test
  void clientThatDoesNotRespondIsClosedAtTheLoginDeadline() { // B6.1
    TestClient client = asked();
    client.pass(LOGIN_DEADLINE.minusNanos(1));
    assertEquals(SessionState.CHALLENGED, client.state());
    client.pass(Duration.ofNanos(1));
    assertEquals("hello\n? server-first\nbye IDLE\n", client.heard());
    assertEquals(1, client.hangUps);
    assertEquals(0, rig.attemptsUnderWay());
  }

  @Test
  void storeThatDoesNotAnswerTheResponseIsLeft() { // B2.6
    TestClient client = asked();
    client.say("client-final\n");
    client.pass(ANSWER);
    assertEquals("hello\n? server-first\nno NO_STORE_ANSWERED\n", client.heard());
    assertEquals(1, client.hangUps);
  }

  @Test
  void clientThatGivesUpLeavesTheStoreAndMayLogInAgain() { // B3.1
    TestClient client = asked();
    client.say("*\nbob secret\n");
    assertEquals(1, client.hangUps);
    client.found("ducks");
    client.accepts();
    assertNotNull(client.handOver);
    assertEquals(0, rig.attemptsUnderWay());
    rig.protocol.secrets.forEach(secret -> assertTrue(secret.isEmpty(), "it is overwritten"));
  }

  @Test
  void clientThatGoesAwayLeavesTheStore() {
    TestClient client = asked();
    client.goesAway();
    assertEquals(1, client.hangUps);
    assertEquals(0, rig.attemptsUnderWay());
  }

  @Test
  void waitForTheClientTakesNoPlaceAtTheStoreAndNoSessionOfTheUser() { // B2.10, B6.3
    SessionRig narrow =
        new SessionRig(new LimitsConfig(0, 0, 1, 0, NetworkSet.NONE, SessionRig.noPenalty()));
    for (int i = 0; i < 100; i++) {
      TestClient client = narrow.client();
      client.say("scram:BOB first\n");
      client.found("ducks");
      client.greeted();
      client.asks("server-first");
    }
    assertEquals(0, narrow.attemptsUnderWay());
    assertTrue(narrow.admits("bob@example.org"));
    TestClient served = narrow.atTheDucks();
    served.accepts();
    assertNotNull(served.handOver);
    TestClient late = narrow.client();
    late.say("scram:BOB first\n");
    late.found("ducks");
    assertEquals("hello\nno OVER_LIMIT\n", late.heard());
    assertEquals(List.of(), late.dialled);
  }

  @Test
  void nameThatTheStoreKnowsOtherwiseCannotBeProved() { // B1.3
    TestClient client = rig.client();
    client.say("scram:bob first\n");
    client.found("ducks");
    assertEquals("hello\nno MECHANISM_UNAVAILABLE\n", client.heard());
    assertEquals(List.of(), client.dialled);
    assertTrue(rig.lastLogin().why().contains("SCRAM-SHA-256"), rig.lastLogin().why());
  }

  @Test
  void userWhomTheDirectoryChecksCannotUseIt() { // B1.8
    rig.directory.preAuthenticates = true;
    TestClient client = begun();
    assertEquals("hello\nno MECHANISM_UNAVAILABLE\n", client.heard());
    assertEquals(List.of(), client.bound);
    assertEquals(List.of(), client.dialled);
  }

  @Test
  void unknownUserIsAWrongPassword() { // B6.4
    TestClient client = rig.client();
    client.say("scram:BOB first\n");
    client.lookedUp(LookupResult.failed(LookupResult.Kind.NO_SUCH_USER, "BOB", "none"));
    client.passToDeadline();
    assertEquals("hello\nno BAD_CREDENTIALS\n", client.heard());
  }

  @Test
  void questionOfAnotherAttemptIsIgnored() {
    TestClient client = begun();
    LoginAttempt huey = client.present();
    client.ends(AttemptOutcome.UNREACHABLE);
    client.see(client.session.onChallenge(huey, new byte[0], rig.clock.now(), TestClient.EVEN));
    assertEquals("hello\n", client.heard());
  }
}
