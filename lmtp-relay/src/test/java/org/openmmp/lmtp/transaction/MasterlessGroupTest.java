package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** While a group elects, a delivery waits for its master as long as the MTA does (rule B2.11). */
class MasterlessGroupTest {
  private final RelayRig rig =
      new RelayRig(1, List.of(RelayRig.group("ducks", "huey", "dewey", "louie")));

  @BeforeEach
  void open() {
    rig.user("alice@test", "ducks");
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
