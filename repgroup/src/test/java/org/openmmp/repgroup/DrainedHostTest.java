package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.repgroup.AttemptOutcome.ACCEPTED;
import static org.openmmp.repgroup.AttemptOutcome.UNREACHABLE;
import static org.openmmp.repgroup.Walks.CLUSTER;
import static org.openmmp.repgroup.Walks.DEWEY;
import static org.openmmp.repgroup.Walks.HUEY;
import static org.openmmp.repgroup.Walks.LOUIE;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A host that an administrator takes out of use (rule B2.26). */
class DrainedHostTest {
  private final Walks walks = new Walks();

  private void drain(StoreHost host) {
    walks.selector.drain(host, walks.clock.now());
  }

  private GroupSnapshot.Use use(StoreHost host) {
    return walks.host(host).use();
  }

  @Test
  void othersTakeOverAtOnceAndKeepWhoComes() { // B2.26
    walks.login(ACCEPTED);
    drain(HUEY);
    assertEquals(GroupSnapshot.Use.TO_BE_DRAINED, use(HUEY));
    assertEquals(List.of(DEWEY), walks.login(ACCEPTED));
    assertEquals(DEWEY, walks.affinity());
    assertEquals(GroupSnapshot.Use.DRAINED, use(HUEY));
    assertEquals(List.of(DEWEY), walks.login(ACCEPTED));
    walks.selector.putToUse(HUEY);
    assertEquals(GroupSnapshot.Use.IN_USE, use(HUEY));
    assertEquals(List.of(DEWEY), walks.login(ACCEPTED), "nobody goes back by himself");
  }

  /** A connection for later has no use at a host that nobody is to go to. */
  @Test
  void connectionsAreKeptAtHostsInUseAlone() { // B5.10, B2.15, B2.26
    StoreHost elsewhere = new StoreHost("elsewhere.example.com");
    ReplicationGroup implicit = ReplicationGroup.implicit(elsewhere);
    ReplicationGroup two =
        new ReplicationGroup(CLUSTER.name(), List.of(HUEY, DEWEY), Set.of(DEWEY), true, false);
    walks.selector.replaceTable(GroupTable.of(List.of(CLUSTER)));
    assertTrue(walks.selector.keeps(CLUSTER, HUEY));
    assertTrue(walks.selector.keeps(implicit, elsewhere));
    assertFalse(walks.selector.keeps(CLUSTER, elsewhere), "no group led there");
    drain(HUEY);
    drain(elsewhere);
    assertFalse(walks.selector.keeps(CLUSTER, HUEY));
    assertFalse(walks.selector.keeps(implicit, elsewhere));
    assertTrue(walks.selector.keeps(CLUSTER, DEWEY));
    walks.selector.putToUse(HUEY);
    walks.selector.putToUse(elsewhere);
    assertTrue(walks.selector.keeps(CLUSTER, HUEY));
    walks.selector.retire(HUEY);
    assertFalse(walks.selector.keeps(CLUSTER, HUEY));
    walks.selector.replaceTable(GroupTable.of(List.of(two)));
    assertTrue(walks.selector.keeps(CLUSTER, HUEY), "a reload ends retirement");
    assertFalse(walks.selector.keeps(CLUSTER, LOUIE), "it has left the group");
    assertFalse(walks.selector.keeps(two, DEWEY), "its site is not active");
    walks.selector.activateStandbySite(two);
    assertTrue(walks.selector.keeps(two, DEWEY));
    walks.selector.deactivateStandbySite(two);
    assertFalse(walks.selector.keeps(two, DEWEY));
    walks.selector.replaceTable(
        GroupTable.of(List.of(ReplicationGroup.of("other", List.of(elsewhere)))));
    assertFalse(walks.selector.keeps(CLUSTER, HUEY), "its group has left");
    assertFalse(walks.selector.keeps(implicit, elsewhere), "another group lists it now");
  }

  /** What takes a host from those who wait for a place there. */
  private enum Taken {
    DRAINED,
    RETIRED,
    LEFT_BY_RELOAD
  }

  /**
   * They would wait for logins to end that may be slow, at a host that is not for them any more.
   */
  @ParameterizedTest
  @EnumSource(Taken.class)
  void whoWaitsForAPlaceThereGoesElsewhereAtOnce(Taken how) { // B2.10, B2.12, B2.26
    walks.login(ACCEPTED);
    List<AttemptWalk> inside = new ArrayList<>();
    Choice choice = walks.next(walks.walk());
    while (choice.kind() == Choice.Kind.ATTEMPT) {
      assertEquals(HUEY, choice.target());
      AttemptWalk next = walks.walk();
      inside.add(next);
      choice = walks.next(next);
    }
    assertEquals(HUEY, choice.host(), "its places are all taken");
    List<AttemptWalk> woken = new ArrayList<>();
    AttemptWalk first = inside.get(inside.size() - 1);
    AttemptWalk second = walks.walk();
    Choice waits = walks.next(second);
    first.awaitChange(choice, () -> woken.add(first));
    second.awaitChange(waits, () -> woken.add(second));
    assertEquals(List.of(), woken);
    switch (how) {
      case DRAINED -> drain(HUEY);
      case RETIRED -> walks.selector.retire(HUEY);
      case LEFT_BY_RELOAD -> {
        ReplicationGroup less = ReplicationGroup.of(CLUSTER.name(), List.of(DEWEY, LOUIE));
        walks.selector.replaceTable(GroupTable.of(List.of(less)));
      }
    }
    assertEquals(List.of(first, second), woken);
    assertEquals(DEWEY, walks.next(first).target());
    walks.report(first, ACCEPTED);
    assertEquals(DEWEY, walks.next(second).target());
  }

