package org.openmmp.guard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.openmmp.testkit.FakeClock;
import org.openmmp.wire.Network;
import org.openmmp.wire.Secret;

class ProvenLoginsTest {
  private final FakeClock clock = new FakeClock();
  private final ProvenLogins logins = new ProvenLogins(1_000, new byte[32], clock.now());

  @Test
  void onlyThisNameWithThisCredentialIsProven() { // B2.17
    assertFalse(login("ada", "ada", "right").proven(clock.now()));
    login("ada", "ada", "right").accepted(false, clock.now());
    login("ada", "ada", "of her telephone").accepted(false, clock.now());
    assertTrue(login("ada", "ada", "right").proven(clock.now()));
    assertTrue(login("ADA", "ADA", "of her telephone").proven(clock.now()));
    assertFalse(login("ada", "ada", "Right").proven(clock.now()));
    assertFalse(login("bob", "bob", "right").proven(clock.now()));
  }

  @Test
  void whatOpensOneMailboxProvesNothingOfAnother() { // B2.17, B3.18
    login("ada", "admin", "secret").accepted(false, clock.now());
    assertTrue(login("ada", "admin", "secret").proven(clock.now()));
    assertFalse(login("bob", "admin", "secret").proven(clock.now()));
    assertFalse(login("ada", "ada", "secret").proven(clock.now()));
    assertFalse(login("admin", "admin", "secret").proven(clock.now()));
    assertEquals(login("ada", "admin", "x").name(), login("ada", "ada", "y").name());
    assertNotEquals(login("ada", "ada", "x").name(), login("bob", "bob", "x").name());
  }

  @Test
  void proofLastsThirtyDaysFromTheLastLogin() { // B2.17
    login("ada", "ada", "right").accepted(false, clock.now());
    clock.pass(Duration.ofDays(29));
    login("ada", "ada", "right").accepted(false, clock.now());
    clock.pass(Duration.ofDays(29));
    assertTrue(login("ada", "ada", "right").proven(clock.now()));
    clock.pass(Duration.ofDays(2));
    assertFalse(login("ada", "ada", "right").proven(clock.now()));
    assertFalse(login("ada", "ada", "right").known(clock.now()));
  }

  @Test
  void refusalEndsTheProofOnce() { // B2.17
    login("ada", "ada", "right").accepted(false, clock.now());
    assertFalse(login("ada", "ada", "wrong").refused(clock.now()));
    assertTrue(login("ada", "ada", "right").refused(clock.now()));
    assertFalse(login("ada", "ada", "right").refused(clock.now()));
    assertFalse(login("ada", "ada", "right").proven(clock.now()));
    assertTrue(login("ada", "ada", "other").known(clock.now()), "by its network still");
  }

  @Test
  void secretThatIsNotSeenProvesNothingAndMakesTheNetworkKnown() { // B2.17, B2.10
    ProvenLogins.Proof unseen = logins.of("ada", "ada", null, network("192.0.2.7"));
    unseen.accepted(false, clock.now());
    assertFalse(unseen.proven(clock.now()));
    assertFalse(unseen.refused(clock.now()));
    assertTrue(unseen.known(clock.now()));
    assertTrue(logins.of("ada", "ada", null, network("192.0.2.200")).known(clock.now()));
    assertFalse(logins.of("ada", "ada", null, network("192.0.3.7")).known(clock.now()));
    assertFalse(logins.of("bob", "bob", null, network("192.0.2.7")).known(clock.now()));
  }

  @Test
  void readOnlySessionMakesTheNetworkKnownAndProvesNothing() { // B2.17
    login("ada", "ada", "right").accepted(true, clock.now());
    assertFalse(login("ada", "ada", "right").proven(clock.now()));
    assertTrue(login("ada", "ada", "right").known(clock.now()));
    login("ada", "ada", "right").accepted(false, clock.now());
    login("ada", "ada", "right").accepted(true, clock.now());
    assertTrue(login("ada", "ada", "right").proven(clock.now()), "by the master, before");
  }

  @Test
  void networkIsASlash56OfIpv6() { // B2.10
    logins.of("ada", "ada", null, network("2001:db8:0:1200::1")).accepted(false, clock.now());
    assertTrue(logins.of("ada", "ada", null, network("2001:db8:0:12ff::9")).known(clock.now()));
    assertFalse(logins.of("ada", "ada", null, network("2001:db8:0:1300::1")).known(clock.now()));
  }

  @Test
  void manyNamesLeaveABoundedMemoryAndMostOfTheLastOnes() { // R13
    for (int i = 0; i < 100_000; i++) {
      login("user" + i, "user" + i, "pw").accepted(false, clock.now());
    }
    int kept = 0;
    for (int i = 0; i < 100_000; i++) {
      kept += login("user" + i, "user" + i, "pw").proven(clock.now()) ? 1 : 0;
    }
    assertTrue(kept >= 1_000 && kept <= 5_000, kept + " are kept");
  }

  @Test
  void guessIsHardlyEverTakenForTheTruth() { // B2.17
    login("ada", "ada", "right").accepted(false, clock.now());
    int taken = 0;
    for (int i = 0; i < 100_000; i++) {
      taken += login("ada", "ada", "guess" + i).proven(clock.now()) ? 1 : 0;
    }
    assertTrue(taken <= 10, taken + " of 100,000");
  }

  private ProvenLogins.Proof login(String user, String authcid, String secret) {
    return logins.of(user, authcid, Secret.taking(secret.getBytes(UTF_8)), network("192.0.2.7"));
  }

  private static Network network(String ip) {
    return Network.ofSite(Clients.at(ip));
  }
}
