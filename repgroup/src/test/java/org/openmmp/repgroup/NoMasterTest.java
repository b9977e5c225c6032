package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.repgroup.AttemptOutcome.ACCEPTED;
import static org.openmmp.repgroup.AttemptOutcome.CONNECTION_REFUSED;
import static org.openmmp.repgroup.AttemptOutcome.TEMPORARY_FAILURE;
import static org.openmmp.repgroup.AttemptOutcome.UNREACHABLE;
import static org.openmmp.repgroup.Walks.DEWEY;
import static org.openmmp.repgroup.Walks.HUEY;
import static org.openmmp.repgroup.Walks.LOUIE;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.testkit.FakeClock;

class NoMasterTest {
  private static final SelectorSettings WRITES_ONLY =
      SelectorSettings.defaults().with(SelectorSettings.ReadOnlyFallback.off());

  private final Walks walks = new Walks(new FakeClock(), WRITES_ONLY);

  /** Huey is dead, the others refer to it; the walk has asked them all and waits. */
  private Choice askEveryHost(AttemptWalk walk, Walks own) {
    Choice choice = own.next(walk);
    while (choice.kind() == Choice.Kind.ATTEMPT) {
      if (choice.target().equals(HUEY)) {
        own.report(walk, UNREACHABLE);
      } else {
        own.refer(walk, HUEY);
      }
      choice = own.next(walk);
    }
    return choice;
  }

  private static long millisUntil(Choice choice, Walks own) {
    return Duration.ofNanos(choice.untilNanos() - own.clock.now()).toMillis();
  }

  @Test
  void deadMasterThatReplicasReferToIsAskedOnce() { // B3.9
    AttemptWalk walk = walks.walk();
    Choice wait = askEveryHost(walk, walks);
    assertEquals(Reason.Kind.NO_MASTER_PAUSE, wait.reason().kind());
    assertEquals(500, millisUntil(wait, walks));
    assertEquals(List.of(HUEY, DEWEY, LOUIE), walk.attempts().stream().map(Attempt::host).toList());
    assertNull(walks.affinity());
    assertTrue(walks.snapshot().noMaster());
  }

  @Test
  void roundsComeSlowerAndEndWithTheDeadline() { // B2.11
    AttemptWalk walk = walks.walk();
    long begin = walks.clock.now();
    List<Long> pauses = new ArrayList<>();
    Choice choice = askEveryHost(walk, walks);
    while (choice.kind() == Choice.Kind.WAIT) {
      pauses.add(millisUntil(choice, walks));
      walks.clock.passUntil(choice.untilNanos());
      choice = askEveryHost(walk, walks);
    }
    assertEquals(Choice.Kind.FAIL_NO_MASTER, choice.kind());
    assertEquals(List.of(500L, 1000L, 2000L, 4000L, 4000L, 4000L, 4000L, 4000L, 1500L), pauses);
    assertEquals(Walks.DEADLINE.toNanos(), walks.clock.now() - begin);
    assertTrue(walks.host(HUEY).attemptsStarted() <= 5);
  }

  @Test
  void hundredWaitingLoginsDoOneRoundBetweenThem() { // B2.11
    List<AttemptWalk> crowd = Stream.generate(walks::walk).limit(100).toList();
    for (int round = 1; round <= 3; round++) {
      for (AttemptWalk walk : crowd) {
        assertEquals(Choice.Kind.WAIT, askEveryHost(walk, walks).kind());
      }
      assertEquals(round, walks.host(DEWEY).attemptsStarted());
      assertEquals(round, walks.host(LOUIE).attemptsStarted());
      walks.pass(4_000);
    }
  }

  @Test
  void loginsThatComeDuringThePauseWaitForItsEnd() { // B2.11
    askEveryHost(walks.walk(), walks);
    walks.pass(200);
    Choice wait = walks.next(walks.walk());
    assertEquals(Reason.Kind.NO_MASTER_PAUSE, wait.reason().kind());
    assertEquals(300, millisUntil(wait, walks));
  }

