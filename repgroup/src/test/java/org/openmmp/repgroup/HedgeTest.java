package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.repgroup.AttemptOutcome.ACCEPTED;
import static org.openmmp.repgroup.AttemptOutcome.CONNECTION_REFUSED;
import static org.openmmp.repgroup.AttemptOutcome.UNREACHABLE;
import static org.openmmp.repgroup.Walks.DEWEY;
import static org.openmmp.repgroup.Walks.HUEY;
import static org.openmmp.repgroup.Walks.LOUIE;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.testkit.FakeClock;

/** What a walk does about a host that is late. */
class HedgeTest {
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration GREETING = Duration.ofSeconds(5);

  private final Walks walks = new Walks();
  private final FakeClock clock = walks.clock;

  /** So many logins are let in at huey, each greeted after that time. */
  private void known(int logins, long greetsAfterMillis) {
    for (int i = 0; i < logins; i++) {
      AttemptWalk walk = walks.walk();
      assertEquals(HUEY, walks.next(walk).target());
      clock.pass(Duration.ofMillis(1));
      walk.reached(AttemptStage.GREETING, clock.now());
      clock.pass(Duration.ofMillis(greetsAfterMillis - 1));
      walk.reached(AttemptStage.OPENING, clock.now());
      walks.report(walk, ACCEPTED);
    }
    clock.pass(Duration.ofSeconds(1));
  }

  /** A login whose first host said nothing yet, at the time when it looks after it. */
  private AttemptWalk late() {
    AttemptWalk walk = walks.walk();
    assertEquals(HUEY, walks.next(walk).target());
    clock.passUntil(look(walk));
    return walk;
  }

  private long look(AttemptWalk walk) {
    return walk.lookNanos(CONNECT, GREETING, clock.now());
  }

  private boolean mayLeave(AttemptWalk walk, boolean warm) {
    return walk.mayLeave(warm, CONNECT, GREETING, clock.now());
  }

  private void leave(AttemptWalk walk) {
    walk.leave("late", clock.now(), Walks.EVEN);
  }

  /** Once somebody was referred: dewey and louie name huey. */
  private void hostsRefer() {
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    walks.refer(walk, DEWEY);
    assertEquals(DEWEY, walks.next(walk).target());
    walks.refer(walk, HUEY);
    walk.abandon(clock.now());
    walks.selector.failback(walks.group);
    clock.pass(Duration.ofMinutes(2));
    known(30, 5);
  }

  @Test // B2.31
  void nextHostIsBegunToOnceTheFirstIsLaterThanUsual() {
    known(30, 5);
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    long began = clock.now();
    assertEquals(Duration.ofMillis(50).toNanos(), look(walk) - began);
    assertNull(walk.hedge(clock.now()));
    clock.passUntil(look(walk));
    assertEquals(DEWEY, walk.hedge(clock.now()));
    assertNull(walk.hedge(clock.now()), "one at a time");
    assertEquals(Duration.ofMillis(100).toNanos(), look(walk) - began);
  }

  @Test // B2.31
  void usuallySlowHostIsNotLate() {
    known(30, 300);
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    clock.pass(Duration.ofMillis(300));
    assertNull(walk.hedge(clock.now()));
    assertTrue(look(walk) - clock.now() > 0);
  }

  @Test // B2.31, B2.21
  void whatWeWereLateWithIsNotWhatIsUsualOfTheHost() {
    known(30, 5);
    for (int i = 0; i < 30; i++) {
      AttemptWalk walk = walks.walk();
      walks.next(walk);
      clock.pass(Duration.ofMillis(401));
      walk.wasLate(Duration.ofMillis(400).toNanos());
      walk.reached(AttemptStage.GREETING, clock.now());
      clock.pass(Duration.ofMillis(304));
      walk.wasLate(Duration.ofMillis(700).toNanos());
      walk.reached(AttemptStage.OPENING, clock.now());
      walks.report(walk, ACCEPTED);
    }
    clock.pass(Duration.ofSeconds(1));
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    assertEquals(Duration.ofMillis(50).toNanos(), look(walk) - clock.now());
  }

  @Test // B2.31, B2.33, B2.21
  void hostIsNotLateBecauseWeAre() {
    known(30, 5);
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    long began = clock.now();
    clock.pass(Duration.ofMillis(1_600));
    walk.wasLate(Duration.ofMillis(1_580).toNanos());
    assertNull(walk.hedge(clock.now()));
    assertFalse(mayLeave(walk, false));
    assertEquals(Duration.ofMillis(1_630).toNanos(), look(walk) - began);
    clock.passUntil(look(walk));
    assertEquals(DEWEY, walk.hedge(clock.now()));
  }

  @Test // B2.31
  void hostThatGreetedIsNotLate() {
    known(30, 5);
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    walk.reached(AttemptStage.OPENING, clock.now());
    clock.pass(Duration.ofSeconds(4));
    assertNull(walk.hedge(clock.now()));
    assertFalse(mayLeave(walk, true));
  }

