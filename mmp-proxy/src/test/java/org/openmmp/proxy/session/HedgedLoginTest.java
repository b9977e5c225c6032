package org.openmmp.proxy.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.openmmp.proxy.session.SessionRig.DEWEY;
import static org.openmmp.proxy.session.SessionRig.DUCKS;
import static org.openmmp.proxy.session.SessionRig.HUEY;
import static org.openmmp.proxy.session.SessionRig.LOUIE;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.guard.LimitsConfig;
import org.openmmp.proxy.store.LoginAttempt;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.AttemptStage;
import org.openmmp.repgroup.HedgeResult;
import org.openmmp.repgroup.SelectorSettings;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.Survival;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.wire.NetworkSet;
import org.openmmp.wire.Secret;

@DisplayName("B2.31, B2.33: a login whose first store is late")
class HedgedLoginTest {
  private static final Duration LATE = Duration.ofMillis(200);

  private final SessionRig rig =
      new SessionRig(
          new LimitsConfig(0, 0, 0, 0, NetworkSet.NONE, SessionRig.noPenalty()),
          SelectorSettings.Patience.defaults());

  /** A login at huey, which is late: dewey is begun beside it. */
  private TestClient hedged() {
    TestClient client = rig.atTheDucks();
    client.pass(LATE);
    assertEquals(List.of("huey"), client.dialled);
    assertEquals(List.of("dewey"), client.hostsWarmed);
    return client;
  }

  /** From now on it is known that the ducks refer. */
  private void hostsRefer() {
    TestClient client = rig.atTheDucks();
    client.greeted();
    client.refers(DEWEY);
    client.greeted();
    client.refers(HUEY);
    client.goesAway();
    rig.selector.failback(DUCKS);
  }

  private static void becomesReady(TestClient client) {
    LoginAttempt warm = client.warmed();
    client.reaches(warm, AttemptStage.GREETING);
    client.reaches(warm, AttemptStage.OPENING);
    client.isReady(warm);
  }

  @Test
  void firstStoreThatGreetsAfterAllKeepsTheLogin() {
    TestClient client = hedged();
    becomesReady(client);
    client.greeted();
    assertNull(client.warm);
    assertEquals(1, client.left);
    client.accepts();
    assertEquals(List.of("huey"), client.dialled);
    assertEquals(HedgeResult.UNUSED, rig.lastLogin().hedge());
    assertEquals(List.of("dewey UNUSED"), rig.hedges);
    assertEquals(1, rig.lastLogin().attempts());
  }

  @Test
  void storeThatStandsReadyTakesOverAtOnceWhenTheFirstFails() {
    TestClient client = hedged();
    becomesReady(client);
    LoginAttempt warm = client.warmed();
    client.ends(AttemptOutcome.UNREACHABLE);
    assertEquals(List.of("huey", "dewey"), client.dialled);
    assertEquals(warm, client.present());
    assertEquals(SessionState.LOGGING_IN, client.state());
    client.accepts();
    assertEquals(HedgeResult.USED, rig.lastLogin().hedge());
    assertEquals("next of the list", rig.lastLogin().why());
    assertEquals(List.of("dewey USED"), rig.hedges);
  }

  @Test
  void storeThatIsNotReadyYetTakesOverWithItsOwnTime() {
    TestClient client = hedged();
    client.reaches(client.warmed(), AttemptStage.GREETING);
    client.ends(AttemptOutcome.UNREACHABLE);
    assertEquals(List.of("huey", "dewey"), client.dialled);
    assertEquals(SessionState.CONNECTING, client.state());
    client.greeted();
    client.accepts();
    assertEquals("dewey", rig.lastLogin().host());
  }

  @Test
  void warmStoreWaitsWhereHostsDoNotRefer() {
    TestClient client = hedged();
    becomesReady(client);
    client.reaches(client.present(), AttemptStage.GREETING);
    client.pass(Duration.ofSeconds(4));
    assertEquals(List.of("huey"), client.dialled);
    client.pass(Duration.ofSeconds(1));
    assertEquals(List.of("huey", "dewey"), client.dialled);
    assertEquals(1, client.usedWarm);
  }