  @Test
  void electedMasterEndsThePauseForAll() { // B2.11
    AttemptWalk searching = walks.walk();
    AttemptWalk waiting = walks.walk();
    Choice pause = askEveryHost(searching, walks);
    List<String> woken = new ArrayList<>();
    waiting.awaitChange(walks.next(waiting), () -> woken.add("waiting"));
    walks.clock.passUntil(pause.untilNanos());
    assertEquals(DEWEY, walks.next(searching).target());
    walks.refer(searching, LOUIE);
    assertEquals(LOUIE, walks.next(searching).target());
    walks.report(searching, ACCEPTED);
    assertEquals(List.of("waiting"), woken);
    assertEquals(LOUIE, walks.next(waiting).target());
    assertFalse(walks.snapshot().noMaster());
  }

  @Test // B5.17
  void whoHasPromisedNothingWaitsForAMasterNoLongerThanItsGroupIsWithoutOne() {
    AttemptWalk first = walks.impatientWalk();
    Choice choice = askEveryHost(first, walks);
    long begun = walks.clock.now();
    while (choice.kind() == Choice.Kind.WAIT) {
      walks.clock.passUntil(choice.untilNanos());
      choice = askEveryHost(first, walks);
    }
    assertEquals(Choice.Kind.FAIL_NO_MASTER, choice.kind());
    assertEquals(Duration.ofSeconds(5), Duration.ofNanos(walks.clock.now() - begun));
    assertEquals(Choice.Kind.FAIL_NO_MASTER, askEveryHost(walks.impatientWalk(), walks).kind());
    assertEquals(Choice.Kind.WAIT, askEveryHost(walks.walk(), walks).kind(), "a login waits");
    assertEquals(List.of(HUEY), walks.wantedProbes(), "the dead master is asked for");
  }

  /** Who has promised nothing has found out that there is no master, and waits for none. */
  private void findNoMaster() {
    AttemptWalk first = walks.impatientWalk();
    Choice choice = askEveryHost(first, walks);
    while (choice.kind() == Choice.Kind.WAIT) {
      walks.clock.passUntil(choice.untilNanos());
      choice = askEveryHost(first, walks);
    }
    walks.pass(4_000);
  }

  @Test // B5.17
  void ofACrowdThatHasPromisedNothingOneAsksForAWhileAndTheOthersHearSoAtOnce() {
    findNoMaster();
    AttemptWalk asking = walks.impatientWalk();
    long begun = walks.clock.now();
    assertEquals(DEWEY, walks.next(asking).target());
    for (int other = 0; other < 20; other++) {
      assertEquals(Choice.Kind.FAIL_NO_MASTER, walks.next(walks.impatientWalk()).kind());
    }
    walks.clock.passUntil(Objects.requireNonNull(asking.leavesNanos()));
    asking.leave("silent", walks.clock.now(), Walks.EVEN);
    assertEquals(LOUIE, walks.next(asking).target());
    asking.reached(AttemptStage.OPENING, walks.clock.now());
    walks.clock.passUntil(Objects.requireNonNull(asking.leavesNanos()));
    asking.leave("silent", walks.clock.now(), Walks.EVEN);
    assertEquals(Choice.Kind.FAIL_NO_MASTER, walks.next(asking).kind());
    assertEquals(Duration.ofMillis(40), Duration.ofNanos(walks.clock.now() - begun));
    assertEquals(List.of(HUEY, DEWEY, LOUIE), walks.wantedProbes());
    walks.pass(4_000);
    AttemptWalk later = walks.impatientWalk();
    assertEquals(Choice.Kind.FAIL_NO_MASTER, walks.next(later).kind(), "a probe asks them");
    assertEquals(List.of(), later.attempts());
    assertEquals(Choice.Kind.WAIT, walks.next(walks.walk()).kind(), "a login waits");
  }