  @Test // B2.31
  void hedgeThatFailsIsNoEvidenceAndTheNextHostIsNext() {
    known(30, 5);
    List<GroupSnapshot.HostSnapshot> before = walks.snapshot().hosts();
    AttemptWalk walk = late();
    assertEquals(DEWEY, walk.hedge(clock.now()));
    walk.hedgeEnded(HedgeResult.FAILED);
    assertEquals(LOUIE, walk.hedge(clock.now()));
    walk.hedgeEnded(HedgeResult.FAILED);
    assertNull(walk.hedge(clock.now()));
    assertFalse(mayLeave(walk, false));
    walk.abandon(clock.now());
    assertEquals(before.get(1), walks.snapshot().hosts().get(1));
    assertEquals(before.get(2), walks.snapshot().hosts().get(2));
    assertEquals(List.of(), walks.wantedProbes());
  }

  @Test // B2.31
  void probesLoginThatIsReferredShowsThatHostsRefer() {
    known(30, 5);
    walks.selector.namesMaster(new ProbeTarget(walks.group, Walks.IMAP, DEWEY), HUEY, clock.now());
    AttemptWalk walk = late();
    assertEquals(DEWEY, walk.hedge(clock.now()));
    assertTrue(mayLeave(walk, true));
  }

  @Test // B2.31
  void probesLoginThatIsLetInShowsNothing() {
    known(30, 5);
    walks.selector.namesMaster(new ProbeTarget(walks.group, Walks.IMAP, DEWEY), null, clock.now());
    AttemptWalk walk = late();
    assertEquals(DEWEY, walk.hedge(clock.now()));
    assertFalse(mayLeave(walk, true));
  }

  @Test // B2.31
  void lateHostIsLeftForAReplicaWhereHostsRefer() {
    hostsRefer();
    AttemptWalk walk = late();
    assertFalse(mayLeave(walk, false));
    assertEquals(DEWEY, walk.hedge(clock.now()));
    assertTrue(mayLeave(walk, true));
    leave(walk);
    assertEquals(DEWEY, walks.next(walk).target());
    walk.goesOnWarm(AttemptStage.OPENING, clock.now());
    walks.refer(walk, LOUIE);
    assertEquals(LOUIE, walks.next(walk).target());
    walks.report(walk, ACCEPTED);
    assertEquals(LOUIE, walks.affinity()); // huey is silent, and louie takes writers
    assertEquals(0, walks.host(HUEY).failures());
    assertEquals(List.of(HUEY), walks.wantedProbes()); // which a probe looks into
    assertEquals(0, walks.news.count("served elsewhere"));
    assertEquals(List.of(LOUIE), walks.login(ACCEPTED));
  }

  @Test // B2.31, B2.23
  void hostThatLetSomebodyThroughSinceItWasLeftStaysTheMaster() {
    hostsRefer();
    AttemptWalk walk = late();
    walk.hedge(clock.now());
    leave(walk);
    walks.next(walk);
    walks.refer(walk, LOUIE);
    walks.login(ACCEPTED); // at huey
    assertEquals(LOUIE, walks.next(walk).target());
    walks.report(walk, ACCEPTED);
    assertEquals(HUEY, walks.affinity());
    assertEquals(1, walks.news.count("served elsewhere"));
  }

  @Test // B2.31
  void hostThatAReplicaNamesIsAskedAgainWithAllItsTime() {
    hostsRefer();
    AttemptWalk walk = late();
    walk.hedge(clock.now());
    leave(walk);
    assertEquals(DEWEY, walks.next(walk).target());
    walk.goesOnWarm(AttemptStage.OPENING, clock.now());
    walks.refer(walk, HUEY);
    assertEquals(HUEY, walks.next(walk).target());
    clock.pass(Duration.ofSeconds(4));
    assertNull(walk.hedge(clock.now()));
    assertFalse(mayLeave(walk, true));
    walks.report(walk, ACCEPTED);
    assertEquals(HUEY, walks.affinity());
    assertEquals(0, walks.host(HUEY).failures());
  }

  @Test // B2.31
  void masterThatWasFoundMeanwhileNeedsNoHedge() {
    hostsRefer();
    AttemptWalk first = walks.walk();
    walks.next(first);
    walks.pass(1);
    AttemptWalk second = walks.walk();
    assertFalse(walks.next(second).kind().attempt());
    clock.passUntil(look(first));
    first.hedge(clock.now());
    leave(first);
    assertEquals(DEWEY, walks.next(first).target());
    assertEquals(HUEY, walks.next(second).target()); // it was waiting for huey's word
    walks.refer(first, LOUIE);
    walks.next(first);
    walks.report(first, ACCEPTED);
    assertTrue(mayLeave(second, false));
    leave(second);
    assertEquals(LOUIE, walks.next(second).target());
  }

