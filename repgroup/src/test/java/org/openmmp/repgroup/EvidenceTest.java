package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.openmmp.repgroup.AttemptOutcome.ACCEPTED;
import static org.openmmp.repgroup.AttemptOutcome.TEMPORARY_FAILURE;
import static org.openmmp.repgroup.AttemptOutcome.UNREACHABLE;
import static org.openmmp.repgroup.Walks.DEWEY;
import static org.openmmp.repgroup.Walks.HUEY;
import static org.openmmp.repgroup.Walks.LOUIE;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who learns what from whom. */
class EvidenceTest {
  private final Walks walks = new Walks();

  private static Caller proven(long name) {
    return new Caller(name, true, true, "");
  }

  /** A login at huey that is named and then meets that; it goes no further. */
  private void meets(Caller caller, AttemptOutcome outcome) {
    walks.caller = caller;
    AttemptWalk walk = walks.walk();
    assertEquals(HUEY, walks.next(walk).target());
    walk.reached(AttemptStage.NAMED, walks.clock.now());
    walks.report(walk, outcome);
    walk.abandon(walks.clock.now());
    walks.pass(500);
  }

  private boolean failed() {
    return walks.host(HUEY).failures() > 0;
  }

  @ParameterizedTest
  @CsvSource({
    "UNRESOLVED, CONNECTING, HOST",
    "UNREACHABLE, CONNECTING, SERVICE_OF_HOST",
    "UNREACHABLE, GREETING, SERVICE_OF_HOST",
    "NETWORK_UNREACHABLE, CONNECTING, SERVICE_OF_HOST",
    "TLS_FAILED, OPENING, SERVICE_OF_HOST",
    "REFUSED_GREETING, GREETING, SERVICE_OF_HOST",
    "PROTOCOL_VIOLATION, OPENING, SERVICE_OF_HOST",
    "UNREACHABLE, ANNOUNCED, LOGIN_ALONE",
    "REFUSED_GREETING, ANNOUNCED, LOGIN_ALONE",
    "UNREACHABLE, NAMED, LOGIN_ALONE",
    "PROTOCOL_VIOLATION, NAMED, LOGIN_ALONE",
    "TEMPORARY_FAILURE, OPENING, LOGIN_ALONE",
    "TEMPORARY_FAILURE, NAMED, LOGIN_ALONE",
    "AUTH_REJECTED, NAMED, GOOD",
    "ABANDONED, NAMED, OURSELVES"
  })
  void scopeFollowsFromOutcomeAndStage( // B2.5
      AttemptOutcome outcome, AttemptStage stage, AttemptOutcome.Scope scope) {
    assertEquals(scope, outcome.scope(stage));
  }

  @ParameterizedTest
  @CsvSource({
    "UNREACHABLE, 2, false",
    "UNREACHABLE, 3, true",
    "TEMPORARY_FAILURE, 4, false",
    "TEMPORARY_FAILURE, 5, true"
  })
  void fewBecomeAVerdictOnceAnotherHostGreets( // B2.17
      AttemptOutcome outcome, int names, boolean verdict) {
    walks.login(ACCEPTED);
    for (int name = 1; name <= names; name++) {
      meets(proven(name), outcome);
    }
    assertEquals(verdict ? List.of(DEWEY, LOUIE) : List.of(), walks.wantedProbes());
    assertEquals(false, failed());
    walks.greetProbes();
    assertEquals(verdict, failed());
  }

  @Test
  void oneNameAgainAndAgainIsNoVerdict() { // B2.17
    for (int i = 0; i < 50; i++) {
      meets(proven(7), UNREACHABLE);
    }
    assertEquals(List.of(), walks.wantedProbes());
  }

  @Test
  void whoeverIsLetInMeanwhileTakesTheDoubtsBack() { // B2.17
    meets(proven(1), UNREACHABLE);
    meets(proven(2), UNREACHABLE);
    walks.caller = Caller.UNKNOWN;
    walks.login(ACCEPTED);
    meets(proven(3), UNREACHABLE);
    assertEquals(List.of(), walks.wantedProbes());
  }

  @Test
  void refusalsOfGuestsAreTheirOwnLimits() { // B2.17
    for (int name = 1; name <= 5; name++) {
      walks.caller = proven(name);
      AttemptWalk first = walks.walk();
      walks.next(first);
      walks.report(first, ACCEPTED);
      first.handOver(walks.clock.now());
    }
    for (int name = 1; name <= 5; name++) {
      meets(proven(name), TEMPORARY_FAILURE);
    }
    assertEquals(List.of(), walks.wantedProbes());
  }