  @Test
  void whereHostsReferTheFirstIsLeftAsSoonAsTheSecondIsReady() {
    hostsRefer();
    TestClient client = hedged();
    becomesReady(client);
    assertEquals(List.of("huey", "dewey"), client.dialled);
    assertEquals(1, client.usedWarm);
    client.refers(LOUIE);
    client.greeted();
    client.accepts();
    assertEquals(List.of("huey", "dewey", "louie"), client.dialled);
    TestClient next = rig.atTheDucks();
    assertEquals(List.of("louie"), next.dialled); // which is the master now
  }

  @Test
  void storeThatTheReplicaNamesIsAskedAgain() {
    hostsRefer();
    TestClient client = hedged();
    becomesReady(client);
    client.refers(HUEY);
    client.pass(Duration.ofSeconds(6));
    assertEquals(List.of("huey", "dewey", "huey"), client.dialled);
    client.greeted();
    client.accepts();
    assertEquals("huey", rig.lastLogin().host());
  }

  @ParameterizedTest
  @CsvSource({"dewey, 0, false, true", "dewey, 1143, false, false", "dewey, 0, true, false"})
  void otherPortOrNameThanItWasBegunWithIsNoLoginThere(
      String target, int port, boolean anotherUser, boolean used) {
    rig.referralsUser = anotherUser;
    TestClient client = hedged();
    becomesReady(client);
    client.refers(target, port, false); // by its greeting
    assertEquals(List.of("huey", "dewey"), client.dialled);
    assertEquals(used ? 1 : 0, client.usedWarm);
    assertEquals(used ? 0 : 1, client.left);
    assertEquals(port == 0 ? SessionRig.PORT : port, client.present().access().port());
    assertEquals(anotherUser ? "alice" : "BOB", client.storeLogin().storeName());
    assertEquals(List.of("dewey " + (used ? "USED" : "UNUSED")), rig.hedges);
  }

  @ParameterizedTest
  @EnumSource(AttemptOutcome.class)
  void whateverBecomesOfTheSecondIsNoEvidence(AttemptOutcome outcome) {
    TestClient client = hedged();
    client.answers(client.warmed(), StoreAnswer.failed(outcome, "so"));
    assertEquals(List.of("dewey", "louie"), client.hostsWarmed);
    client.answers(client.warmed(), StoreAnswer.failed(outcome, "so"));
    assertNull(client.warm);
    assertEquals(List.of("dewey FAILED", "louie FAILED"), rig.hedges);
    assertEquals(SessionState.CONNECTING, client.state());
    client.greeted();
    client.accepts();
    assertEquals("huey", rig.lastLogin().host());
    assertEquals(HedgeResult.FAILED, rig.lastLogin().hedge());
    rig.selector.snapshot(rig.clock.now()).stream()
        .flatMap(group -> group.hosts().stream())
        .forEach(host -> assertEquals(0, host.failures()));
  }

  @Test
  void wordsOfOneThatWasLeftChangeNothing() {
    TestClient client = hedged();
    LoginAttempt warm = client.warmed();
    client.greeted();
    client.isReady(warm);
    client.answers(warm, StoreAnswer.failed(AttemptOutcome.ACCEPTED, "too late"));
    assertEquals(SessionState.LOGGING_IN, client.state());
    assertNull(client.handOver);
  }

  @Test
  void clientThatGoesAwayLeavesBoth() {
    TestClient client = hedged();
    client.goesAway();
    assertEquals(1, client.left);
    assertEquals(1, client.hangUps);
    assertEquals(List.of("dewey UNUSED"), rig.hedges);
    assertEquals(0, rig.attemptsUnderWay());
  }

  @Test
  void storeThatWouldHearOfTheClientFirstIsNotBegunTo() {
    StoreAccess plain = SessionRig.access(TlsPolicy.OFF);
    rig.access.put(
        "ducks",
        new StoreAccess(
            SessionRig.PORT,
            TlsPolicy.OFF,
            plain.trust(),
            SessionRig.CONNECT,
            SessionRig.GREETING,
            SessionRig.ANSWER,
            "",
            Secret.none(),
            StoreAccess.ClientId.PROXY_V2,
            Survival.OFF));
    TestClient client = rig.atTheDucks();
    client.pass(Duration.ofSeconds(6));
    assertEquals(List.of(), client.hostsWarmed);
  }
}
