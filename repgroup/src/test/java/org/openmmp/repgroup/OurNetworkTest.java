package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.repgroup.AttemptOutcome.ACCEPTED;
import static org.openmmp.repgroup.AttemptOutcome.CONNECTION_REFUSED;
import static org.openmmp.repgroup.AttemptOutcome.NETWORK_UNREACHABLE;
import static org.openmmp.repgroup.AttemptOutcome.REFUSED_GREETING;
import static org.openmmp.repgroup.AttemptOutcome.TLS_FAILED;
import static org.openmmp.repgroup.AttemptOutcome.UNREACHABLE;
import static org.openmmp.repgroup.Walks.CLUSTER;
import static org.openmmp.repgroup.Walks.DEWEY;
import static org.openmmp.repgroup.Walks.HUEY;
import static org.openmmp.repgroup.Walks.LOUIE;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our own network is gone: nobody's way changes by it (rule B2.25). */
final class OurNetworkTest {
  private static final ReplicationGroup OTHER = Walks.group("cluster2", "a", "b");
  private static final ReplicationGroup THIRD = Walks.group("cluster3", "c");
  private static final ReplicationGroup SHARING = Walks.group("cluster4", "b", "c");

  private final Walks walks = new Walks();

  private List<StoreHost> loginTo(ReplicationGroup group, AttemptOutcome... outcomes) {
    walks.group = group;
    return walks.login(outcomes);
  }

  private void lose(ReplicationGroup group, AttemptOutcome outcome) {
    walks.group = group;
    AttemptWalk walk = walks.walk();
    for (Choice choice = walks.next(walk);
        choice.kind() == Choice.Kind.ATTEMPT;
        choice = walks.next(walk)) {
      walks.pass(100);
      walks.report(walk, outcome);
    }
    walk.abandon(walks.clock.now());
  }

  private long alarms() {
    return walks.news.count("network gone");
  }

  @Test
  void whatFailedMeanwhileIsAsItWasOnceAnybodyGreets() {
    loginTo(CLUSTER, UNREACHABLE, ACCEPTED);
    assertEquals(DEWEY, walks.affinity());
    loginTo(OTHER, ACCEPTED);
    walks.pass(60_000);

    lose(CLUSTER, UNREACHABLE);
    assertEquals(0, alarms());
    lose(OTHER, UNREACHABLE);
    assertEquals(1, alarms());
    lose(THIRD, UNREACHABLE);
    assertEquals(1, alarms());

    walks.pass(1_000);
    walks.group = OTHER;
    walks.greetProbes();
    assertEquals(1, walks.news.count("network back"));
    for (ReplicationGroup group : List.of(CLUSTER, OTHER, THIRD)) {
      walks.group = group;
      for (GroupSnapshot.HostSnapshot host : walks.snapshot().hosts()) {
        assertEquals(host.host().equals(HUEY) ? 1 : 0, host.failures(), host::toString);
        assertTrue(host.coolDownLeftNanos() <= 0, host::toString);
      }
    }
    assertEquals(List.of(DEWEY), loginTo(CLUSTER, ACCEPTED));
    assertEquals(DEWEY, walks.affinity());
    assertEquals(List.of(new StoreHost("a")), loginTo(OTHER, ACCEPTED));
  }

