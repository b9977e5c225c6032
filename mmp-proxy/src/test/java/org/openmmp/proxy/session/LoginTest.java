package org.openmmp.proxy.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.repgroup.AttemptOutcome.UNREACHABLE;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.directory.Directory.BindResult;
import org.openmmp.directory.LookupResult;
import org.openmmp.guard.LimitsConfig;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.client.SessionStep;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.routing.Recovery;
import org.openmmp.wire.NetworkSet;

class LoginTest {
  private final SessionRig rig = new SessionRig();

  @ParameterizedTest // B1.2, B1.4, B1.9, R8
  @CsvSource({
    "NO_SUCH_USER, BAD_CREDENTIALS",
    "DISABLED, BAD_CREDENTIALS",
    "NOT_ALLOWED, BAD_CREDENTIALS",
    "INACTIVE, USER_UNAVAILABLE",
    "NO_MAIL_HOST, USER_UNAVAILABLE",
    "AMBIGUOUS, USER_UNAVAILABLE",
    "BAD_ENTRY, USER_UNAVAILABLE",
    "DIRECTORY_DOWN, DIRECTORY_DOWN",
  })
  void noStoreHearsOfUserWhomTheDirectoryDoesNotGive(LookupResult.Kind kind, LoginFailure failure) {
    TestClient client = rig.client();
    client.logIn();
    client.lookedUp(LookupResult.failed(kind, "bob@example.org", "because of that"));
    if (client.state() == SessionState.DELAYING) {
      client.passToDeadline();
    }
    assertEquals("hello\nno " + failure + "\n", client.heard());
    assertEquals(List.of(), client.dialled);
    assertEquals("because of that", rig.lastLogin().why());
    assertEquals("", rig.lastLogin().host());
  }

  @Test // R11
  void unknownUserWaitsAsLongAsStoreWouldTakeToRefuse() {
    TestClient client = rig.client();
    client.logIn();
    client.lookedUp(LookupResult.failed(LookupResult.Kind.NO_SUCH_USER, "bob", "none"));
    assertEquals(SessionState.DELAYING, client.state());
    client.pass(Duration.ofMillis(499));
    assertEquals("hello\n", client.heard());
    client.pass(Duration.ofMillis(1));
    assertEquals("hello\nno BAD_CREDENTIALS\n", client.heard());
  }

  @Test
  void unknownUserAndWrongPasswordLastTheSameWhoeverFoundThat() { // B6.4, R11
    refusedAfter(client -> client.answers(wrong()), Duration.ofMillis(650));
    Duration byStore = refusedAfter(client -> client.answers(wrong()), Duration.ofMillis(620));
    rig.directory.preAuthenticates = true;
    Duration byDirectory =
        refusedAfter(client -> client.boundAs(BindResult.REJECTED), Duration.ofMillis(160));
    rig.directory.preAuthenticates = false;
    TestClient unknown = rig.client();
    unknown.logIn();
    rig.clock.pass(Duration.ofMillis(3));
    long begun = rig.clock.now();
    unknown.lookedUp(LookupResult.failed(LookupResult.Kind.NO_SUCH_USER, "bob", "none"));
    unknown.passToDeadline();
    assertEquals("hello\nno BAD_CREDENTIALS\n", unknown.heard());
    Duration byNobody = Duration.ofMillis(3).plusNanos(rig.clock.now() - begun);
    assertEquals(List.of(Duration.ofMillis(750)), List.of(byStore));
    assertEquals(byStore, byDirectory);
    assertEquals(byStore, byNobody);
  }

  /** From the first question to the answer, where the refusal comes after that time. */
  private Duration refusedAfter(Consumer<TestClient> refusal, Duration took) {
    TestClient client = rig.client();
    client.logIn();
    long begun = rig.clock.now();
    client.found("ducks");
    rig.clock.pass(took);
    refusal.accept(client);
    assertEquals("hello\n", client.heard());
    client.passToDeadline();
    assertEquals("hello\nno BAD_CREDENTIALS\n", client.heard());
    return Duration.ofNanos(rig.clock.now() - begun);
  }

