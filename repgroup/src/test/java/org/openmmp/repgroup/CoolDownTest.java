package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.repgroup.AttemptOutcome.ACCEPTED;
import static org.openmmp.repgroup.AttemptOutcome.NETWORK_UNREACHABLE;
import static org.openmmp.repgroup.AttemptOutcome.REFUSED_GREETING;
import static org.openmmp.repgroup.AttemptOutcome.UNREACHABLE;
import static org.openmmp.repgroup.Walks.CLUSTER;
import static org.openmmp.repgroup.Walks.DEWEY;
import static org.openmmp.repgroup.Walks.HUEY;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.testkit.FakeClock;

class CoolDownTest {
  private final Walks walks = new Walks();

  /** States that a host can be in when an attempt at it ends. */
  private enum Before {
    UNKNOWN,
    WORKING,
    HALF_OPEN,
    LONG_FAILING
  }

  static Stream<Arguments> grid() {
    List<Arguments> rows = new ArrayList<>();
    for (AttemptOutcome outcome : AttemptOutcome.values()) {
      for (Before before : Before.values()) {
        FakeClock.origins().forEach(origin -> rows.add(Arguments.of(outcome, before, origin)));
      }
    }
    return rows.stream();
  }

  @ParameterizedTest
  @MethodSource("grid")
  void outcomeDecidesAboutTheHostWhateverWasKnownOfIt( // B2.8
      AttemptOutcome outcome, Before before, long origin) {
    Walks own = new Walks(new FakeClock(origin), SelectorSettings.defaults());
    own.group = Walks.group("two", HUEY.name(), DEWEY.name());
    int failures = bring(own, before);
    AttemptWalk walk = own.walk();
    assertEquals(HUEY, own.next(walk).target());
    own.report(walk, outcome);
    GroupSnapshot.HostSnapshot host = own.host(HUEY);
    assertEquals(0, host.attemptsUnderWay());
    if (outcome == NETWORK_UNREACHABLE) { // B2.25
      assertEquals(Math.max(1, failures), host.failures());
      assertTrue(host.coolDownLeftNanos() <= 0);
      assertEquals(GroupSnapshot.HostState.HALF_OPEN, host.state());
      return;
    }
    boolean blames = outcome.scope(AttemptStage.CONNECTING).blamesHost();
    switch (blames ? outcome.coolDown() : AttemptOutcome.CoolDown.NONE) {
      case GROWING -> {
        assertEquals(failures + 1, host.failures());
        long seconds = Math.min(60, 5L << failures);
        assertEquals(Duration.ofSeconds(seconds).toNanos(), host.coolDownLeftNanos());
      }
      case SHORT -> {
        assertEquals(failures + 1, host.failures());
        assertEquals(Duration.ofSeconds(5).toNanos(), host.coolDownLeftNanos());
      }
      case NONE -> assertEquals(saysNothing(outcome) ? failures : 0, host.failures());
    }
    assertEquals(expectedState(outcome, before), host.state());
  }

  private static int bring(Walks walks, Before before) {
    int failures =
        switch (before) {
          case UNKNOWN -> 0;
          case WORKING -> {
            walks.login(ACCEPTED);
            yield 0;
          }
          case HALF_OPEN -> 1;
          case LONG_FAILING -> 6;
        };
    for (int i = 0; i < failures; i++) {
      walks.login(UNREACHABLE);
      walks.pass(60_000);
    }
    return failures;
  }

  private static boolean saysNothing(AttemptOutcome outcome) {
    AttemptOutcome.Scope scope = outcome.scope(AttemptStage.CONNECTING);
    return scope == AttemptOutcome.Scope.LOGIN_ALONE || scope == AttemptOutcome.Scope.OURSELVES;
  }

