package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.openmmp.repgroup.AttemptOutcome.ACCEPTED;
import static org.openmmp.repgroup.AttemptOutcome.AUTH_REJECTED;
import static org.openmmp.repgroup.AttemptOutcome.TEMPORARY_FAILURE;
import static org.openmmp.repgroup.AttemptOutcome.UNREACHABLE;
import static org.openmmp.repgroup.Walks.CLUSTER;
import static org.openmmp.repgroup.Walks.DEWEY;
import static org.openmmp.repgroup.Walks.HUEY;
import static org.openmmp.repgroup.Walks.LOUIE;
import static org.openmmp.repgroup.Walks.POP3;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AffinityTest {
  private final Walks walks = new Walks();

  @Test
  void hostThatAcceptsIsFirstForTheNextLogin() { // B2.4, B2.7
    assertEquals(List.of(HUEY, DEWEY), walks.login(UNREACHABLE, ACCEPTED));
    walks.pass(60_000);
    assertEquals(List.of(DEWEY), walks.login(ACCEPTED));
    assertEquals(DEWEY, walks.affinity());
  }

  @Test
  void targetOfReferralBecomesAffinityOnlyOnceItAccepts() { // B2.7, B3.6
    AttemptWalk walk = walks.walk();
    assertEquals(HUEY, walks.next(walk).target());
    walks.refer(walk, LOUIE);
    assertNull(walks.affinity());
    Choice referred = walks.next(walk);
    assertEquals(LOUIE, referred.target());
    assertEquals(new Reason(Reason.Kind.REFERRED_BY, HUEY.name()), referred.reason());
    walks.report(walk, ACCEPTED);
    assertEquals(LOUIE, walks.affinity());
    assertEquals(List.of("affinity null -> " + LOUIE + ": " + referred.reason()), walks.news.lines);
  }

  private void leaveReferral(StoreHost at, StoreHost to) {
    AttemptWalk walk = walks.walk();
    assertEquals(at, walks.next(walk).target());
    walks.refer(walk, to);
    walk.leaveReferral(walks.clock.now());
  }

  @Test
  void referralThatIsLeftIsWhereLaterLoginsBeginUntilOneIsAccepted() { // B2.4, B2.7
    leaveReferral(HUEY, LOUIE);
    assertNull(walks.affinity());
    assertEquals(List.of(LOUIE), walks.login(AUTH_REJECTED));
    walks.pass(10_000);
    assertEquals(List.of(LOUIE), walks.login(ACCEPTED));
    assertEquals(LOUIE, walks.affinity());
    walks.selector.failback(CLUSTER);
    assertEquals(List.of(HUEY), walks.login(ACCEPTED));
  }

  @Test
  void referralThatIsLeftMovesNobodyFromAnAffinityHostThatDidNotGiveIt() { // B2.7
    walks.login(UNREACHABLE, ACCEPTED);
    AttemptWalk strayed =
        walks.selector.walkFrom(
            CLUSTER, walks.service, walks.kind, walks.caller, LOUIE, true, 1, 0);
    assertEquals(LOUIE, strayed.next(0).target());
    walks.refer(strayed, HUEY);
    strayed.leaveReferral(0);
    assertEquals(List.of(DEWEY), walks.login(ACCEPTED));
    leaveReferral(DEWEY, LOUIE);
    assertEquals(List.of(LOUIE), walks.login(ACCEPTED));
  }

  @Test
  void failbackForgetsTheReferralThatWasLeft() { // B2.12
    leaveReferral(HUEY, LOUIE);
    walks.selector.failback(CLUSTER);
    assertEquals(List.of(HUEY), walks.login(ACCEPTED));
  }

  @Test
  void wrongPasswordSetsNoAffinityAndBlamesNoHost() { // B2.5, B2.7
    walks.login(AUTH_REJECTED);
    assertNull(walks.affinity());
    assertEquals(GroupSnapshot.HostState.WORKING, walks.host(HUEY).state());
  }

  @Test
  void loginThatBeganBeforeTheAffinityWasSetDoesNotDisplaceIt() { // B2.7
    AttemptWalk slow = walks.walk();
    assertEquals(HUEY, walks.next(slow).target());
    slow.reached(AttemptStage.OPENING, walks.clock.now());
    walks.pass(1_000);
    AttemptWalk second = walks.walk();
    assertEquals(HUEY, walks.next(second).target());
    walks.report(second, UNREACHABLE);
    assertEquals(DEWEY, walks.next(second).target());
    walks.report(second, ACCEPTED);
    assertEquals(DEWEY, walks.affinity());
    walks.report(slow, ACCEPTED);
    assertEquals(DEWEY, walks.affinity());
  }

  @Test
  void oneMailboxThatFailsDoesNotMoveTheOthersWhileTheAffinityHostAccepts() { // B2.7
    walks.login(ACCEPTED);
    AttemptWalk broken = walks.walk();
    walks.next(broken);
    walks.report(broken, TEMPORARY_FAILURE);
    assertEquals(DEWEY, walks.next(broken).target());
    assertEquals(List.of(HUEY), walks.login(ACCEPTED));
    walks.report(broken, ACCEPTED);
    assertEquals(HUEY, walks.affinity());
  }

  @Test
  void preferredMasterThatComesBackIsLeftAloneUntilFailback() { // B2.12
    walks.login(UNREACHABLE, ACCEPTED);
    walks.pass(120_000);
    assertEquals(List.of(DEWEY), walks.login(ACCEPTED));
    walks.selector.failback(CLUSTER);
    assertNull(walks.affinity());
    assertEquals(List.of(HUEY), walks.login(ACCEPTED));
    assertEquals(HUEY, walks.affinity());
  }

  @Test
  void loginUnderWayDuringFailbackDoesNotBringTheOldMasterBack() { // B2.12
    walks.login(UNREACHABLE, ACCEPTED);
    AttemptWalk underWay = walks.walk();
    assertEquals(DEWEY, walks.next(underWay).target());
    walks.selector.failback(CLUSTER);
    walks.report(underWay, ACCEPTED);
    assertNull(walks.affinity());
  }

  @Test
  void masterOfOneServiceIsTheMasterOfAll() { // B2.23
    walks.login(UNREACHABLE, UNREACHABLE, ACCEPTED);
    walks.service = POP3;
    AttemptWalk walk = walks.walk();
    Choice first = walks.next(walk);
    assertEquals(LOUIE, first.target());
    assertEquals(Reason.Kind.AFFINITY, first.reason().kind());
  }

  @Test
  void everyServiceGoesToTheNewMasterFirst() { // B2.23
    walks.service = POP3;
    walks.login(ACCEPTED);
    walks.service = Walks.IMAP;
    walks.pass(1_000);
    walks.login(UNREACHABLE, ACCEPTED);
    walks.service = POP3;
    assertEquals(List.of(DEWEY), walks.login(ACCEPTED));
    walks.pass(60_000);
    walks.service = Walks.IMAP;
    assertEquals(List.of(DEWEY), walks.login(ACCEPTED), "though huey has come back");
  }

  @Test
  void serviceGoesElsewhereAloneWhereTheMasterServesTheOthers() { // B2.23
    walks.login(ACCEPTED);
    walks.service = POP3;
    AttemptWalk failing = walks.walk();
    walks.next(failing);
    walks.report(failing, UNREACHABLE);
    walks.pass(10);
    walks.service = Walks.IMAP;
    assertEquals(List.of(HUEY), walks.login(ACCEPTED));
    assertEquals(DEWEY, walks.next(failing).target());
    walks.report(failing, ACCEPTED);
    assertEquals(HUEY, walks.affinity());
    assertEquals(1, walks.news.count("served elsewhere"));
    walks.service = POP3;
    assertEquals(List.of(DEWEY), walks.login(ACCEPTED));
    walks.service = Walks.IMAP;
    assertEquals(List.of(HUEY), walks.login(ACCEPTED));
  }

  @Test
  void connectionThatWasKeptMovesNobody() { // B2.23
    walks.login(ACCEPTED);
    walks.login(UNREACHABLE);
    AttemptWalk kept = walks.walk();
    assertEquals(DEWEY, walks.next(kept).target());
    kept.onKeptConnection(walks.clock.now());
    walks.report(kept, ACCEPTED);
    assertEquals(HUEY, walks.affinity());
  }

  @Test
  void withoutAffinityTheListOrderAlwaysHolds() {
    walks.group = new ReplicationGroup("plain", CLUSTER.hosts(), Set.of(), false, false);
    walks.login(UNREACHABLE, ACCEPTED);
    assertNull(walks.affinity());
    walks.pass(6_000);
    assertEquals(List.of(HUEY), walks.login(ACCEPTED));
  }

  @Test
  void readerStaysWithTheHostThatServedItAndIgnoresReferrals() { // B2.16
    walks.kind = ClientKind.READER;
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    walks.report(walk, UNREACHABLE);
    assertEquals(DEWEY, walks.next(walk).target());
    walks.refer(walk, LOUIE);
    assertEquals(DEWEY, walks.affinity());
    assertEquals(ACCEPTED, walk.attempts().get(1).outcome());
  }

  @Test
  void singleClientHasOneHostAndOneAttempt() { // B2.16
    AttemptWalk walk =
        walks.selector.walkFrom(
            CLUSTER,
            walks.service,
            ClientKind.SINGLE,
            walks.caller,
            DEWEY,
            true,
            walks.clock.in(Walks.DEADLINE),
            walks.clock.now());
    assertEquals(DEWEY, walks.next(walk).target());
    walks.report(walk, TEMPORARY_FAILURE);
    assertEquals(Choice.Kind.FAIL_NO_STORE, walks.next(walk).kind());
    assertNull(walks.affinity());
  }
}