  private static StoreAnswer wrong() {
    return new StoreAnswer(AttemptOutcome.AUTH_REJECTED, null, List.of(), "no", "wrong password");
  }

  @ParameterizedTest // B3.15
  @CsvSource({
    "255, 100, true",
    "256, 1, false",
    "2000, 1, false",
    "3, 101, false",
    "3, 12000, false"
  })
  void nobodyIsAskedAboutANameOrPasswordThatIsTooLong(int name, int password, boolean asked) {
    TestClient client = rig.client();
    client.say("b".repeat(name) + ' ' + "p".repeat(password) + '\n');
    assertEquals(asked, client.asked != null);
    if (!asked) {
      assertEquals(SessionState.DELAYING, client.state(), "as a wrong password is");
      client.passToDeadline();
      assertEquals("hello\nno BAD_CREDENTIALS\n", client.heard());
      assertEquals(LoginFailure.BAD_CREDENTIALS, rig.lastLogin().failure());
    }
  }

  @ParameterizedTest // B3.15
  @CsvSource({"12288, true", "12289, false"})
  void tokenMayBeLongerThanAPassword(int octets, boolean asked) {
    TestClient client = rig.client();
    client.say("token:bob " + "t".repeat(octets) + '\n');
    assertEquals(asked, client.asked != null);
  }

  @ParameterizedTest // B2.1
  @CsvSource({"not a name", "10.0.0.1:143", "''"})
  void mailHostThatIsNoneIsTemporaryFailure(String mailHost) {
    TestClient client = rig.client();
    client.logIn();
    client.found(mailHost);
    assertEquals("hello\nno USER_UNAVAILABLE\n", client.heard());
    assertEquals(List.of(), client.dialled);
  }

  @ParameterizedTest // B2.1
  @CsvSource({"ducks, huey", "DUCKS., huey", "louie, huey", "lonely.example, lonely.example"})
  void mailHostLeadsToTheFirstHostOfItsGroup(String mailHost, String first) {
    TestClient client = rig.client();
    client.logIn();
    client.found(mailHost);
    assertEquals(List.of(first), client.dialled);
    assertEquals("BOB", client.storeLogin().storeName());
  }

  @ParameterizedTest // B1.8
  @CsvSource({
    "ACCEPTED, 'hello\n', huey",
    "REJECTED, 'hello\nno BAD_CREDENTIALS\n', ''",
    "DIRECTORY_DOWN, 'hello\nno DIRECTORY_DOWN\n', ''",
  })
  void passwordIsBoundBeforeAnyStoreIsAsked(BindResult result, String heard, String dialled) {
    rig.directory.preAuthenticates = true;
    TestClient client = rig.atTheDucks();
    assertEquals(List.of("secret"), client.bound);
    assertEquals(List.of(), client.dialled);
    client.boundAs(result);
    if (client.state() == SessionState.DELAYING) {
      client.passToDeadline();
    }
    assertEquals(heard, client.heard());
    assertEquals(dialled, String.join(" ", client.dialled));
  }

  @Test // B1.8
  void tokenIsNeverBound() {
    rig.directory.preAuthenticates = true;
    TestClient client = rig.client();
    client.say("token:bob abc\n");
    client.found("ducks");
    assertEquals(List.of(), client.bound);
    assertEquals(List.of("huey"), client.dialled);
  }