  @Test
  void drainedHostIsAskedLastAndLoginsAreNeverLostForIt() { // B2.26
    walks.login(ACCEPTED);
    drain(HUEY);
    assertEquals(List.of(DEWEY, LOUIE, HUEY), walks.login(UNREACHABLE, UNREACHABLE, ACCEPTED));
    assertEquals(GroupSnapshot.Use.DRAINED_AND_NEEDED, use(HUEY));
    assertEquals(HUEY, walks.affinity());
    walks.pass(60_000);
    assertEquals(
        List.of(HUEY), walks.login(ACCEPTED), "no login finds out whether the others are back");
    assertEquals(List.of(DEWEY, LOUIE), walks.wantedProbes());
    walks.greetProbes();
    assertEquals(List.of(DEWEY), walks.login(ACCEPTED));
    assertEquals(DEWEY, walks.affinity());
    assertEquals(List.of(), walks.wantedProbes());
  }

  @Test
  void masterThatAllOthersReferToGoesOn() { // B2.26, B2.23
    walks.login(ACCEPTED);
    drain(HUEY);
    AttemptWalk walk = walks.walk();
    assertEquals(DEWEY, walks.next(walk).target());
    walks.refer(walk, HUEY);
    assertEquals(LOUIE, walks.next(walk).target(), "another may have become the master");
    walks.refer(walk, HUEY);
    Choice back = walks.next(walk);
    assertEquals(HUEY, back.target());
    assertEquals(Reason.Kind.DRAINED_AND_NEEDED, back.reason().kind());
    walks.report(walk, ACCEPTED);
    assertEquals(List.of(HUEY), walks.login(ACCEPTED), "no password tours the replicas again");
    assertEquals(GroupSnapshot.Use.DRAINED_AND_NEEDED, use(HUEY));
    assertEquals(HUEY, walks.affinity());
    // The stores have elected another: their own word moves the group.
    AttemptWalk moved = walks.walk();
    assertEquals(HUEY, walks.next(moved).target());
    walks.refer(moved, LOUIE);
    assertEquals(LOUIE, walks.next(moved).target());
    walks.report(moved, ACCEPTED);
    assertEquals(LOUIE, walks.affinity());
    assertEquals(GroupSnapshot.Use.DRAINED, use(HUEY));
  }

  @Test
  void drainingOnceMoreAsksTheOthersAnew() { // B2.26
    masterThatAllOthersReferToGoesOnFor();
    drain(HUEY);
    assertEquals(GroupSnapshot.Use.TO_BE_DRAINED, use(HUEY));
    assertEquals(List.of(DEWEY), walks.login(ACCEPTED));
  }

  private void masterThatAllOthersReferToGoesOnFor() {
    walks.login(ACCEPTED);
    drain(HUEY);
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    walks.refer(walk, HUEY);
    walks.next(walk);
    walks.refer(walk, HUEY);
    walks.next(walk);
    walks.report(walk, ACCEPTED);
    assertEquals(GroupSnapshot.Use.DRAINED_AND_NEEDED, use(HUEY));
  }

  @Test
  void retiredHostIsNeverChosenAndComesBackByAReload() { // B2.26
    walks.selector.replaceTable(GroupTable.of(List.of(CLUSTER)));
    walks.login(ACCEPTED);
    walks.selector.retire(HUEY);
    assertEquals(GroupSnapshot.Use.RETIRED, use(HUEY));
    AttemptWalk walk = walks.walk();
    assertEquals(DEWEY, walks.next(walk).target());
    walks.refer(walk, HUEY);
    assertEquals(LOUIE, walks.next(walk).target());
    walks.report(walk, UNREACHABLE);
    assertEquals(Choice.Kind.WAIT, walks.next(walk).kind(), "not even for want of another");
    walk.abandon(walks.clock.now());
    walks.selector.replaceTable(GroupTable.of(List.of(CLUSTER)));
    assertEquals(GroupSnapshot.Use.IN_USE, use(HUEY));
  }

  @Test
  void retiringTheLastHostOfAGroupIsKnownBefore() { // B2.26
    walks.selector.replaceTable(GroupTable.of(List.of(CLUSTER)));
    walks.selector.retire(HUEY);
    assertEquals(List.of(), walks.selector.needing(DEWEY));
    walks.selector.retire(DEWEY);
    assertEquals(List.of(CLUSTER), walks.selector.needing(LOUIE));
  }

  @Test
  void standbySiteThatIsNotActiveTakesNobodysPlace() { // B2.15, B2.26
    ReplicationGroup group =
        new ReplicationGroup("cluster1", List.of(HUEY, DEWEY), Set.of(DEWEY), true, false);
    walks.selector.replaceTable(GroupTable.of(List.of(group)));
    assertEquals(List.of(group), walks.selector.needing(HUEY));
    walks.selector.activateStandbySite(group);
    assertEquals(List.of(), walks.selector.needing(HUEY));
  }

  @Test
  void explainGivesTheReason() { // B2.26, B8.4
    walks.login(ACCEPTED);
    drain(HUEY);
    walks.selector.retire(LOUIE);
    assertEquals(
        List.of(Reason.Kind.NEXT_IN_LIST, Reason.Kind.DRAINED, Reason.Kind.RETIRED),
        walks.selector.explain(walks.group, walks.service, walks.kind, walks.clock.now()).stream()
            .map(each -> each.reason().kind())
            .toList());
  }

  @Test
  void deliveryWithoutFailoverHasNoOtherHost() { // B2.26, B5.5
    walks.kind = ClientKind.SINGLE;
    drain(HUEY);
    assertEquals(List.of(HUEY), walks.login(ACCEPTED));
  }
}