  @Test // B5.17: a master that greets slowly is found too
  void hostThatHasGreetedAProbeIsGivenItsTime() {
    findNoMaster();
    AttemptWalk asking = walks.impatientWalk();
    while (walks.next(asking).kind() == Choice.Kind.ATTEMPT) {
      walks.clock.passUntil(Objects.requireNonNull(asking.leavesNanos()));
      asking.leave("silent", walks.clock.now(), Walks.EVEN);
    }
    for (ProbeTarget target : walks.wanted()) {
      long now = walks.clock.now();
      AttemptOutcome found =
          target.host().equals(LOUIE) ? AttemptOutcome.GREETED : AttemptOutcome.UNREACHABLE;
      walks.selector.probed(target, found, "probe", now, now, Walks.EVEN);
    }
    walks.pass(4_000);
    AttemptWalk next = walks.impatientWalk();
    assertEquals(LOUIE, walks.next(next).target());
    assertNull(next.leavesNanos());
    walks.pass(3_000);
    walks.report(next, ACCEPTED);
    assertEquals(LOUIE, walks.affinity());
    AttemptWalk last = walks.impatientWalk();
    assertEquals(LOUIE, walks.next(last).target());
    assertNull(last.leavesNanos());
  }

  @Test // B5.17
  void whoPromisedADeliveryAndWhoLogsInLeaveNoStoreBeforeItsTime() {
    findNoMaster();
    AttemptWalk patient = walks.walk();
    assertEquals(DEWEY, walks.next(patient).target());
    assertNull(patient.leavesNanos());
  }

  @Test // B5.17
  void groupThatSomebodyAsksForEachMinuteStaysWithoutAMaster() {
    findNoMaster();
    for (int message = 0; message < 5; message++) {
      walks.pass(50_000);
      walks.failProbes(UNREACHABLE);
      AttemptWalk walk = walks.impatientWalk();
      assertEquals(Choice.Kind.FAIL_NO_MASTER, askEveryHost(walk, walks).kind());
      assertTrue(walk.attempts().size() >= 2, "which it finds out anew");
    }
  }

  @Test // B5.17
  void groupThatNobodyAskedForLatelyMayHaveAMasterAgain() {
    AttemptWalk first = walks.impatientWalk();
    askEveryHost(first, walks);
    first.abandon(walks.clock.now());
    walks.pass(70_000);
    assertEquals(Choice.Kind.WAIT, askEveryHost(walks.impatientWalk(), walks).kind());
  }

  @Test
  void replicasThatReferToEachOtherAreBoundedAndSetNoAffinity() { // R4
    walks.group = Walks.group("two", HUEY.name(), DEWEY.name());
    AttemptWalk walk = walks.walk();
    assertEquals(HUEY, walks.next(walk).target());
    walks.refer(walk, DEWEY);
    assertEquals(DEWEY, walks.next(walk).target());
    walks.refer(walk, HUEY);
    assertEquals(Choice.Kind.WAIT, walks.next(walk).kind());
    assertEquals(0, walks.news.count("affinity"));
    assertEquals(0, walks.news.count("cool-down"));
  }

  @Test
  void pauseIsForgottenOnceNobodyHasAskedForLong() {
    askEveryHost(walks.walk(), walks);
    walks.pass(60_000);
    Choice wait = askEveryHost(walks.walk(), walks);
    assertEquals(500, millisUntil(wait, walks));
  }

  @Test
  void temporaryFailuresEverywhereAreThatLoginsAnswer() { // B2.19
    AttemptWalk walk = walks.walk();
    for (int i = 0; i < 3; i++) {
      walks.next(walk).target();
      walks.report(walk, TEMPORARY_FAILURE);
    }
    Choice over = walks.next(walk);
    assertEquals(Choice.Kind.FAIL_NO_STORE, over.kind());
    assertEquals(Reason.Kind.REFUSED, over.reason().kind());
    assertEquals(0, walks.news.count("cool-down"));
    assertEquals(Choice.Kind.ATTEMPT, walks.next(walks.walk()).kind(), "nobody else waits");
  }