  @ParameterizedTest // B2.5
  @EnumSource(
      value = AttemptOutcome.class,
      names = {
        "UNREACHABLE",
        "TLS_FAILED",
        "REFUSED_GREETING",
        "TEMPORARY_FAILURE",
        "PROTOCOL_VIOLATION"
      })
  void hostThatFailsIsLeftForTheNext(AttemptOutcome outcome) {
    TestClient client = rig.atTheDucks();
    client.ends(outcome);
    assertEquals(List.of("huey", "dewey"), client.dialled);
    assertEquals(1, client.hangUps);
    client.accepts();
    assertEquals("hello\nyes welcome\n", client.heard());
    LoginReport report = rig.lastLogin();
    assertNull(report.failure());
    assertEquals("dewey", report.host());
    assertEquals("ducks", report.group());
    assertEquals(2, report.attempts());
    assertEquals(client.attempts.get(1).why(), report.why());
  }

  @Test // B2.5, R11
  void wrongPasswordIsFinalAndTriedNowhereElse() {
    TestClient client = rig.atTheDucks();
    client.greeted();
    client.ends(AttemptOutcome.AUTH_REJECTED);
    assertEquals(List.of("huey"), client.dialled);
    assertEquals("hello\nno BAD_CREDENTIALS\n", client.heard());
    assertEquals(1, client.hangUps);
    assertEquals(SessionState.NOT_AUTHENTICATED, client.state());
  }

  @Test // B4.3
  void lockedMailboxIsFinalAndCostsNoPenalty() {
    TestClient client = rig.atTheDucks();
    client.ends(AttemptOutcome.MAILBOX_BUSY);
    assertEquals(List.of("huey"), client.dialled);
    assertEquals("hello\nno MAILBOX_BUSY\n", client.heard());
    assertEquals(SessionState.NOT_AUTHENTICATED, client.state());
    TestClient next = rig.atTheDucks();
    assertEquals(List.of("huey"), next.dialled);
  }

  @Test // B3.10
  void refusalOfOneUserIsFinalAndInTheStoresWords() {
    TestClient client = rig.atTheDucks();
    client.answers(words(AttemptOutcome.USER_REFUSED, "NO [LIMIT] five are enough"));
    assertEquals(List.of("huey"), client.dialled);
    assertEquals("hello\nno REFUSED_BY_STORE: NO [LIMIT] five are enough\n", client.heard());
    assertEquals(List.of("huey"), rig.atTheDucks().dialled);
  }

  @Test // B3.3
  void mechanismThatNoStoreOfTheGroupHasIsSaidToBeWithoutAWait() {
    TestClient client = rig.atTheDucks();
    client.answers(StoreAnswer.lackingMechanism("the store has no XOAUTH2"));
    client.answers(StoreAnswer.lackingMechanism("the store has no XOAUTH2"));
    client.answers(StoreAnswer.lackingMechanism("the store has no XOAUTH2"));
    assertEquals(List.of("huey", "dewey", "louie"), client.dialled);
    assertEquals("hello\nno MECHANISM_UNAVAILABLE\n", client.heard());

    TestClient lucky = rig.atTheDucks();
    lucky.answers(StoreAnswer.lackingMechanism("the store has no XOAUTH2"));
    lucky.accepts();
    assertEquals(List.of("huey", "dewey"), lucky.dialled);
    assertNotNull(lucky.handOver);
  }

  @Test // B3.10
  void whoIsLetInNowhereHearsTheFirstStoreThatSaidWhy() {
    TestClient client = rig.atTheDucks();
    client.ends(UNREACHABLE);
    client.answers(words(AttemptOutcome.TEMPORARY_FAILURE, "NO [UNAVAILABLE] first"));
    client.answers(words(AttemptOutcome.TEMPORARY_FAILURE, "NO [UNAVAILABLE] second"));
    for (int i = 0; i < 100 && client.state() != SessionState.NOT_AUTHENTICATED; i++) {
      client.passToDeadline();
    }
    assertTrue(client.heard().endsWith(": NO [UNAVAILABLE] first\n"), client.heard());
  }

  private static StoreAnswer words(AttemptOutcome outcome, String last) {
    return new StoreAnswer(outcome, null, List.of(), last, "refused");
  }

