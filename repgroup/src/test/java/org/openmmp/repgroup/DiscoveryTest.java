package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.repgroup.AttemptOutcome.ACCEPTED;
import static org.openmmp.repgroup.AttemptOutcome.AUTH_REJECTED;
import static org.openmmp.repgroup.AttemptOutcome.TEMPORARY_FAILURE;
import static org.openmmp.repgroup.AttemptOutcome.UNREACHABLE;
import static org.openmmp.repgroup.Walks.CLUSTER;
import static org.openmmp.repgroup.Walks.DEWEY;
import static org.openmmp.repgroup.Walks.HUEY;
import static org.openmmp.repgroup.Walks.LOUIE;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DiscoveryTest {
  private final Walks walks = new Walks();

  private List<AttemptWalk> crowd(int size) {
    return Stream.generate(walks::walk).limit(size).toList();
  }

  private Choice assertWaits(AttemptWalk walk) {
    Choice choice = walks.next(walk);
    assertEquals(Choice.Kind.WAIT, choice.kind(), choice::toString);
    assertTrue(choice.untilNanos() - walks.clock.now() > 0);
    return choice;
  }

  @Test
  void hundredLoginsOnADeadMasterCostOneAttempt() { // B2.9
    walks.login(ACCEPTED);
    walks.pass(10_000);
    List<AttemptWalk> crowd = crowd(100);
    AttemptWalk searching = crowd.get(0);
    List<AttemptWalk> others = crowd.subList(1, 100);
    assertEquals(HUEY, walks.next(searching).target());
    others.forEach(this::assertWaits);
    walks.report(searching, UNREACHABLE);
    assertEquals(DEWEY, walks.next(searching).target());
    others.forEach(this::assertWaits);
    walks.refer(searching, LOUIE);
    assertEquals(LOUIE, walks.next(searching).target());
    others.forEach(this::assertWaits);
    walks.report(searching, ACCEPTED);
    for (AttemptWalk walk : others) {
      Choice choice = walks.next(walk);
      if (choice.kind() == Choice.Kind.WAIT) {
        assertEquals(Reason.Kind.STORE_FULL, choice.reason().kind());
      } else {
        assertEquals(LOUIE, choice.target());
        assertEquals(Reason.Kind.AFFINITY, choice.reason().kind());
      }
    }
    assertEquals(2, walks.host(HUEY).attemptsStarted());
    assertEquals(1, walks.host(DEWEY).attemptsStarted());
  }

  @Test
  void hundredLoginsOnADeadGroupCostEachHostOneAttempt() { // B2.9
    List<AttemptWalk> crowd = crowd(100);
    for (StoreHost host : CLUSTER.hosts()) {
      assertEquals(host, walks.next(crowd.get(0)).target());
      crowd.subList(1, 100).forEach(this::assertWaits);
      walks.pass(7_000);
      walks.report(crowd.get(0), UNREACHABLE);
    }
    for (AttemptWalk walk : crowd) {
      assertEquals(Reason.Kind.STORE_AWAITED, walks.next(walk).reason().kind());
    }
    walks.clock.passUntil(walks.next(crowd.get(0)).untilNanos());
    for (AttemptWalk walk : crowd) {
      assertTrue(walks.next(walk).kind().failed());
    }
    CLUSTER.hosts().forEach(host -> assertEquals(1, walks.host(host).attemptsStarted()));
  }

  @Test
  void waitingLoginIsWokenByTheAnswerAndNotBefore() { // B2.9
    List<AttemptWalk> two = crowd(2);
    AtomicInteger woken = new AtomicInteger();
    walks.next(two.get(0));
    Choice wait = assertWaits(two.get(1));
    two.get(1).awaitChange(wait, woken::incrementAndGet);
    assertEquals(1, walks.snapshot().waiting());
    assertEquals(0, woken.get());
    walks.report(two.get(0), ACCEPTED);
    assertEquals(1, woken.get());
    assertEquals(0, walks.snapshot().waiting());
    assertEquals(HUEY, walks.next(two.get(1)).target());
  }

  @Test
  void changeBetweenDecisionAndWaitingWakesAtOnce() { // B2.9
    List<AttemptWalk> two = crowd(2);
    AtomicInteger woken = new AtomicInteger();
    walks.next(two.get(0));
    Choice wait = assertWaits(two.get(1));
    walks.report(two.get(0), ACCEPTED);
    two.get(1).awaitChange(wait, woken::incrementAndGet);
    assertEquals(1, woken.get());
  }

  @Test
  void wakeUpThatWasTakenBackDoesNotRun() {
    List<AttemptWalk> three = crowd(3);
    AtomicInteger woken = new AtomicInteger();
    walks.next(three.get(0));
    three.get(1).awaitChange(assertWaits(three.get(1)), woken::incrementAndGet);
    three.get(2).awaitChange(assertWaits(three.get(2)), woken::incrementAndGet);
    three.get(1).cancelWait();
    three.get(2).abandon(walks.clock.now());
    walks.report(three.get(0), ACCEPTED);
    assertEquals(0, woken.get());
  }

  @Test
  void greetingOfTheAffinityHostLetsTheOthersGo() { // B2.9
    walks.login(ACCEPTED);
    walks.pass(10_000);
    List<AttemptWalk> three = crowd(3);
    assertEquals(HUEY, walks.next(three.get(0)).target());
    Choice wait = assertWaits(three.get(1));
    AtomicInteger woken = new AtomicInteger();
    three.get(1).awaitChange(wait, woken::incrementAndGet);
    three.get(0).reached(AttemptStage.OPENING, walks.clock.now());
    assertEquals(1, woken.get());
    assertEquals(HUEY, walks.next(three.get(1)).target());
    assertEquals(HUEY, walks.next(three.get(2)).target());
  }

  @Test
  void loginsRightAfterAnAnswerAreNotHeldBack() { // B2.9
    walks.login(ACCEPTED);
    walks.pass(100);
    crowd(10).forEach(walk -> assertEquals(HUEY, walks.next(walk).target()));
  }

  @Test
  void clientThatLeavesBeforeTheGreetingHoldsNobodyUp() { // B2.9
    walks.login(ACCEPTED);
    walks.pass(10_000);
    List<AttemptWalk> two = crowd(2);
    walks.next(two.get(0));
    AtomicInteger woken = new AtomicInteger();
    two.get(1).awaitChange(assertWaits(two.get(1)), woken::incrementAndGet);
    two.get(0).abandon(walks.clock.now());
    two.get(0).abandon(walks.clock.now());
    assertEquals(1, woken.get());
    assertEquals(HUEY, walks.next(two.get(1)).target());
    assertEquals(1, walks.host(HUEY).attemptsUnderWay());
  }

  @Test
  void othersWaitNoLongerThanTheirPatienceForASlowAnswer() { // B2.9
    List<AttemptWalk> four = crowd(4);
    assertEquals(HUEY, walks.next(four.get(0)).target());
    walks.pass(10);
    four.get(0).reached(AttemptStage.OPENING, walks.clock.now());
    Choice wait = assertWaits(four.get(1));
    assertEquals(1_000_000_000L, wait.untilNanos() - walks.clock.now());
    walks.clock.passUntil(wait.untilNanos());
    assertEquals(HUEY, walks.next(four.get(1)).target());
    assertWaits(four.get(2));
    walks.report(four.get(1), ACCEPTED);
    assertEquals(HUEY, walks.next(four.get(2)).target());
    walks.report(four.get(0), AUTH_REJECTED);
    assertEquals(HUEY, walks.next(four.get(3)).target());
  }

  @Test
  void silentSearcherIsFollowedByTheNextOneOnceItsTimeIsOver() { // B2.9
    List<AttemptWalk> two = crowd(2);
    walks.next(two.get(0));
    Choice wait = assertWaits(two.get(1));
    walks.clock.passUntil(wait.untilNanos());
    assertEquals(HUEY, walks.next(two.get(1)).target());
  }

  @Test
  void wrongPasswordsDoNotKeepARightOneWaiting() { // B2.9
    List<AttemptWalk> crowd = crowd(10);
    assertEquals(HUEY, walks.next(crowd.get(0)).target());
    assertWaits(crowd.get(9));
    walks.pass(2_000);
    walks.report(crowd.get(0), AUTH_REJECTED);
    crowd.subList(1, 10).forEach(walk -> assertEquals(HUEY, walks.next(walk).target()));
  }

  @Test
  void temporaryFailureOfOneMailboxPassesTheSearchOn() { // B2.9
    List<AttemptWalk> two = crowd(2);
    walks.next(two.get(0));
    assertWaits(two.get(1));
    walks.report(two.get(0), TEMPORARY_FAILURE);
    assertEquals(HUEY, walks.next(two.get(1)).target());
    assertWaits(two.get(0));
    walks.report(two.get(1), ACCEPTED);
    assertEquals(DEWEY, walks.next(two.get(0)).target());
    walks.report(two.get(0), ACCEPTED);
    assertEquals(HUEY, walks.affinity(), "a login that went on by itself moves nobody"); // B2.23
  }

  @Test
  void hostThatFailedBeforeIsConfirmedOnlyByAnAnswer() { // B2.9
    walks.group = Walks.group("two", HUEY.name(), DEWEY.name());
    walks.login(UNREACHABLE);
    walks.pass(5_000);
    List<AttemptWalk> two = crowd(2);
    assertEquals(HUEY, walks.next(two.get(0)).target());
    two.get(0).reached(AttemptStage.OPENING, walks.clock.now());
    assertWaits(two.get(1));
    walks.report(two.get(0), ACCEPTED);
    assertEquals(HUEY, walks.next(two.get(1)).target());
  }

  @Test
  void referralOfADemotedMasterIsFollowedByOneLoginAtATime() { // B2.9, B3.6
    walks.login(ACCEPTED);
    List<AttemptWalk> crowd = crowd(50);
    crowd.forEach(walk -> assertEquals(HUEY, walks.next(walk).target()));
    crowd.forEach(walk -> walks.refer(walk, DEWEY));
    assertEquals(DEWEY, walks.next(crowd.get(0)).target());
    crowd.subList(1, 50).forEach(this::assertWaits);
    walks.report(crowd.get(0), ACCEPTED);
    crowd.subList(1, 50).forEach(walk -> assertEquals(DEWEY, walks.next(walk).target()));
  }

  @Test
  void outOfGroupReferralEndsTheWalkAndLeavesTheAffinityAlone() { // B3.6
    walks.login(ACCEPTED);
    walks.pass(10_000);
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    walks.refer(walk, new StoreHost("store1a"));
    assertEquals(HUEY, walks.affinity());
    AttemptWalk other = walks.walk();
    assertEquals(HUEY, walks.next(other).target());
    ReplicationGroup group = Walks.group("store1", "store1b", "store1a");
    AttemptWalk there =
        walks.selector.walkFrom(
            group,
            walks.service,
            ClientKind.WRITER,
            walks.caller,
            new StoreHost("store1a"),
            true,
            walks.clock.in(Walks.DEADLINE),
            walks.clock.now());
    Choice first = walks.next(there);
    assertEquals(new StoreHost("store1a"), first.target());
    assertEquals(Reason.Kind.REFERRED_INTO_GROUP, first.reason().kind());
    walks.report(there, ACCEPTED);
    walks.group = group;
    assertEquals(new StoreHost("store1a"), walks.affinity());
  }

  @Test
  void nothingIsHeldAfterEveryWalkHasEnded() {
    for (AttemptOutcome outcome : AttemptOutcome.values()) {
      AttemptWalk walk = walks.walk();
      walks.next(walk);
      walks.report(walk, outcome);
      walk.abandon(walks.clock.now());
      walks.pass(60_000);
      AttemptWalk next = walks.walk();
      assertTrue(walks.next(next).kind().attempt(), outcome::toString);
      next.abandon(walks.clock.now());
    }
    walks.snapshot().hosts().forEach(host -> assertEquals(0, host.attemptsUnderWay()));
    assertFalse(walks.snapshot().noMaster());
  }
}