  @Test
  void sessionGoesOnAtAReplicaOnceNoMasterWasReachedForLong() { // B2.11
    Walks own = new Walks();
    AttemptWalk walk = own.walk();
    long begin = own.clock.now();
    Choice choice = askEveryHost(walk, own);
    while (choice.kind() == Choice.Kind.WAIT) {
      own.clock.passUntil(choice.untilNanos());
      choice = askEveryHost(walk, own);
    }
    assertEquals(Choice.Kind.ATTEMPT_READ_ONLY, choice.kind());
    assertEquals(DEWEY, choice.target());
    assertEquals(Duration.ofSeconds(10).toNanos(), own.clock.now() - begin);
    own.report(walk, ACCEPTED);
    assertNull(own.affinity());
    assertTrue(own.snapshot().noMaster());
    AttemptWalk other = own.walk();
    own.pass(10_000);
    assertEquals(Choice.Kind.ATTEMPT, own.next(other).kind(), "the pause is forgotten by then");
  }

  @Test
  void everyWaitingLoginMayGoOnReadOnlyAndNotOnlyTheOneThatAsked() { // B2.11
    Walks own = new Walks();
    AttemptWalk searching = own.walk();
    AttemptWalk waiting = own.walk();
    Choice choice = askEveryHost(searching, own);
    while (choice.kind() == Choice.Kind.WAIT) {
      assertEquals(Choice.Kind.WAIT, own.next(waiting).kind());
      own.clock.passUntil(choice.untilNanos());
      choice = askEveryHost(searching, own);
    }
    own.report(searching, ACCEPTED);
    assertEquals(Choice.Kind.ATTEMPT_READ_ONLY, own.next(waiting).kind());
  }

  @Test
  void deadReplicaIsNotStayedAtAndTheNextOneIs() { // B2.11
    Walks own = new Walks();
    AttemptWalk walk = own.walk();
    Choice choice = askEveryHost(walk, own);
    while (choice.kind() == Choice.Kind.WAIT) {
      own.clock.passUntil(choice.untilNanos());
      choice = askEveryHost(walk, own);
    }
    assertEquals(DEWEY, choice.target());
    own.report(walk, UNREACHABLE);
    Choice second = own.next(walk);
    assertEquals(Choice.Kind.ATTEMPT_READ_ONLY, second.kind());
    assertEquals(LOUIE, second.target());
    own.report(walk, TEMPORARY_FAILURE);
    assertEquals(Choice.Kind.WAIT, own.next(walk).kind());
  }

  @Test
  void replicaThatRefusedTheLoginIsNeverStayedAt() { // B2.11
    Walks own = new Walks();
    AttemptWalk walk = own.walk();
    Choice choice = own.next(walk);
    while (!choice.kind().failed()) {
      if (choice.kind() == Choice.Kind.WAIT) {
        own.clock.passUntil(choice.untilNanos());
      } else {
        assertEquals(Choice.Kind.ATTEMPT, choice.kind());
        walk.report(AttemptOutcome.REFERRED, HUEY, false, "NO", own.clock.now(), Walks.EVEN);
      }
      choice = own.next(walk);
    }
    assertEquals(Choice.Kind.FAIL_NO_MASTER, choice.kind());
  }

  /** How a login loses the master, which has just died. */
  enum Loss {
    REFUSED,
    REFUSED_WHILE_OTHERS_WERE_LET_IN,
    CLOSED,
    CLOSED_WHILE_OTHERS_WERE_LET_IN,
    CLOSED_BEHIND_ITS_NAME,
    TOLD_TO_COME_LATER
  }

