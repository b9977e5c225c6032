package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.repgroup.AttemptOutcome.ACCEPTED;
import static org.openmmp.repgroup.AttemptOutcome.AUTH_REJECTED;
import static org.openmmp.repgroup.AttemptOutcome.UNREACHABLE;
import static org.openmmp.repgroup.Walks.CLUSTER;
import static org.openmmp.repgroup.Walks.DEWEY;
import static org.openmmp.repgroup.Walks.HUEY;
import static org.openmmp.repgroup.Walks.LOUIE;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class AdministrationTest {
  private static final ReplicationGroup TWO_SITES =
      new ReplicationGroup("cluster1", CLUSTER.hosts(), Set.of(LOUIE), true, false);

  private final Walks walks = new Walks();

  private String explained() {
    return walks
        .selector
        .explain(walks.group, walks.service, walks.kind, walks.clock.now())
        .stream()
        .map(one -> one.host().name().split("\\.", 2)[0] + " " + one.reason().kind())
        .collect(Collectors.joining(", "));
  }

  @Test
  void explainTellsTheOrderAndTakesNothing() { // B8.4
    assertEquals("huey FIRST_IN_LIST, dewey NEXT_IN_LIST, louie NEXT_IN_LIST", explained());
    walks.login(UNREACHABLE, ACCEPTED);
    assertEquals("dewey AFFINITY, louie NEXT_IN_LIST, huey COOLING_DOWN", explained());
    walks.pass(5_000);
    assertEquals("dewey AFFINITY, huey COOL_DOWN_OVER_PROBE, louie NEXT_IN_LIST", explained());
    walks.service = Walks.POP3;
    assertEquals("dewey AFFINITY, huey FIRST_IN_LIST, louie NEXT_IN_LIST", explained());
    walks.group = TWO_SITES;
    walks.selector.replaceTable(GroupTable.of(List.of(TWO_SITES)));
    assertEquals("dewey AFFINITY, huey FIRST_IN_LIST, louie STANDBY_SITE", explained());
    assertEquals(0, walks.host(DEWEY).attemptsStarted());
  }

  @Test
  void explainNamesTheHostThatTheNextLoginDials() { // B8.4
    walks.login(UNREACHABLE, AUTH_REJECTED);
    for (int i = 0; i < 20; i++) {
      Candidate first =
          walks.selector.explain(CLUSTER, walks.service, walks.kind, walks.clock.now()).get(0);
      AttemptWalk walk = walks.walk();
      Choice choice = walks.next(walk);
      assertEquals(first, new Candidate(choice.target(), choice.reason()));
      walks.report(walk, i % 3 == 0 ? ACCEPTED : i % 3 == 1 ? AUTH_REJECTED : UNREACHABLE);
      walk.abandon(walks.clock.now());
      walks.pass(2_500);
    }
  }

  @Test
  void preferredHostIsFirstUntilThereIsAMasterAndAReferralOutweighsIt() { // B2.12
    walks.login(ACCEPTED);
    assertEquals(HUEY, walks.affinity());
    walks.selector.prefer(CLUSTER, LOUIE);
    assertNull(walks.affinity());
    assertEquals("louie PREFERRED, huey FIRST_IN_LIST, dewey NEXT_IN_LIST", explained());
    AttemptWalk walk = walks.walk();
    assertEquals(LOUIE, walks.next(walk).target());
    walks.refer(walk, DEWEY);
    assertEquals(DEWEY, walks.next(walk).target());
    walks.report(walk, ACCEPTED);
    assertEquals(DEWEY, walks.affinity());
    assertEquals("dewey AFFINITY, huey FIRST_IN_LIST, louie NEXT_IN_LIST", explained());
    walks.selector.failback(CLUSTER);
    assertEquals("huey FIRST_IN_LIST, dewey NEXT_IN_LIST, louie NEXT_IN_LIST", explained());
  }

  @Test
  void preferredHostThatFailedIsPassedOver() { // B2.4, B2.12
    walks.selector.prefer(CLUSTER, LOUIE);
    assertEquals(List.of(LOUIE, HUEY), walks.login(UNREACHABLE, ACCEPTED));
    assertEquals(HUEY, walks.affinity());
  }

  @Test
  void preferredHostOfAStandbySiteStaysUnused() { // B2.15
    walks.group = TWO_SITES;
    walks.selector.replaceTable(GroupTable.of(List.of(TWO_SITES)));
    walks.selector.prefer(TWO_SITES, LOUIE);
    assertEquals("huey FIRST_IN_LIST, dewey NEXT_IN_LIST, louie STANDBY_SITE", explained());
  }

  @Test
  void onlyTheStandbySiteLeftIsSaidForAsLongAsItIsSo() { // B2.15
    walks.group = TWO_SITES;
    walks.login(UNREACHABLE, UNREACHABLE);
    walks.next(walks.walk());
    assertTrue(walks.selector.onlyStandbySiteLeft("cluster1"));
    walks.pass(1_000);
    long withoutMaster = walks.selector.withoutMasterNanos("cluster1", walks.clock.now());
    assertTrue(withoutMaster >= 1_000_000_000L, withoutMaster + " ns");
    walks.greetProbes();
    walks.login(ACCEPTED);
    assertFalse(walks.selector.onlyStandbySiteLeft("cluster1"));
    assertEquals(0, walks.selector.withoutMasterNanos("cluster1", walks.clock.now()));
  }

  private long withoutMasterNanos() {
    return walks.selector.withoutMasterNanos("cluster1", walks.clock.now());
  }

  @Test
  void endOfAnOutageIsKnownThoughNobodyLogsIn() { // B2.9, B8.3
    walks.login(UNREACHABLE, UNREACHABLE, UNREACHABLE);
    walks.next(walks.walk());
    assertFalse(walks.selector.probesUnhurried(CLUSTER, walks.service, walks.clock.now()));
    for (int i = 0; i < 20; i++) {
      walks.pass(120_000);
      assertEquals(List.of(HUEY, DEWEY, LOUIE), walks.wantedProbes());
      assertTrue(walks.selector.probesUnhurried(CLUSTER, walks.service, walks.clock.now()));
      walks.failProbes(UNREACHABLE);
      assertTrue(withoutMasterNanos() >= 120_000_000_000L * (i + 1));
    }
    walks.greetProbes();
    assertEquals(0, withoutMasterNanos());
    assertEquals(List.of(), walks.wantedProbes());
  }

  @Test
  void whatWasHeardLongAgoSaysNothingOfTheMaster() { // B8.3
    walks.login(UNREACHABLE, UNREACHABLE, UNREACHABLE);
    walks.pass(599_000);
    assertTrue(withoutMasterNanos() > 0);
    walks.pass(2_000);
    assertEquals(0, withoutMasterNanos());
  }

  @Test
  void standbySiteIsNeverUsedUntilItIsActivated() { // B2.15
    walks.group = TWO_SITES;
    assertEquals(List.of(HUEY, DEWEY), walks.login(UNREACHABLE, UNREACHABLE));
    for (int i = 0; i < 3; i++) {
      assertEquals(Reason.Kind.STORE_AWAITED, walks.next(walks.walk()).reason().kind());
      assertEquals(List.of(HUEY, DEWEY), walks.wantedProbes());
      walks.pass(1_000);
    }
    assertEquals(1, walks.news.count("only the standby site is left"));
    walks.selector.activateStandbySite(TWO_SITES);
    assertTrue(walks.snapshot().standbySiteActive());
    assertEquals(List.of(LOUIE), walks.login(ACCEPTED));
    assertEquals(LOUIE, walks.affinity());
    walks.selector.deactivateStandbySite(TWO_SITES);
    assertNull(walks.affinity());
  }

  @Test
  void alertIsRaisedAgainAfterTheMainSiteAnswered() { // B2.15
    walks.group = TWO_SITES;
    for (int i = 0; i < 2; i++) {
      walks.login(UNREACHABLE, UNREACHABLE);
      walks.next(walks.walk());
      walks.greetProbes();
      walks.login(ACCEPTED);
    }
    assertEquals(2, walks.news.count("only the standby site is left"));
  }

  @Test
  void referralToAStandbySiteIsNotFollowed() { // B2.15
    walks.group = TWO_SITES;
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    walks.refer(walk, LOUIE);
    assertEquals(DEWEY, walks.next(walk).target());
  }

  @Test
  void reloadWithoutTheHostEndsItsAffinityAndKeepsTheRest() { // B2.12
    walks.selector.replaceTable(GroupTable.of(List.of(CLUSTER)));
    walks.login(UNREACHABLE, ACCEPTED);
    AttemptWalk underWay = walks.walk();
    assertEquals(DEWEY, walks.next(underWay).target());
    ReplicationGroup smaller = ReplicationGroup.of("cluster1", List.of(HUEY, LOUIE));
    walks.selector.replaceTable(GroupTable.of(List.of(smaller)));
    assertNull(walks.affinity());
    assertEquals(GroupSnapshot.HostState.COOLING, walks.host(HUEY).state());
    walks.report(underWay, UNREACHABLE);
    assertEquals(LOUIE, walks.next(underWay).target(), "a walk under way goes on by the new list");
    assertEquals(
        List.of(HUEY, LOUIE),
        walks.snapshot().hosts().stream().map(GroupSnapshot.HostSnapshot::host).toList());
  }

  @Test
  void reloadThatChangesOnlyTheOrderKeepsTheAffinity() { // B2.12
    walks.selector.replaceTable(GroupTable.of(List.of(CLUSTER)));
    walks.login(ACCEPTED);
    ReplicationGroup turned = ReplicationGroup.of("cluster1", List.of(LOUIE, DEWEY, HUEY));
    walks.selector.replaceTable(GroupTable.of(List.of(turned)));
    assertEquals(HUEY, walks.affinity());
    assertEquals(List.of(HUEY), walks.login(ACCEPTED));
  }

  @Test
  void reloadWakesThoseWhoWaitForAHostThatLeft() { // B2.12
    AttemptWalk silent = walks.walk();
    AttemptWalk waiting = walks.walk();
    walks.next(silent);
    StringBuilder woken = new StringBuilder();
    waiting.awaitChange(walks.next(waiting), () -> woken.append("once"));
    ReplicationGroup smaller = ReplicationGroup.of("cluster1", List.of(DEWEY, LOUIE));
    walks.selector.replaceTable(GroupTable.of(List.of(smaller)));
    assertEquals("once", woken.toString());
  }

  @Test
  void snapshotTellsWhoIsMasterSinceWhenAndWhy() { // B8.3
    walks.login(UNREACHABLE, ACCEPTED);
    walks.pass(1_000);
    GroupSnapshot.AffinitySnapshot affinity = walks.snapshot().affinity();
    assertEquals(
        new GroupSnapshot.AffinitySnapshot(
            DEWEY, Duration.ofSeconds(1).toNanos(), Reason.of(Reason.Kind.NEXT_IN_LIST)),
        affinity);
    GroupSnapshot.HostSnapshot huey = walks.host(HUEY);
    assertEquals(Duration.ofSeconds(4).toNanos(), huey.coolDownLeftNanos());
    assertEquals(UNREACHABLE, huey.lastOutcome());
    assertEquals(GroupSnapshot.HostState.UNKNOWN, walks.host(LOUIE).state());
  }

  @Test
  void configuredGroupsAreInTheSnapshotOfAServedServiceBeforeItsFirstLogin() { // B8.3
    walks.selector.replaceTable(
        GroupTable.of(List.of(CLUSTER, ReplicationGroup.of("other", List.of(HUEY)))));
    assertEquals(List.of(), walks.selector.snapshot(walks.clock.now()));
    walks.selector.serve(Walks.IMAP, ClientKind.WRITER);
    walks.login(ACCEPTED);
    walks.selector.serve(Walks.POP3, ClientKind.WRITER);
    walks.group = ReplicationGroup.implicit(LOUIE);
    walks.login(ACCEPTED);
    assertEquals(
        List.of("cluster1 imap", "cluster1 pop3", LOUIE + " imap", "other imap", "other pop3"),
        walks.selector.snapshot(walks.clock.now()).stream()
            .map(group -> group.group() + " " + group.service())
            .toList());
  }

  @Tag("slow")
  @Test
  void madeUpMailHostsAreNotRememberedWithoutBound() { // R13
    for (int i = 0; i < 10_000; i++) {
      walks.group = ReplicationGroup.implicit(new StoreHost("host" + i));
      walks.login(i % 2 == 0 ? ACCEPTED : UNREACHABLE);
    }
    assertTrue(walks.selector.snapshot(walks.clock.now()).size() <= 4096);
  }
}