  /** Silence that began while it was gone ends later than the first word that is heard again. */
  @Test
  void whatBeganMeanwhileSpeaksOfNoHost() {
    loginTo(CLUSTER, ACCEPTED);
    loginTo(OTHER, ACCEPTED);
    walks.pass(60_000);
    lose(CLUSTER, UNREACHABLE);
    lose(OTHER, UNREACHABLE);
    assertEquals(1, alarms());
    walks.group = CLUSTER;
    long meanwhile = walks.clock.now();
    List<ProbeTarget> asked = walks.wanted();
    assertFalse(asked.isEmpty());
    walks.pass(1_000);
    walks.group = OTHER;
    walks.greetProbes();
    assertEquals(1, walks.news.count("network back"));
    walks.pass(300);

    for (ProbeTarget late : asked) {
      walks.selector.probed(late, UNREACHABLE, "silent", meanwhile, walks.clock.now(), 0.5);
    }
    walks.group = CLUSTER;
    for (GroupSnapshot.HostSnapshot host : walks.snapshot().hosts()) {
      assertEquals(0, host.failures(), host::toString);
    }

    for (ProbeTarget anew : asked) {
      long now = walks.clock.now();
      walks.selector.probed(anew, UNREACHABLE, "silent", now, now, 0.5);
    }
    for (ProbeTarget anew : asked) {
      assertTrue(
          walks.snapshot().hosts().stream()
              .anyMatch(host -> host.host().equals(anew.host()) && host.failures() == 1));
    }
  }

  @Test
  void alarmIsGivenAgainWhenItIsLostAgain() {
    for (int i = 1; i <= 3; i++) {
      loginTo(CLUSTER, ACCEPTED);
      loginTo(OTHER, ACCEPTED);
      walks.pass(10_000);
      lose(CLUSTER, UNREACHABLE);
      lose(OTHER, UNREACHABLE);
      assertEquals(i, alarms());
      walks.pass(10_000);
      walks.greetProbes();
      assertEquals(i, walks.news.count("network back"));
      walks.pass(60_000);
    }
  }

  @Test
  void networkThatComesAndGoesIsAnAlarmAMinute() {
    for (int i = 1; i <= 20; i++) {
      loginTo(OTHER, ACCEPTED);
      walks.pass(5_000);
      lose(THIRD, NETWORK_UNREACHABLE);
      walks.pass(1_000);
      walks.group = THIRD;
      walks.greetProbes();
    }
    assertEquals(2, alarms());
    assertEquals(2, walks.news.count("network back"));
  }

  @Test
  void failureFromBeforeIsNotTakenBack() {
    loginTo(CLUSTER, UNREACHABLE, ACCEPTED);
    walks.pass(3_000);
    lose(CLUSTER, UNREACHABLE);
    lose(OTHER, UNREACHABLE);
    assertEquals(1, alarms());
    walks.group = OTHER;
    walks.greetProbes();
    walks.group = CLUSTER;
    assertEquals(List.of(DEWEY), loginTo(CLUSTER, ACCEPTED));
    assertFalse(walks.host(HUEY).coolDownLeftNanos() <= 0);
  }

  @Test
  void refusalShowsThatTheNetworkIsThere() {
    lose(CLUSTER, CONNECTION_REFUSED);
    lose(OTHER, CONNECTION_REFUSED);
    lose(THIRD, UNREACHABLE);
    assertEquals(0, alarms());
  }

  @Test
  void hostThatWasSilentAndRefusesNowIsThere() {
    lose(CLUSTER, UNREACHABLE);
    walks.pass(60_000);
    lose(CLUSTER, CONNECTION_REFUSED);
    lose(OTHER, UNREACHABLE);
    assertEquals(0, alarms());
  }

  @Test
  void hostsOfOneGroupAreNotOurNetwork() {
    lose(CLUSTER, UNREACHABLE);
    assertEquals(0, alarms());
  }

  @Test
  void hostsThatGroupsShareAreNotOurNetwork() {
    lose(OTHER, UNREACHABLE);
    lose(SHARING, UNREACHABLE);
    assertEquals(0, alarms());
  }

  @Test
  void groupThatIsHeardShowsThatTheNetworkIsThere() {
    lose(CLUSTER, UNREACHABLE);
    loginTo(THIRD, ACCEPTED);
    walks.pass(10);
    loginTo(THIRD, ACCEPTED);
    AttemptWalk heard = walks.walk();
    walks.next(heard);
    lose(OTHER, UNREACHABLE);
    assertEquals(1, alarms()); // what was heard is older than the last failure
    walks.group = THIRD;
    heard.reached(AttemptStage.NAMED, walks.clock.now());
    assertEquals(1, walks.news.count("network back"));
  }

