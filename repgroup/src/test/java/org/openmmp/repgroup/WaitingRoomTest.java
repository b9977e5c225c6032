package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.repgroup.AttemptOutcome.UNREACHABLE;
import static org.openmmp.repgroup.Walks.HUEY;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmmp.testkit.FakeClock;

/** Logins that wait for a store to come back (rule B2.9). */
class WaitingRoomTest {
  private static final int ROOM = 1_000;
  private static final Set<Reason.Kind> WAITING =
      Set.of(Reason.Kind.STORE_AWAITED, Reason.Kind.NO_ROOM_TO_WAIT);

  private final Walks walks =
      new Walks(
          new FakeClock(),
          SelectorSettings.defaults()
              .with(
                  new SelectorSettings.AdmissionTerms(
                      true, 8, 0, 0, ROOM, Duration.ofSeconds(25))));
  private final List<AttemptWalk> woken = new ArrayList<>();
  private int inRoom;
  private AttemptWalk lastWaiting = walks.walk();

  @BeforeEach
  void everyHostHasFailed() {
    walks.group = Walks.group("one", HUEY.name());
    walks.login(UNREACHABLE);
  }

  private Choice waits(Caller caller) {
    walks.caller = caller;
    AttemptWalk walk = walks.walk();
    Choice choice = walks.next(walk);
    assertTrue(WAITING.contains(choice.reason().kind()), choice.reason().text());
    inRoom += choice.reason().kind() == Reason.Kind.STORE_AWAITED ? 1 : 0;
    lastWaiting = walk;
    walk.awaitChange(choice, () -> woken.add(walk));
    return choice;
  }

  private void hueyGreets() {
    ProbeTarget target = new ProbeTarget(walks.group, Walks.IMAP, HUEY);
    long now = walks.clock.now();
    walks.selector.probed(target, AttemptOutcome.GREETED, "greeted", now, now, Walks.EVEN);
  }

  private static Caller stranger(int network) {
    return new Caller(7, false, false, "192.0.2." + network + "/32");
  }

  // B2.9
  @Test
  void loginThatFindsEveryHostFailedDialsNobodyUntilOneGreets() {
    Choice choice = waits(Caller.UNKNOWN);
    assertEquals(Duration.ofSeconds(5), Duration.ofNanos(choice.untilNanos() - walks.clock.now()));
    walks.pass(3_000);
    assertEquals(List.of(new ProbeTarget(walks.group, Walks.IMAP, HUEY)), walks.wanted());
    assertEquals(List.of(), woken);
    hueyGreets();
    assertEquals(1, woken.size());
    assertEquals(HUEY, walks.next(woken.get(0)).target());
    assertEquals(List.of(), walks.wanted());
  }

  // B2.9
  @Test
  void loginThatNoStoreGreetsIsToldSoInTheEndAndKeepsTheProberGoingForAMinute() {
    walks.caller = Caller.UNKNOWN;
    AttemptWalk walk = walks.walk();
    walks.clock.passUntil(walks.next(walk).untilNanos());
    assertEquals(Choice.Kind.FAIL_NO_STORE, walks.next(walk).kind());
    walks.pass(59_000);
    assertEquals(1, walks.wanted().size());
    assertFalse(walks.selector.probesUnhurried(walks.group, Walks.IMAP, walks.clock.now()));
    walks.pass(2_000);
    assertTrue(walks.selector.probesUnhurried(walks.group, Walks.IMAP, walks.clock.now()));
  }

  // B5.17
  @Test
  void whoHasPromisedNothingIsToldAtOnceOfAGroupThatHasBeenDownForLong() {
    Choice choice = walks.next(walks.impatientWalk());
    assertEquals(Reason.Kind.STORE_AWAITED, choice.reason().kind());
    assertEquals(Duration.ofSeconds(5), Duration.ofNanos(choice.untilNanos() - walks.clock.now()));
    for (int second = 0; second < 90; second += 5) {
      walks.pass(5_000);
      assertEquals(Choice.Kind.FAIL_NO_STORE, walks.next(walks.impatientWalk()).kind());
      assertEquals(1, walks.wanted().size(), "it is asked whether it is back");
    }
    hueyGreets();
    assertEquals(HUEY, walks.next(walks.impatientWalk()).target());
  }

  // B2.9: what it took to find that out is not taken from the wait
  @Test
  void waitForAStoreCountsFromTheMomentThatEveryHostHasFailed() {
    walks.group = Walks.group("slow", "donald", "daisy");
    AttemptWalk walk = walks.walk();
    walks.next(walk).target();
    walks.pass(4_000);
    walks.report(walk, UNREACHABLE);
    walks.next(walk).target();
    walks.pass(4_000);
    walks.report(walk, UNREACHABLE);
    Choice choice = walks.next(walk);
    assertEquals(Reason.Kind.STORE_AWAITED, choice.reason().kind());
    assertEquals(Duration.ofSeconds(5), Duration.ofNanos(choice.untilNanos() - walks.clock.now()));
    walks.pass(1_000);
    assertEquals(choice.untilNanos(), walks.next(walk).untilNanos(), "asking again adds nothing");
    walks.clock.passUntil(choice.untilNanos());
    assertEquals(Choice.Kind.FAIL_NO_STORE, walks.next(walk).kind());
  }

