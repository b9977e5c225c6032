package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.repgroup.AttemptOutcome.ACCEPTED;
import static org.openmmp.repgroup.AttemptOutcome.UNREACHABLE;
import static org.openmmp.repgroup.Walks.DEWEY;
import static org.openmmp.repgroup.Walks.HUEY;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.testkit.FakeClock;

class AdmissionTest {
  private final Walks walks =
      new Walks(new FakeClock(), SelectorSettings.defaults().withMaxAttemptsPerStore(2));

  @BeforeEach
  void affinityIsKnown() {
    walks.login(ACCEPTED);
  }

  private List<AttemptWalk> dialling(int count) {
    List<AttemptWalk> dialling = Stream.generate(walks::walk).limit(count).toList();
    dialling.forEach(walk -> assertEquals(HUEY, walks.next(walk).target()));
    return dialling;
  }

  private AttemptWalk queueing(String name, List<String> woken) {
    AttemptWalk walk = walks.walk();
    Choice wait = walks.next(walk);
    assertEquals(Reason.Kind.STORE_FULL, wait.reason().kind());
    walk.awaitChange(wait, () -> woken.add(name));
    return walk;
  }

  @Test
  void attemptsOverTheLimitQueueInOrder() { // B2.10
    List<AttemptWalk> dialling = dialling(2);
    List<String> woken = new ArrayList<>();
    AttemptWalk a = queueing("a", woken);
    queueing("b", woken);
    assertEquals(2, walks.host(HUEY).waiting());
    walks.report(dialling.get(0), ACCEPTED);
    assertEquals(List.of("a"), woken);
    assertEquals(HUEY, walks.next(a).target());
    walks.report(dialling.get(1), ACCEPTED);
    assertEquals(List.of("a", "b"), woken);
  }

  @Test
  void attemptThatWaitsForItsClientGivesItsPlaceBackOnce() { // B2.10
    List<AttemptWalk> dialling = dialling(2);
    List<String> woken = new ArrayList<>();
    AttemptWalk a = queueing("a", woken);
    dialling.get(0).reached(AttemptStage.OPENING, walks.clock.now());
    dialling.get(0).waitsForClient(walks.clock.now());
    dialling.get(0).waitsForClient(walks.clock.now());
    assertEquals(List.of("a"), woken);
    assertEquals(1, walks.host(HUEY).attemptsUnderWay());
    assertEquals(HUEY, walks.next(a).target());
    walks.report(dialling.get(0), ACCEPTED);
    assertEquals(2, walks.host(HUEY).attemptsUnderWay());
    dialling.get(1).waitsForClient(walks.clock.now());
    dialling.get(1).abandon(walks.clock.now());
    a.abandon(walks.clock.now());
    assertEquals(0, walks.host(HUEY).attemptsUnderWay());
  }

  @Test
  void wokenLoginThatIsGivenUpWakesTheNextOne() { // B2.10
    List<AttemptWalk> dialling = dialling(2);
    List<String> woken = new ArrayList<>();
    AttemptWalk a = queueing("a", woken);
    queueing("b", woken);
    walks.report(dialling.get(0), ACCEPTED);
    a.abandon(walks.clock.now());
    assertEquals(List.of("a", "b"), woken);
  }

  @Test
  void placeThatBecameFreeBeforeTheWaitBeganWakesAtOnce() { // B2.10
    List<AttemptWalk> dialling = dialling(2);
    AttemptWalk walk = walks.walk();
    Choice wait = walks.next(walk);
    walks.report(dialling.get(0), ACCEPTED);
    List<String> woken = new ArrayList<>();
    walk.awaitChange(wait, () -> woken.add("at once"));
    assertEquals(List.of("at once"), woken);
  }

  @Test
  void queueOfAHostThatFailsMovesOn() { // B2.10
    List<AttemptWalk> dialling = dialling(2);
    List<String> woken = new ArrayList<>();
    AttemptWalk a = queueing("a", woken);
    walks.report(dialling.get(0), UNREACHABLE);
    assertEquals(List.of("a"), woken);
    assertEquals(DEWEY, walks.next(a).target());
  }

  @Test
  void fullStoreDelaysNoOtherGroup() { // B2.10
    dialling(2);
    walks.group = Walks.group("other", "store1a");
    assertEquals(new StoreHost("store1a"), walks.next(walks.walk()).target());
  }

  @Test
  void queueEndsWithTheDeadline() { // B2.10
    dialling(2);
    AttemptWalk walk = walks.walk();
    Choice wait = walks.next(walk);
    walks.clock.passUntil(wait.untilNanos());
    Choice end = walks.next(walk);
    assertEquals(Choice.Kind.FAIL_NO_STORE, end.kind());
    assertEquals(Reason.Kind.DEADLINE, end.reason().kind());
  }

  @Test
  void walkIsAskedAndToldInTurn() {
    AttemptWalk walk = walks.walk();
    assertThrows(IllegalStateException.class, () -> walks.report(walk, ACCEPTED));
    walks.next(walk);
    assertThrows(IllegalStateException.class, () -> walks.next(walk));
    walks.report(walk, ACCEPTED);
    assertThrows(IllegalStateException.class, () -> walks.next(walk));
    assertThrows(IllegalStateException.class, () -> walks.report(walk, ACCEPTED));
    assertTrue(walk.attempts().size() == 1);
  }

  /** Many names are let in, each after that time, of which we were late for a part. */
  private void letIn(Walks many, int logins, long millis, long lateMillis) {
    List<AttemptWalk> dialling = new ArrayList<>();
    for (int i = 0; i < logins; i++) {
      many.caller = new Caller(100 + i, true, true, "198.51.100.0/24");
      AttemptWalk walk = many.walk();
      assertEquals(HUEY, many.next(walk).target());
      walk.reached(AttemptStage.NAMED, many.clock.now());
      dialling.add(walk);
    }
    many.pass(millis);
    for (AttemptWalk walk : dialling) {
      walk.wasLate(Duration.ofMillis(lateMillis).toNanos());
      many.report(walk, ACCEPTED);
    }
  }

  // B2.28, B2.21
  @ParameterizedTest
  @CsvSource({
    "6000, 0, true, a slow store",
    "6000, 3000, true, a slow store and we late besides",
    "6000, 5900, false, late with what a quick store said",
    "60000, 59950, false, stopped for a minute",
    "20000, 30000, false, late with all of its answers"
  })
  void whatWeWereLateWithIsNoSlownessOfTheStore(
      long millis, long lateMillis, boolean givenLess, String what) {
    Walks many = new Walks(new FakeClock(), SelectorSettings.defaults());
    many.login(ACCEPTED);
    for (int i = 0; i < 5; i++) {
      letIn(many, 30, 500, 0);
      many.pass(1_000);
    }
    for (int i = 0; i < 2; i++) {
      letIn(many, 30, millis, lateMillis);
      many.pass(1_000);
    }
    assertEquals(givenLess, many.host(HUEY).mostUnderWay() < 64, what);
  }

  @Test
  void frontEndsOfASiteShareTheRates() { // B10.6
    SelectorSettings whole = SelectorSettings.defaults();
    assertEquals(50, whole.among(1).admission().slowStart());
    assertEquals(17, whole.among(3).admission().slowStart());
    assertEquals(1, whole.among(100).admission().slowStart(), "0 would be no limit");
    assertEquals(0, whole.among(3).admission().perSecond(), "no limit stays none");
    assertEquals(whole.maxAttemptsPerStore(), whole.among(3).maxAttemptsPerStore());
  }
}