  @Test
  void hostHeardSinceTheLastFailureBeganShowsThatTheNetworkIsThere() {
    lose(CLUSTER, UNREACHABLE);
    walks.group = THIRD;
    AttemptWalk other = walks.walk();
    walks.next(other);
    walks.group = OTHER;
    AttemptWalk walk = walks.walk();
    walks.next(walk);
    walks.report(walk, UNREACHABLE);
    walks.next(walk);
    walks.pass(100);
    other.reached(AttemptStage.NAMED, walks.clock.now());
    walks.report(walk, UNREACHABLE);
    assertEquals(0, alarms());
  }

  @Test
  void outagesThatBeginApartAreNotOurNetwork() {
    lose(CLUSTER, UNREACHABLE);
    walks.pass(3_000);
    lose(OTHER, UNREACHABLE);
    assertEquals(0, alarms());
  }

  @ParameterizedTest
  @EnumSource(
      value = AttemptOutcome.class,
      names = {"TLS_FAILED", "REFUSED_GREETING", "UNRESOLVED", "PROTOCOL_VIOLATION"})
  void hostsThatAreReachedAreNotOurNetwork(AttemptOutcome outcome) {
    lose(CLUSTER, outcome);
    lose(OTHER, outcome);
    assertEquals(0, alarms());
  }

  @Test
  void hostsThatTakeConnectionsAndCloseThemAreNotOurNetwork() {
    for (ReplicationGroup group : List.of(CLUSTER, OTHER)) {
      walks.group = group;
      AttemptWalk walk = walks.walk();
      for (StoreHost host : group.hosts()) {
        assertEquals(host, walks.next(walk).target());
        walk.reached(AttemptStage.GREETING, walks.clock.now());
        walks.report(walk, UNREACHABLE);
      }
      walk.abandon(walks.clock.now());
    }
    assertEquals(0, alarms());
  }

  @Test
  void noWayToTheMasterMovesNobodyAndCoolsNobodyDown() {
    loginTo(CLUSTER, ACCEPTED);
    assertEquals(List.of(HUEY, DEWEY), loginTo(CLUSTER, NETWORK_UNREACHABLE, ACCEPTED));
    assertEquals(HUEY, walks.affinity());
    assertEquals(0, alarms());
    walks.pass(1);
    assertEquals(List.of(HUEY), loginTo(CLUSTER, ACCEPTED));
    assertEquals(0, walks.host(HUEY).failures());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noWayToAnyHostIsAnAlarmAndTheProberGoesOn(boolean mixed) {
    loginTo(CLUSTER, ACCEPTED);
    walks.pass(1_000);
    AttemptWalk walk = walks.walk();
    for (int i = 0; i < 3; i++) {
      walks.next(walk);
      walks.report(walk, mixed && i == 1 ? REFUSED_GREETING : NETWORK_UNREACHABLE);
    }
    assertEquals(mixed ? 0 : 1, alarms());
    assertEquals(Choice.Kind.WAIT, walks.next(walk).kind());
    assertEquals(List.of(HUEY, DEWEY, LOUIE), walks.wantedProbes());
    walks.greetProbes();
    assertEquals(HUEY, walks.next(walk).target());
    walks.report(walk, ACCEPTED);
    assertEquals(HUEY, walks.affinity());
  }

  @Test
  void noWayToAHostThatHasFailedChangesNothing() {
    loginTo(CLUSTER, TLS_FAILED, ACCEPTED);
    GroupSnapshot.HostSnapshot before = walks.host(HUEY);
    for (ProbeTarget probe : List.of(new ProbeTarget(CLUSTER, Walks.IMAP, HUEY))) {
      walks.selector.probed(
          probe, NETWORK_UNREACHABLE, "no way", walks.clock.now(), walks.clock.now(), Walks.EVEN);
    }
    assertEquals(before.coolDownLeftNanos(), walks.host(HUEY).coolDownLeftNanos());
  }
}
