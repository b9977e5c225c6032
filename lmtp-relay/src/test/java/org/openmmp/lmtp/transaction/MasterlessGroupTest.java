package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.ReplicationGroup;

/** While a group elects, a delivery waits for its master as long as the MTA does (rule B2.11). */
class MasterlessGroupTest {
  private final RelayRig rig =
      new RelayRig(
          1,
          List.of(
              RelayRig.group("ducks", "huey", "dewey", "louie"), RelayRig.group("mice", "mickey")));

  @BeforeEach
  void open() {
    rig.user("alice@test", "ducks");
    rig.user("bob@test", "mice");
    rig.host("huey").fate = Fate.REFUSES_CONNECTIONS;
    rig.host("dewey").greeting = "421 4.3.2 replica [REFERRAL lmtp://louie/]";
    rig.host("louie").greeting = "220 louie LMTP replica [REFERRAL lmtp://dewey/]";
    rig.connect();
    rig.say("MAIL FROM:<s@test>");
  }

  @Test // B5.7, B2.11: bounded work, then a temporary failure
  void groupThatFindsNoMasterIsATemporaryFailure() {
    long begun = rig.clock.now();
    List<String> replies = rig.say("RCPT TO:<alice@test>");
    assertTrue(
        replies.get(0).startsWith("451 4.3.2 ") || replies.get(0).startsWith("451 4.4.1 "),
        replies.get(0));
    assertTrue(rig.clock.now() - begun <= 31_000_000_000L);
    int connects = rig.host("dewey").connects + rig.host("louie").connects;
    assertTrue(connects >= 4 && connects <= 60, "connects: " + connects);
  }

  @Test // B2.11, B2.7
  void masterThatIsElectedMeanwhileTakesTheMessage() {
    rig.whenPassed(
        3,
        () -> {
          rig.host("louie").greeting = "220 louie LMTP master";
          rig.host("dewey").greeting = "421 4.3.2 replica [REFERRAL lmtp://louie/]";
        });
    assertEquals(List.of("250 2.1.5 OK"), rig.say("RCPT TO:<alice@test>"));
    rig.say("DATA");
    assertEquals(List.of("250 2.0.0 louie has it for alice@test"), rig.say("x", "."));
  }

  @Test // B5.17
  void secondMessageForAGroupWithoutAMasterHearsSoAtOnce() {
    long begun = rig.clock.now();
    rig.say("RCPT TO:<alice@test>");
    assertTrue(rig.clock.now() - begun <= 6_000_000_000L, "the first waits as a login does");
    for (int message = 0; message < 20; message++) {
      rig.say("RSET");
      rig.say("MAIL FROM:<s@test>");
      long asked = rig.clock.now();
      assertTrue(rig.say("RCPT TO:<alice@test>").get(0).startsWith("451 4.3.2 "));
      assertEquals(asked, rig.clock.now());
      rig.clock.pass(Duration.ofSeconds(1));
    }
    rig.host("louie").greeting = "220 louie LMTP master";
    rig.clock.pass(Duration.ofSeconds(5));
    rig.say("RSET");
    rig.say("MAIL FROM:<s@test>");
    assertEquals(List.of("250 2.1.5 OK"), rig.say("RCPT TO:<alice@test>"));
  }

  private void assertPutOffAtOnce(String rcpt) {
    long asked = rig.clock.now();
    String told = rig.say("RCPT TO:<" + rcpt + ">").get(0);
    assertTrue(told.startsWith("451 4.3.2 ") || told.startsWith("451 4.4.1 "), told);
    Duration took = Duration.ofNanos(rig.clock.now() - asked);
    assertTrue(took.compareTo(Duration.ofMillis(100)) < 0, "told after " + took);
  }

  private void replicasBecome(Fate fate) {
    rig.host("dewey").fate = fate;
    rig.host("louie").fate = fate;
  }

  /** What a prober would find of the hosts that it is to ask. */
  private void probe(AttemptOutcome outcome) {
    long now = rig.clock.now();
    for (ReplicationGroup group : rig.groups()) {
      rig.selector
          .wantedProbes(group, RelaySettings.SERVICE, now)
          .forEach(each -> rig.selector.probed(each, outcome, "a probe", now, now, 0.5));
    }
  }