  private static GroupSnapshot.HostState expectedState(AttemptOutcome outcome, Before before) {
    if (outcome.scope(AttemptStage.CONNECTING).blamesHost()) {
      return GroupSnapshot.HostState.COOLING;
    }
    if (!saysNothing(outcome)) {
      return GroupSnapshot.HostState.WORKING;
    }
    return switch (before) {
      case UNKNOWN -> GroupSnapshot.HostState.UNKNOWN;
      case WORKING -> GroupSnapshot.HostState.WORKING;
      case HALF_OPEN, LONG_FAILING -> GroupSnapshot.HostState.HALF_OPEN;
    };
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0.0, 4000",
    "1, 0.5, 5000",
    "1, 0.75, 5500",
    "2, 0.5, 10000",
    "4, 0.5, 40000",
    "5, 0.0, 48000",
    "5, 0.5, 60000",
    "5, 0.999, 60000",
    "1000000, 0.5, 60000"
  })
  void periodDoublesWithJitterAndNeverExceedsItsLimit(int n, double random, long millis) { // B2.8
    GrowingPause pause = SelectorSettings.defaults().coolDown();
    assertEquals(millis, Duration.ofNanos(pause.nanos(n, random)).toMillis());
  }

  @Test
  void failedHostIsLastUntilItsCoolDownEnds() { // B2.4
    walks.group = Walks.group("two", HUEY.name(), DEWEY.name());
    walks.login(UNREACHABLE);
    assertEquals(List.of(DEWEY), walks.login(AttemptOutcome.AUTH_REJECTED));
    walks.pass(5_000);
    AttemptWalk walk = walks.walk();
    Choice probe = walks.next(walk);
    assertEquals(HUEY, probe.target());
    assertEquals(Reason.Kind.COOL_DOWN_OVER_PROBE, probe.reason().kind());
  }

  @ParameterizedTest
  @CsvSource({"0, 5.0 s left", "100, 4.9 s left", "4000, 1.0 s left", "4001, 999 ms left"})
  void explanationSaysHowLongAHostIsPassedOver(int passed, String left) { // B8.3
    walks.group = Walks.group("two", HUEY.name(), DEWEY.name());
    walks.login(UNREACHABLE);
    walks.pass(passed);
    List<Candidate> order =
        walks.selector.explain(walks.group, walks.service, walks.kind, walks.clock.now());
    assertEquals(
        new Candidate(HUEY, new Reason(Reason.Kind.COOLING_DOWN, left)),
        order.get(order.size() - 1));
  }

  @ParameterizedTest
  @CsvSource({"1, it failed once", "2, 2 failures in a row"})
  void explanationSaysHowOftenAHostFailedThatIsAskedAgain(int times, String words) { // B8.4
    walks.group = Walks.group("two", HUEY.name(), DEWEY.name());
    for (int i = 0; i < times; i++) {
      walks.login(UNREACHABLE);
      walks.pass(3_600_000);
    }
    List<Candidate> order =
        walks.selector.explain(walks.group, walks.service, walks.kind, walks.clock.now());
    assertTrue(
        order.contains(new Candidate(HUEY, new Reason(Reason.Kind.COOL_DOWN_OVER_PROBE, words))),
        order.toString());
  }

  @Test
  void failuresOfAttemptsThatRanSideBySideCountOnce() { // B2.8
    walks.login(ACCEPTED);
    List<AttemptWalk> sideBySide = Stream.generate(walks::walk).limit(50).toList();
    sideBySide.forEach(walk -> assertEquals(HUEY, walks.next(walk).target()));
    sideBySide.forEach(walk -> walks.report(walk, UNREACHABLE));
    assertEquals(1, walks.host(HUEY).failures());
    assertEquals(1, walks.news.count("cool-down"));
  }

  @Test
  void hostThatServedSomebodyMeanwhileIsFullAndHasNotFailed() { // B2.5
    walks.login(ACCEPTED);
    AttemptWalk lost = walks.walk();
    walks.next(lost);
    walks.pass(50);
    walks.login(ACCEPTED);
    walks.report(lost, UNREACHABLE);
    assertEquals(GroupSnapshot.HostState.WORKING, walks.host(HUEY).state());
    Choice full = walks.next(lost);
    assertEquals(Reason.Kind.STORE_FULL, full.reason().kind(), "full is no reason to go elsewhere");
    walks.clock.passUntil(full.untilNanos());
    assertEquals(HUEY, walks.next(lost).target());
  }

  @Test
  void loginThatFindsEveryHostFailedWaitsAndThenSaysWhenAndHow() { // B2.9
    walks.login(UNREACHABLE, REFUSED_GREETING, UNREACHABLE);
    AttemptWalk walk = walks.walk();
    Choice wait = walks.next(walk);
    assertEquals(Reason.Kind.STORE_AWAITED, wait.reason().kind());
    assertEquals(CLUSTER.hosts(), walks.wantedProbes());
    walks.clock.passUntil(wait.untilNanos());
    Choice choice = walks.next(walk);
    assertEquals(Choice.Kind.FAIL_NO_STORE, choice.kind());
    assertEquals(
        "no store answered: huey.example.com UNREACHABLE 5000 ms ago (UNREACHABLE);"
            + " dewey.example.com REFUSED_GREETING 5000 ms ago (REFUSED_GREETING);"
            + " louie.example.com UNREACHABLE 5000 ms ago (UNREACHABLE)",
        choice.reason().text());
    assertEquals(List.of(), walk.attempts());
  }

  @Test
  void hostThatGreetsAProbeIsUsedWhateverItsCoolDown() { // B2.9, B2.18
    walks.login(UNREACHABLE, UNREACHABLE, UNREACHABLE);
    AttemptWalk walk = walks.walk();
    List<String> woken = new ArrayList<>();
    walk.awaitChange(walks.next(walk), () -> woken.add("woken"));
    ProbeTarget dewey = walks.wanted().get(1);
    long began = walks.clock.now();
    walks.selector.probed(dewey, AttemptOutcome.GREETED, "greeted", began, began, Walks.EVEN);
    assertEquals(List.of("woken"), woken);
    assertEquals(DEWEY, walks.next(walk).target());
    walks.report(walk, ACCEPTED);
    assertEquals(DEWEY, walks.affinity());
    assertEquals(List.of(), walks.wantedProbes());
  }

  @Test
  void probeThatBeganBeforeTheFailureDoesNotOutweighIt() { // B2.18
    walks.group = Walks.group("one", HUEY.name());
    long began = walks.clock.now();
    walks.pass(10);
    walks.login(UNREACHABLE);
    walks.next(walks.walk());
    ProbeTarget huey = walks.wanted().get(0);
    walks.selector.probed(
        huey, AttemptOutcome.GREETED, "greeted", began, walks.clock.now(), Walks.EVEN);
    assertEquals(GroupSnapshot.HostState.COOLING, walks.host(HUEY).state());
  }

  @Test
  void noLoginDialsWhileEveryHostHasFailed() { // B2.9
    walks.group = Walks.group("one", HUEY.name());
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    walks.pass(7_000);
    walks.report(walk, UNREACHABLE);
    assertEquals(Reason.Kind.STORE_AWAITED, walks.next(walk).reason().kind());
    for (int i = 0; i < 20; i++) {
      assertEquals(Reason.Kind.STORE_AWAITED, walks.next(walks.walk()).reason().kind());
      walks.pass(3_000);
    }
    assertEquals(1, walks.host(HUEY).attemptsStarted());
  }

  @Test
  void standbysThatRefuseAreToldToBeNormalWhileTheGroupServes() { // B2.13
    walks.login(REFUSED_GREETING, ACCEPTED);
    assertEquals(
        "cool-down huey.example.com 5000 ms, failure 1, group serves", walks.news.lines.get(0));
    walks.pass(1_000);
    walks.login(UNREACHABLE, UNREACHABLE);
    assertTrue(walks.news.lines.stream().anyMatch(line -> line.endsWith("group down")));
  }

  @Test
  void attemptSpeaksAsOfItsBeginning() { // B2.18
    AttemptWalk early = walks.walk();
    assertEquals(HUEY, walks.next(early).target());
    early.reached(AttemptStage.OPENING, walks.clock.now());
    walks.pass(1_500);
    AttemptWalk second = walks.walk();
    assertEquals(HUEY, walks.next(second).target());
    walks.report(second, UNREACHABLE);
    assertEquals(GroupSnapshot.HostState.COOLING, walks.host(HUEY).state());
    walks.report(early, AttemptOutcome.AUTH_REJECTED);
    assertEquals(GroupSnapshot.HostState.COOLING, walks.host(HUEY).state(), "it began before");
    walks.pass(5_000);
    AttemptWalk later = walks.walk();
    assertEquals(HUEY, walks.next(later).target());
    walks.report(later, AttemptOutcome.AUTH_REJECTED);
    assertEquals(GroupSnapshot.HostState.WORKING, walks.host(HUEY).state());
    assertEquals(1, walks.news.count("recovered"));
  }
}