  // B2.9
  @Test
  void waitForAStoreIsNotBegunAnewByOneThatGreetsAndFailsAgain() {
    AttemptWalk walk = walks.walk();
    long until = walks.next(walk).untilNanos();
    for (int i = 0; i < 4; i++) {
      walks.pass(1_000);
      hueyGreets();
      assertEquals(HUEY, walks.next(walk).target());
      walks.report(walk, UNREACHABLE);
      assertEquals(until, walks.next(walk).untilNanos());
    }
    walks.clock.passUntil(until);
    assertEquals(Choice.Kind.FAIL_NO_STORE, walks.next(walk).kind());
  }

  // B2.9
  @Test
  void waitForAStoreEndsWithTheLoginsDeadline() {
    AttemptWalk walk = walks.walk();
    long deadline = walks.clock.in(Walks.DEADLINE);
    hueyGreets();
    walks.next(walk).target();
    walks.pass(Walks.DEADLINE.toMillis() - 1_000);
    walks.report(walk, UNREACHABLE);
    assertEquals(deadline, walks.next(walk).untilNanos());
  }

  // B2.9
  @Test
  void roomHoldsSoManyAndAGoodWordWakesAFewOfThemAtFirst() {
    for (int i = 0; i < ROOM + 200; i++) {
      waits(Caller.UNKNOWN);
    }
    assertEquals(ROOM, inRoom);
    hueyGreets();
    assertEquals(64, woken.size());
  }

  // B2.9
  @Test
  void whoFoundNoRoomIsServedWhenItsTimeIsOverIfAStoreCameBack() {
    for (int i = 0; i < ROOM; i++) {
      waits(Caller.UNKNOWN);
    }
    AttemptWalk late = walks.walk();
    Choice choice = walks.next(late);
    late.awaitChange(choice, () -> woken.add(late));
    hueyGreets();
    assertTrue(!woken.contains(late));
    walks.clock.passUntil(choice.untilNanos());
    assertEquals(HUEY, walks.next(late).target());
  }

  // B2.9, B2.10
  @Test
  void whoeverFillsTheRoomLeavesSomeOfItToOthers() {
    for (int i = 0; i < 3 * ROOM; i++) {
      waits(stranger(66));
    }
    waits(stranger(1));
    waits(new Caller(5, true, true, "198.51.100.0/24"));
    assertEquals(ROOM / 2 + 2, inRoom);
  }

  // B2.9
  @Test
  void whoLeavesMakesRoom() {
    List<AttemptWalk> waiting = new ArrayList<>();
    for (int i = 0; i < ROOM; i++) {
      AttemptWalk walk = walks.walk();
      walk.awaitChange(walks.next(walk), () -> woken.add(walk));
      waiting.add(walk);
    }
    assertEquals(Reason.Kind.NO_ROOM_TO_WAIT, waits(Caller.UNKNOWN).reason().kind());
    waiting.get(0).abandon(walks.clock.now());
    assertEquals(Reason.Kind.STORE_AWAITED, waits(Caller.UNKNOWN).reason().kind());
  }

  // B2.28: who hears good news and can go on has others hear it, until all have
  @Test
  void goodNewsReachesAllForWhomItIsOfUse() {
    for (int i = 0; i < 500; i++) {
      waits(new Caller(100 + i, true, true, "198.51.100.0/24"));
    }
    hueyGreets();
    assertEquals(64, woken.size());
    walks.next(woken.get(0)).target();
    woken.get(0).reached(AttemptStage.NAMED, walks.clock.now());
    walks.report(woken.get(0), AttemptOutcome.ACCEPTED);
    int heard = 1;
    while (heard < woken.size()) {
      AttemptWalk walk = woken.get(heard++);
      Choice choice = walks.next(walk);
      if (choice.kind() == Choice.Kind.WAIT) {
        walk.awaitChange(choice, () -> {});
      }
    }
    assertTrue(heard >= 500, "heard: " + heard);
  }

  // B2.28
  @Test
  void provenLoginsHearGoodNewsFirst() {
    for (int i = 0; i < 200; i++) {
      waits(stranger(i));
    }
    waits(new Caller(5, true, true, "198.51.100.0/24"));
    AttemptWalk proven = lastWaiting;
    hueyGreets();
    assertSame(proven, woken.get(0));
  }
}