  private void mailboxesLost() {
    walks.selector.mailboxesLost(walks.group, walks.service, HUEY, walks.clock.now(), Walks.EVEN);
  }

  @Test
  void storeWithoutItsMailboxesHasFailedOnceAnotherGreets() { // B5.20
    walks.login(ACCEPTED);
    mailboxesLost();
    assertEquals(List.of(DEWEY, LOUIE), walks.wantedProbes());
    assertEquals(false, failed());
    assertEquals(List.of(HUEY), walks.login(ACCEPTED));
    mailboxesLost();
    walks.greetProbes();
    assertEquals(true, failed());
    assertEquals(AttemptOutcome.MAILBOXES_LOST, walks.host(HUEY).lastOutcome());
    assertEquals(List.of(DEWEY), walks.login(ACCEPTED));
    assertEquals(DEWEY, walks.affinity());
  }

  @Test
  void storeThatKnowsAMailboxAgainBeforeAnotherGreetsHasNotFailed() { // B5.20
    walks.login(ACCEPTED);
    mailboxesLost();
    assertEquals(List.of(DEWEY, LOUIE), walks.wantedProbes());
    walks.login(ACCEPTED);
    assertEquals(List.of(), walks.wantedProbes());
  }

  @Test
  void lostMailboxesOfOneServiceConcernNoOther() { // B5.20
    walks.service = Walks.POP3;
    walks.login(ACCEPTED);
    walks.service = Walks.IMAP;
    walks.login(ACCEPTED);
    mailboxesLost();
    walks.greetProbes();
    assertEquals(true, failed());
    walks.service = Walks.POP3;
    assertEquals(false, failed());
  }

  @Test
  void whoeverIsLetInBehindTheCoolDownOutweighsLostMailboxes() { // B2.18, B5.20
    walks.login(ACCEPTED);
    mailboxesLost();
    walks.greetProbes();
    assertEquals(true, failed());
    walks.pass(60_000);
    assertEquals(List.of(HUEY), walks.login(ACCEPTED));
    assertEquals(false, failed());
  }

  private void thrownOut(Caller caller) {
    walks.caller = caller;
    AttemptWalk walk = walks.walk();
    assertEquals(HUEY, walks.next(walk).target());
    walks.report(walk, ACCEPTED);
    Stay stay = walk.handOver(walks.clock.now());
    walks.pass(50);
    stay.ended(Stay.End.BY_STORE, walks.clock.now());
  }

  @Test
  void storeThatThrowsOutFiveWhomItLetInHasFailed() { // B2.20
    for (int name = 1; name <= 5; name++) {
      assertEquals(List.of(), walks.wantedProbes());
      thrownOut(proven(name));
    }
    walks.greetProbes();
    assertEquals(true, failed());
    assertEquals(List.of(DEWEY), walks.login(ACCEPTED));
  }

  @ParameterizedTest
  @ValueSource(strings = {"silent", "refused", "thrown out", "mailboxes lost"})
  void hostThatFailedByAVerdictIsPassedOver(String verdict) { // B2.8, B2.17, B2.20, B5.20
    walks.login(ACCEPTED);
    for (int name = 1; name <= 5; name++) {
      switch (verdict) {
        case "silent" -> meets(proven(name), UNREACHABLE);
        case "refused" -> meets(proven(name), TEMPORARY_FAILURE);
        case "thrown out" -> thrownOut(proven(name));
        default -> mailboxesLost();
      }
    }
    walks.greetProbes();
    assertEquals(GroupSnapshot.HostState.COOLING, walks.host(HUEY).state());
    for (int name = 1; name <= 5; name++) {
      walks.pass(700);
      walks.caller = proven(name);
      assertEquals(List.of(DEWEY), walks.login(ACCEPTED));
    }
  }

  @Test
  void storeThatStillThrowsOutBehindItsCoolDownIsPassedOverAgain() { // B2.8, B2.20
    for (int name = 1; name <= 5; name++) {
      thrownOut(proven(name));
    }
    walks.greetProbes();
    walks.pass(60_000);
    thrownOut(proven(1));
    assertEquals(GroupSnapshot.HostState.COOLING, walks.host(HUEY).state());
    assertEquals(2, walks.host(HUEY).failures());
  }

