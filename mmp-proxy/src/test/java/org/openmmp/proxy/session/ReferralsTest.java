package org.openmmp.proxy.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.proxy.session.SessionRig.DEWEY;
import static org.openmmp.proxy.session.SessionRig.GUS;
import static org.openmmp.proxy.session.SessionRig.HUEY;
import static org.openmmp.proxy.session.SessionRig.LOUIE;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.TlsPolicy;

class ReferralsTest {
  private final SessionRig rig = new SessionRig();

  @ParameterizedTest // B3.5 to B3.8, R1, R2, R4
  @CsvSource({
    "louie,              0,    true,  louie",
    "LOUIE.,             0,    false, louie",
    "louie,              143,  false, louie",
    "louie,              1143, true,  louie:1143",
    "gander,             0,    true,  gander",
    "a.trusted.example,  0,    true,  a.trusted.example",
    "louie,              25,   true,  dewey", // B3.9: passed over
    "ducks,              0,    true,  dewey", // B2.24: not I
    "DUCKS.,             0,    false, dewey",
    "geese,              0,    true,  gus",
    "Geese.,             0,    false, gus",
    "geese,              1143, true,  gus:1143",
    "geese,              25,   true,  NO_TRUSTED_STORE",
    "evil.example,       0,    true,  NO_TRUSTED_STORE",
    "evil.example,       0,    false, NO_TRUSTED_STORE",
    "127.0.0.1,          0,    true,  NO_TRUSTED_STORE",
    "'louie:143',        0,    true,  NO_TRUSTED_STORE",
    "huey,               0,    true,  accepted",
    "huey,               0,    false, dewey",
    "'',                 0,    true,  accepted",
    "'',                 0,    false, dewey",
  })
  void referralLeadsWhereItMayAndNowhereElse(
      String target, int port, boolean loggedIn, String expected) {
    TestClient client = rig.atTheDucks();
    client.refers(target, port, loggedIn);
    String next =
        client.handOver != null
            ? "accepted"
            : client.attempt == null
                ? String.valueOf(rig.lastLogin().failure())
                : client.present().host().name()
                    + (client.present().access().port() == SessionRig.PORT
                        ? ""
                        : ":" + client.present().access().port());
    assertEquals(expected, next);
    assertEquals(client.handOver == null ? 1 : 0, client.hangUps);
  }

  @Test // B3.6
  void referralWithinTheGroupMakesItsTargetTheAffinity() {
    TestClient client = rig.atTheDucks();
    client.refers(LOUIE);
    client.accepts();
    assertEquals("hello\nyes welcome\n", client.heard());
    assertEquals(1, rig.lastLogin().hops());
    assertEquals("louie", rig.lastLogin().host());
    assertEquals(List.of("louie"), rig.atTheDucks().dialled);
    assertEquals(List.of(), rig.directory.forgotten);
  }

  @Test // B3.6
  void referralOutOfTheGroupDropsTheEntryAndLeavesTheGroupAlone() {
    TestClient client = rig.atTheDucks();
    client.refers(GUS);
    assertEquals(List.of("bob@example.org"), rig.directory.forgotten);
    client.accepts();
    assertEquals("geese", rig.lastLogin().group());
    assertEquals(List.of("huey"), rig.atTheDucks().dialled);
    TestClient goose = rig.client();
    goose.logIn();
    goose.found("geese");
    assertEquals(List.of("gus"), goose.dialled);
  }

  @Test // B3.7, R2
  void hostTrustedByPatternAloneIsMarkedAsStranger() {
    TestClient client = rig.atTheDucks();
    assertFalse(client.present().stranger());
    client.refers(new StoreHost("a.trusted.example"));
    assertTrue(client.present().stranger());
    client.refers(GUS);
    assertFalse(client.present().stranger());
  }

  @ParameterizedTest // B3.7, R3
  @CsvSource({
    "STARTTLS,      OFF,           STARTTLS",
    "STARTTLS,      OPPORTUNISTIC, STARTTLS",
    "STARTTLS,      IMPLICIT,      IMPLICIT",
    "IMPLICIT,      OFF,           STARTTLS",
    "IMPLICIT,      STARTTLS,      STARTTLS",
    "OPPORTUNISTIC, OFF,           OPPORTUNISTIC",
    "OPPORTUNISTIC, STARTTLS,      STARTTLS",
    "OFF,           OFF,           OFF",
    "OFF,           STARTTLS,      STARTTLS",
  })
  void targetIsNeverLessProtectedThanTheReferringHost(
      TlsPolicy referring, TlsPolicy configured, TlsPolicy used) {
    rig.access.put("ducks", SessionRig.access(referring));
    rig.access.put("geese", SessionRig.access(configured));
    TestClient client = rig.atTheDucks();
    client.refers(GUS);
    assertEquals(used, client.present().access().tls());
    assertEquals(used, client.storeLogin().tls());
    client.ends(AttemptOutcome.TLS_FAILED);
    assertEquals(used, client.present().access().tls(), "the rest of the group likewise");
  }