  @Test // B2.10
  void lackOfOurOwnResourcesEndsTheLoginAndBlamesNobody() {
    TestClient client = rig.atTheDucks();
    client.ends(AttemptOutcome.ABANDONED);
    assertEquals("hello\nno NO_STORE_ANSWERED\n", client.heard());
    TestClient next = rig.atTheDucks();
    assertEquals(List.of("huey"), next.dialled);
  }

  @Test // B2.4
  void everyHostIsTriedOnceAndThenTheLoginFailsForNow() {
    TestClient client = rig.atTheDucks();
    client.ends(UNREACHABLE);
    client.ends(UNREACHABLE);
    client.ends(UNREACHABLE);
    assertEquals(List.of("huey", "dewey", "louie"), client.dialled);
    assertEquals(SessionState.WAITING, client.state()); // B2.9
    client.passToDeadline();
    assertEquals("hello\nno NO_STORE_ANSWERED\n", client.heard());
    assertEquals(3, client.hangUps);
  }

  @Test // B2.6
  void silentHostIsLeftWhenItsTimeIsOver() {
    TestClient client = rig.atTheDucks();
    client.pass(SessionRig.CONNECT.plus(SessionRig.GREETING).minusMillis(1));
    assertEquals(List.of("huey"), client.dialled);
    client.pass(Duration.ofMillis(1));
    assertEquals(List.of("huey", "dewey"), client.dialled);
    client.greeted();
    client.named();
    client.pass(SessionRig.ANSWER.minusMillis(1));
    assertEquals(List.of("huey", "dewey"), client.dialled);
    client.pass(Duration.ofMillis(1));
    assertEquals(List.of("huey", "dewey", "louie"), client.dialled);
    assertEquals(2, client.hangUps);
  }

  @Test // B2.6
  void hostThatHangsBetweenItsGreetingAndTheLoginIsLeftAsOneThatDoesNotGreet() {
    TestClient client = rig.atTheDucks();
    client.greeted();
    client.pass(SessionRig.GREETING.minusMillis(1));
    assertEquals(List.of("huey"), client.dialled);
    client.pass(Duration.ofMillis(1));
    assertEquals(List.of("huey", "dewey"), client.dialled);
  }

  @Test // B2.6
  void loginDeadlineCutsAnAttemptShort() {
    TestClient client = rig.atTheDucks();
    client.ends(UNREACHABLE);
    client.ends(UNREACHABLE);
    rig.clock.pass(SessionRig.LOGIN_DEADLINE.minus(SessionRig.ANSWER).plusSeconds(1));
    client.greeted();
    client.named();
    client.pass(SessionRig.ANSWER.minusSeconds(1).minusMillis(1));
    assertEquals(SessionState.LOGGING_IN, client.state());
    client.pass(Duration.ofMillis(1));
    assertEquals("hello\nno NO_STORE_ANSWERED\n", client.heard());
    assertEquals(3, client.hangUps);
    assertEquals(0, rig.attemptsUnderWay());
  }

  @Test // B2.6, B3.10
  void directoryThatDoesNotAnswerInTimeIsToBlameItself() {
    TestClient client = rig.client();
    client.logIn();
    client.pass(SessionRig.LOGIN_DEADLINE);
    assertEquals("hello\nno DIRECTORY_DOWN\n", client.heard());
    SessionStep.Reply<LookupResult> late = Objects.requireNonNull(client.looksUp);
    client.logIn();
    client.see(late.answered(FakeDirectory.userAt("ducks"), rig.clock.now()));
    assertEquals(SessionState.LOOKING_UP, client.state(), "an answer to the login before");
    client.found("geese");
    assertEquals(List.of("gus"), client.dialled);
  }