  @Test // B2.31, B2.33
  void warmHostIsNoReasonToLeaveWhereHostsDoNotRefer() {
    known(30, 5);
    AttemptWalk walk = late();
    assertEquals(DEWEY, walk.hedge(clock.now()));
    for (int i = 0; i < 4; i++) {
      assertFalse(mayLeave(walk, true), () -> "at " + clock.now());
      clock.passUntil(look(walk));
    }
    walk.reached(AttemptStage.GREETING, clock.now());
    clock.pass(Duration.ofMillis(999));
    assertFalse(mayLeave(walk, true));
    clock.passUntil(look(walk));
    assertTrue(mayLeave(walk, true));
    leave(walk);
    assertEquals(DEWEY, walks.next(walk).target());
    walks.report(walk, ACCEPTED);
    assertEquals(HUEY, walks.affinity()); // nothing was learnt of it
    assertEquals(0, walks.host(HUEY).failures());
    assertEquals(List.of(HUEY), walks.wantedProbes());
    walks.failProbes(UNREACHABLE); // with all the time that a host has
    assertEquals(1, walks.host(HUEY).failures());
  }

  @Test // B2.33
  void connectThatTakesTenTimesAsLongAsEverIsLeft() {
    known(30, 5);
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    clock.pass(Duration.ofMillis(1_499));
    assertFalse(mayLeave(walk, false));
    clock.pass(Duration.ofMillis(1));
    assertTrue(mayLeave(walk, false));
  }

  @Test // B2.33
  void hostOfWhichLittleIsKnownHasAllItsTime() {
    known(10, 5);
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    clock.pass(Duration.ofMillis(1_999));
    assertFalse(mayLeave(walk, true));
    walk.reached(AttemptStage.GREETING, clock.now());
    clock.pass(Duration.ofMillis(4_999));
    assertFalse(mayLeave(walk, true));
  }

  @Test // B2.33, B2.5
  void hostThatGreetsOthersIsNotLeft() {
    known(30, 5);
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    clock.pass(Duration.ofMillis(100));
    AttemptWalk other = walks.walk();
    walks.next(other);
    clock.pass(Duration.ofMillis(1_400));
    walk.reached(AttemptStage.OPENING, clock.now()); // the one that hung until then
    clock.pass(Duration.ofMillis(900));
    assertFalse(mayLeave(other, true));
  }

  @Test // B2.33
  void loginComesBackIfNoOtherLetsItIn() {
    known(30, 5);
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    clock.pass(Duration.ofMillis(1_500));
    leave(walk);
    assertEquals(DEWEY, walks.next(walk).target());
    walks.report(walk, CONNECTION_REFUSED); // standbys do
    assertEquals(LOUIE, walks.next(walk).target());
    walks.report(walk, CONNECTION_REFUSED);
    assertEquals(HUEY, walks.next(walk).target());
    clock.pass(Duration.ofMillis(1_900));
    assertFalse(mayLeave(walk, true));
    walks.report(walk, ACCEPTED);
    assertEquals(HUEY, walks.affinity());
  }

  @Test // B2.33
  void hostThatFailsWhenTheLoginComesBackHasFailed() {
    known(30, 5);
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    clock.pass(Duration.ofMillis(1_500));
    leave(walk);
    walks.next(walk);
    walks.report(walk, CONNECTION_REFUSED);
    walks.next(walk);
    walks.report(walk, CONNECTION_REFUSED);
    walks.next(walk);
    clock.pass(Duration.ofSeconds(2));
    walks.report(walk, UNREACHABLE);
    assertEquals(1, walks.host(HUEY).failures());
    assertFalse(walks.next(walk).kind().attempt());
  }

  @Test // B2.33
  void onlyHostOfAGroupHasAllItsTime() {
    walks.group = Walks.group("alone", "huey.example.com");
    known(30, 5);
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    assertEquals(CONNECT.plus(GREETING).toNanos(), look(walk) - clock.now());
    clock.pass(Duration.ofSeconds(5));
    assertNull(walk.hedge(clock.now()));
    assertFalse(mayLeave(walk, true));
  }

  @ParameterizedTest // B2.31
  @ValueSource(ints = {1, 3, 50})
  void noMoreLoginsThanTheirShareAreHedged(int atOnce) {
    known(30, 5);
    int hedged = 0;
    int logins = 10_000;
    for (int i = 0; i < logins; i += atOnce) {
      List<AttemptWalk> all = new ArrayList<>();
      for (int n = 0; n < atOnce; n++) {
        AttemptWalk walk = walks.walk();
        if (walks.next(walk).kind().attempt()) {
          all.add(walk);
        }
      }
      clock.pass(Duration.ofMillis(60));
      for (AttemptWalk walk : all) {
        hedged += walk.hedge(clock.now()) == null ? 0 : 1;
      }
      all.forEach(walk -> walk.reached(AttemptStage.OPENING, clock.now()));
      all.forEach(walk -> walk.abandon(clock.now()));
    }
    int most = HedgeBudget.MOST_SAVED + logins * 2 / 100 + 1;
    assertTrue(hedged <= most, hedged + " hedges");
  }

  @Test // B2.31
  void fewHedgesStandAtOnce() {
    HedgeBudget budget = new HedgeBudget();
    int taken = 0;
    for (int i = 0; i < 1_000; i++) {
      budget.loginBegan(100);
      taken += budget.take() ? 1 : 0;
    }
    assertEquals(HedgeBudget.MOST_AT_ONCE, taken);
    budget.ended();
    assertTrue(budget.take());
  }
}