  @ParameterizedTest // B3.7, B2.5
  @CsvSource({"OFF, gus", "STARTTLS, gander"})
  void protectionThatOnlyAReferralAsksForFailsNobodyElse(TlsPolicy configured, String next) {
    rig.access.put("ducks", SessionRig.access(TlsPolicy.STARTTLS));
    rig.access.put("geese", SessionRig.access(configured));
    TestClient client = rig.atTheDucks();
    client.refers(GUS);
    client.ends(AttemptOutcome.TLS_FAILED);
    client.ends(AttemptOutcome.AUTH_REJECTED); // at gander; it searches no longer, and nobody waits
    TestClient goose = rig.client();
    goose.logIn();
    goose.found("geese");
    assertEquals(List.of(next), goose.dialled);
  }

  @Test // B3.8, R4
  void chainOverTheLimitEndsWithNoMaster() {
    TestClient client = rig.atTheDucks();
    client.refers(DEWEY);
    client.refers(LOUIE);
    client.refers(GUS);
    client.refers("a.trusted.example", 0, true);
    assertEquals(List.of("huey", "dewey", "louie", "gus"), client.dialled);
    assertEquals("hello\nno NO_MASTER\n", client.heard());
    assertEquals(3, rig.lastLogin().hops());
  }

  @Test // B3.8, B3.9
  void referralOverTheLimitWithinTheGroupIsPassedOver() {
    TestClient client = rig.atTheDucks();
    client.refers(DEWEY);
    client.refers(LOUIE);
    client.refers(GUS);
    client.refers(new StoreHost("gander"));
    assertEquals(List.of("huey", "dewey", "louie", "gus", "gander"), client.dialled);
    client.accepts();
    assertEquals(3, rig.lastLogin().hops(), "gander was next anyway");
  }

  @ParameterizedTest // B2.24: whatever leads away from the group makes the entry old
  @CsvSource({
    "louie, 0, false",
    "louie, 25, false",
    "ducks, 0, false",
    "huey, 0, false",
    "gus, 0, true",
    "geese, 0, true",
    "geese, 25, true",
    "a.trusted.example, 0, true",
    "evil.example, 0, true"
  })
  void referralAwayFromTheGroupDropsTheEntry(String target, int port, boolean dropped) {
    TestClient client = rig.atTheDucks();
    client.refers(target, port, true);
    assertEquals(dropped ? List.of("bob@example.org") : List.of(), rig.directory.forgotten);
  }

  @Test // B3.8, R4
  void hostAlreadyVisitedIsNoMaster() {
    TestClient client = rig.atTheDucks();
    client.refers(DEWEY);
    client.refers(HUEY);
    assertEquals(List.of("huey", "dewey", "louie"), client.dialled, "the rest of the group");
    client.ends(AttemptOutcome.UNREACHABLE);
    assertEquals(SessionState.WAITING, client.state(), "the next round comes after a pause");
  }

  @Test // B3.9
  void restOfTheGroupIsTriedWhenTheReferredMasterDoesNotAnswer() {
    TestClient client = rig.atTheDucks();
    client.refers(LOUIE);
    client.ends(AttemptOutcome.UNREACHABLE);
    assertEquals(List.of("huey", "louie", "dewey"), client.dialled);
    client.accepts();
    assertEquals("dewey", rig.lastLogin().host());
  }

  @ParameterizedTest // B3.8, R5
  @ValueSource(booleans = {false, true})
  void referralsUserCountsOnlyWhereConfiguredAndOnlyForItsHost(boolean configured) {
    rig.referralsUser = configured;
    TestClient client = rig.atTheDucks();
    client.refers(LOUIE);
    assertEquals(configured ? "alice" : "BOB", client.storeLogin().storeName());
    client.ends(AttemptOutcome.UNREACHABLE);
    assertEquals("dewey", client.present().host().name());
    assertEquals("BOB", client.storeLogin().storeName());
  }

  @Test // B3.8
  void wrongPasswordAtTheReferredHostIsFinal() {
    TestClient client = rig.atTheDucks();
    client.refers(LOUIE);
    client.ends(AttemptOutcome.AUTH_REJECTED);
    assertEquals(List.of("huey", "louie"), client.dialled);
    assertEquals("hello\nno BAD_CREDENTIALS\n", client.heard());
  }

  @Test // B2.17
  void passwordThatOnlyAReplicaTookIsNoProof() {
    replicaServesReadOnlyWhenNoMasterIsReached();
    assertFalse(rig.isProven("bob@example.org", "secret"));
    rig.clock.pass(Duration.ofMinutes(5));
    rig.atTheDucks().accepts();
    assertTrue(rig.isProven("bob@example.org", "secret"));
  }

  @Test // B2.11
  void replicaServesReadOnlyWhenNoMasterIsReached() {
    TestClient client = rig.atTheDucks();
    for (int step = 0; step < 100 && client.handOver == null; step++) {
      if (client.attempt == null) {
        client.passToDeadline();
      } else if (client.present().host().equals(HUEY)) {
        client.ends(AttemptOutcome.UNREACHABLE);
      } else {
        client.refers(HUEY);
      }
    }
    assertEquals("hello\nyes welcome\n", client.heard());
    assertTrue(rig.lastLogin().readOnly());
    assertEquals("dewey", rig.lastLogin().host());
  }
}