  @Test // B2.11
  void waitForMasterEndsWithNoMasterAtTheDeadline() {
    TestClient client = rig.atTheDucks();
    for (int step = 0; step < 200 && rig.logins.isEmpty(); step++) {
      if (client.attempt == null) {
        client.passToDeadline();
      } else {
        // The NO form: nobody is logged in, so that no replica can serve.
        client.refers(client.present().host().name().equals("huey") ? "dewey" : "huey", 0, false);
      }
    }
    assertEquals("hello\nno NO_MASTER\n", client.heard());
    assertTrue(client.dialled.size() < 60, "bounded work: " + client.dialled.size());
    assertEquals(0, rig.waiting());
  }

  @Test // B2.9
  void deadMasterIsDialledByOneOfTwoClients() {
    TestClient first = rig.atTheDucks();
    TestClient second = rig.atTheDucks();
    assertEquals(List.of("huey"), first.dialled);
    assertEquals(List.of(), second.dialled);
    assertEquals(SessionState.WAITING, second.state());
    first.ends(UNREACHABLE);
    second.wakeIfNews();
    assertEquals(List.of(), second.dialled);
    first.greeted();
    first.accepts();
    assertTrue(second.wakeIfNews());
    assertEquals(List.of("dewey"), second.dialled);
    second.accepts();
    assertEquals(List.of("huey", "dewey"), first.dialled);
    assertNotNull(second.handOver);
    assertEquals(0, rig.waiting());
  }

  @ParameterizedTest // B2.27, B6.4
  @CsvSource({
    "ducks, , NO_SUCH_USER, BAD_CREDENTIALS",
    "'', example.org, NO_SUCH_USER, IN_RECOVERY",
    "'', example.org, DISABLED, IN_RECOVERY",
    "'', example.com, NO_SUCH_USER, BAD_CREDENTIALS",
    "'', *, NO_SUCH_USER, IN_RECOVERY",
    "'', example.org, INACTIVE, USER_UNAVAILABLE",
  })
  void unknownUserOfADomainInRecoveryIsUnavailable(
      String group, @Nullable String domain, LookupResult.Kind kind, LoginFailure told) {
    rig.recovery =
        new Recovery(
            group.isEmpty() ? Set.of() : Set.of(group), domain == null ? Set.of() : Set.of(domain));
    TestClient client = rig.client();
    client.logIn();
    client.lookedUp(LookupResult.failed(kind, "bob@Example.ORG", "because of that"));
    if (client.state() == SessionState.DELAYING) {
      client.passToDeadline();
    }
    assertEquals("hello\nno " + told + "\n", client.heard());
    assertEquals(told, rig.lastLogin().failure());
    assertTrue(rig.lastLogin().why().startsWith("because of that"));
  }

  @ParameterizedTest // B2.27
  @CsvSource({"ducks, IN_RECOVERY", "geese, BAD_CREDENTIALS", "*, IN_RECOVERY"})
  void wrongPasswordAtAGroupInRecoveryIsUnavailableAndCostsTheSame(
      String group, LoginFailure told) {
    SessionRig rig =
        new SessionRig(
            new LimitsConfig(
                0,
                0,
                0,
                0,
                NetworkSet.NONE,
                new LimitsConfig.Penalty(
                    Duration.ofSeconds(2), Duration.ofSeconds(4), Duration.ofMinutes(1), 100)));
    rig.recovery = new Recovery(Set.of(group), Set.of());
    TestClient client = rig.atTheDucks();
    client.answers(wrong());
    assertEquals(SessionState.DELAYING, client.state(), "a guess costs what it costs");
    client.passToDeadline();
    assertEquals("hello\nno " + told + "\n", client.heard());
  }

  @Test // B2.27
  void passwordThatTheDirectoryRefusesIsWrongThoughTheGroupIsInRecovery() {
    rig.recovery = new Recovery(Set.of("ducks"), Set.of());
    rig.directory.preAuthenticates = true;
    TestClient client = rig.atTheDucks();
    client.boundAs(BindResult.REJECTED);
    if (client.state() == SessionState.DELAYING) {
      client.passToDeadline();
    }
    assertEquals("hello\nno BAD_CREDENTIALS\n", client.heard());
  }
}