  @ParameterizedTest // B5.17
  @EnumSource(
      names = {"SERVES", "REFUSES_CONNECTIONS", "NEVER_ACCEPTS", "NEVER_GREETS", "GREETS_WITH_421"})
  void nobodyWaitsForWhatBecomesOfTheReplicasOfAGroupWithoutAMaster(Fate fate) {
    rig.say("RCPT TO:<alice@test>");
    replicasBecome(fate);
    int before = rig.host("dewey").connects + rig.host("louie").connects;
    for (int seconds : new int[] {0, 0, 1, 4, 4, 10, 15, 30, 50}) {
      rig.clock.pass(Duration.ofSeconds(seconds));
      rig.say("RSET");
      rig.say("MAIL FROM:<s@test>");
      assertPutOffAtOnce("alice@test");
      assertEquals(List.of("250 2.1.5 OK"), rig.say("RCPT TO:<bob@test>"));
      assertPutOffAtOnce("alice@test");
    }
    int asked = rig.host("dewey").connects + rig.host("louie").connects - before;
    assertTrue(asked >= 1 && asked <= 16, "somebody asks them now and then: " + asked);
    assertEquals(0, rig.attemptsUnderWay());
  }

  @ParameterizedTest // B5.17
  @EnumSource(names = {"NEVER_ACCEPTS", "NEVER_GREETS"})
  void whoWaitsForAMasterWaitsNoLongerForAStore(Fate fate) {
    long begun = rig.clock.now();
    rig.whenPassed(3, () -> replicasBecome(fate));
    assertTrue(rig.say("RCPT TO:<alice@test>").get(0).startsWith("451 4.3.2 "));
    Duration took = Duration.ofNanos(rig.clock.now() - begun);
    assertTrue(took.compareTo(Duration.ofMillis(5_100)) < 0, "told after " + took);
  }

  @Test // B5.17, B2.9
  void whatAProbeFindsOutServesTheNextDelivery() {
    rig.say("RCPT TO:<alice@test>");
    replicasBecome(Fate.NEVER_GREETS);
    rig.clock.pass(Duration.ofSeconds(4));
    rig.say("RSET");
    rig.say("MAIL FROM:<s@test>");
    assertPutOffAtOnce("alice@test");
    replicasBecome(Fate.SERVES);
    rig.host("louie").greeting = "220 louie LMTP master";
    probe(AttemptOutcome.GREETED);
    rig.clock.pass(Duration.ofSeconds(4));
    rig.say("RSET");
    rig.say("MAIL FROM:<s@test>");
    assertEquals(List.of("250 2.1.5 OK"), rig.say("RCPT TO:<alice@test>"));
  }

  private void masterDiesUnderADelivery(Fate fate) {
    String refersToDead = "220 replica LMTP [REFERRAL lmtp://huey/]";
    rig.host("huey").fate = fate;
    rig.host("dewey").greeting = refersToDead;
    rig.host("louie").greeting = refersToDead;
    rig.whenPassed(
        3,
        () -> {
          rig.host("louie").greeting = "220 louie LMTP master";
          rig.host("dewey").greeting = "220 dewey LMTP replica [REFERRAL lmtp://louie/]";
        });
  }

  @ParameterizedTest // B5.7
  @EnumSource(names = {"DIES_AT_MAIL", "DIES_AT_RCPT", "DIES_AT_DATA", "DIES_IN_BODY"})
  void deliveryThatLostItsMasterWaitsForTheNext(Fate fate) {
    masterDiesUnderADelivery(fate);
    assertEquals(List.of("250 2.1.5 OK"), rig.say("RCPT TO:<alice@test>"));
    rig.say("DATA");
    assertEquals(List.of("250 2.0.0 louie has it for alice@test"), rig.say("x", "."));
    int connects = rig.host("huey").connects;
    boolean begun = fate.compareTo(Fate.REFUSES_DATA_FOR_NOW) > 0;
    assertTrue(connects <= (begun ? 1 : 6), "connects: " + connects);
  }

  @Test // B2.5, B5.7
  void senderWhomTheMasterRefusesForNowHearsSoAtOnce() {
    masterDiesUnderADelivery(Fate.REFUSES_MAIL_FOR_NOW);
    long begun = rig.clock.now();
    assertTrue(rig.say("RCPT TO:<alice@test>").get(0).startsWith("451 "));
    assertEquals(begun, rig.clock.now());
  }

  @Test // B2.5
  void deliveryThatWaitsForAMasterMakesNobodyElseWait() {
    masterDiesUnderADelivery(Fate.NEVER_ANSWERS_MAIL);
    rig.say("RCPT TO:<alice@test>");
    rig.host("huey").fate = Fate.SERVES;
    long begun = rig.clock.now();
    rig.connect();
    rig.say("MAIL FROM:<s@test>");
    assertEquals(List.of("250 2.1.5 OK"), rig.say("RCPT TO:<alice@test>"));
    assertEquals(begun, rig.clock.now());
  }
}