  @Test
  void sessionThatLastsInBetweenClearsTheStore() { // B2.20
    thrownOut(proven(1));
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    walks.report(walk, ACCEPTED);
    Stay lasting = walk.handOver(walks.clock.now());
    assertEquals(true, lasting.wantsToLast());
    walks.pass(10_000);
    lasting.lasted(walks.clock.now());
    for (int name = 2; name <= 5; name++) {
      thrownOut(proven(name));
    }
    assertEquals(List.of(), walks.wantedProbes());
  }

  @Test
  void masterThatRefusesIsAskedOnceMoreAndThePasswordToursNobody() { // B2.19
    AttemptWalk first = walks.walk();
    walks.next(first);
    walks.refer(first, LOUIE);
    walks.next(first);
    walks.report(first, ACCEPTED);
    walks.caller = proven(1);
    AttemptWalk walk = walks.walk();
    assertEquals(LOUIE, walks.next(walk).target());
    walk.reached(AttemptStage.NAMED, walks.clock.now());
    walks.report(walk, TEMPORARY_FAILURE);
    Choice pause = walks.next(walk);
    assertEquals(Reason.Kind.TEMPORARY_PAUSE, pause.reason().kind());
    walks.clock.passUntil(pause.untilNanos());
    assertEquals(LOUIE, walks.next(walk).target());
    walk.reached(AttemptStage.NAMED, walks.clock.now());
    walks.report(walk, TEMPORARY_FAILURE);
    assertEquals(Reason.Kind.REFUSED, walks.next(walk).reason().kind());
  }

  /** Proven logins in a row, with or without strangers between them: where each was let in. */
  private static List<StoreHost> served(long seed, boolean strangers, boolean refer) {
    Walks own = new Walks();
    Random random = new Random(seed);
    List<StoreHost> hosts = new ArrayList<>();
    List<AttemptOutcome> any = List.of(AttemptOutcome.values());
    if (refer) {
      AttemptWalk walk = own.walk();
      own.next(walk);
      own.refer(walk, DEWEY);
      own.next(walk);
      own.report(walk, ACCEPTED);
    }
    for (int i = 0; i < 200; i++) {
      own.caller = new Caller(1_000 + random.nextInt(20), false, false, "");
      AttemptOutcome outcome = any.get(random.nextInt(any.size()));
      boolean announced = random.nextBoolean();
      if (strangers && outcome != AttemptOutcome.REFERRED) {
        stranger(own, outcome, announced);
      }
      own.pass(random.nextInt(700));
      own.caller = proven(1 + random.nextInt(5));
      AttemptWalk walk = own.walk();
      Choice choice = own.next(walk);
      assertEquals(Choice.Kind.ATTEMPT, choice.kind(), choice::toString);
      walk.reached(AttemptStage.NAMED, own.clock.now());
      own.report(walk, ACCEPTED);
      hosts.add(choice.target());
    }
    return hosts;
  }

  private static void stranger(Walks own, AttemptOutcome outcome, boolean announced) {
    AttemptWalk walk = own.walk();
    for (Choice next = own.next(walk); next.kind().attempt(); next = own.next(walk)) {
      if (announced) {
        walk.reached(AttemptStage.ANNOUNCED, own.clock.now());
      } else {
        walk.reached(AttemptStage.NAMED, own.clock.now());
      }
      boolean ofTheHost = outcome == AttemptOutcome.UNRESOLVED;
      own.report(walk, ofTheHost ? UNREACHABLE : outcome);
      if (outcome.next() == AttemptOutcome.Next.STOP) {
        break;
      }
    }
    walk.abandon(own.clock.now());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void noStrangersOutcomeChangesAProvenUsersWay(long seed) { // B2.5, B2.17 to B2.23
    for (boolean refer : new boolean[] {false, true}) {
      assertEquals(served(seed, false, refer), served(seed, true, refer));
    }
  }

  @Test
  void affinityIsNotSetByALoginThatWentOnByItself() { // B2.23
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    walk.reached(AttemptStage.NAMED, walks.clock.now());
    walks.report(walk, TEMPORARY_FAILURE);
    assertEquals(DEWEY, walks.next(walk).target());
    walks.report(walk, ACCEPTED);
    assertNull(walks.affinity());
  }
}