  /**
   * Nobody who loses a dying master is told so at once: replicas go on naming it until another one
   * is elected, for which he waits (rules B2.9, B2.11, B2.19).
   */
  @ParameterizedTest
  @CsvSource({"false,false,false", "true,false,false", "false,true,false", "true,true,true"})
  void whoLosesADyingMasterWaitsForTheNext(boolean refersKnown, boolean proven, boolean guest) {
    List<String> wrong = new ArrayList<>();
    for (Service service : List.of(Walks.IMAP, Walks.POP3, new Service("lmtp"))) {
      for (Loss loss : Loss.values()) {
        for (long election : new long[] {100, 1_000, 3_000, 8_000}) {
          Walks own =
              new Walks(
                  new FakeClock(),
                  SelectorSettings.defaults().with(SelectorSettings.ReadOnlyFallback.off()));
          own.service = service;
          boolean delivers = service.name().equals("lmtp");
          own.caller = delivers ? Caller.UNKNOWN : new Caller(7, proven, proven, "192.0.2.0/24");
          String what = service + " " + loss + " " + election;
          if (refersKnown) {
            own.walk();
            AttemptWalk first =
                own.selector.walkFrom(
                    own.group,
                    service,
                    own.kind,
                    own.caller,
                    DEWEY,
                    true,
                    own.clock.in(Walks.DEADLINE),
                    own.clock.now());
            own.next(first);
            own.refer(first, HUEY);
            own.next(first);
            own.report(first, ACCEPTED);
          } else {
            own.login(ACCEPTED);
          }
          if (guest) {
            AttemptWalk before = own.walk();
            own.next(before);
            own.report(before, ACCEPTED);
            before.handOver(own.clock.now()).ended(Stay.End.BY_STORE, own.clock.now());
          }
          // Where nobody has referred yet, and for a delivery, the store's words are the answer.
          boolean told = (delivers || !refersKnown) && loss == Loss.TOLD_TO_COME_LATER;
          if (!told && outcomeAfter(own, loss, election) != ACCEPTED) {
            wrong.add(what);
          }
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  private static @Nullable AttemptOutcome outcomeAfter(Walks own, Loss loss, long electionMillis) {
    AttemptWalk walk = own.walk();
    assertEquals(HUEY, own.next(walk).target());
    if (loss.name().endsWith("LET_IN")) {
      own.login(ACCEPTED);
    }
    if (loss == Loss.CLOSED_BEHIND_ITS_NAME || loss == Loss.TOLD_TO_COME_LATER) {
      walk.reached(AttemptStage.NAMED, own.clock.now());
    }
    own.pass(20);
    own.report(
        walk,
        switch (loss) {
          case REFUSED, REFUSED_WHILE_OTHERS_WERE_LET_IN -> CONNECTION_REFUSED;
          case CLOSED, CLOSED_WHILE_OTHERS_WERE_LET_IN, CLOSED_BEHIND_ITS_NAME -> UNREACHABLE;
          case TOLD_TO_COME_LATER -> TEMPORARY_FAILURE;
        });
    long elected = own.clock.now() + Duration.ofMillis(electionMillis).toNanos();
    while (true) {
      Choice choice = own.next(walk);
      boolean over = own.clock.now() - elected >= 0;
      switch (choice.kind()) {
        case WAIT -> {
          own.clock.passUntil(
              Math.min(choice.untilNanos(), own.clock.now() + Duration.ofMillis(250).toNanos()));
          for (ProbeTarget target : own.wanted()) {
            AttemptOutcome how =
                target.host().equals(HUEY) ? CONNECTION_REFUSED : AttemptOutcome.GREETED;
            long now = own.clock.now();
            own.selector.probed(target, how, "probe", now, now, Walks.EVEN);
          }
        }
        case ATTEMPT, ATTEMPT_READ_ONLY -> {
          own.pass(5);
          if (choice.target().equals(HUEY)) {
            own.report(walk, CONNECTION_REFUSED);
          } else if (over && choice.target().equals(DEWEY)) {
            own.report(walk, ACCEPTED);
            return ACCEPTED;
          } else {
            walk.reached(AttemptStage.NAMED, own.clock.now());
            own.refer(walk, over ? DEWEY : HUEY);
          }
        }
        case FAIL_NO_STORE, FAIL_NO_MASTER -> {
          return null;
        }
      }
    }
  }
}
