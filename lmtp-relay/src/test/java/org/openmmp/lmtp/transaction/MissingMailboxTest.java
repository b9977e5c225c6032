package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.routing.Recovery;

/** B5.20: a failover to a host without its spool returns nobody's mail. */
class MissingMailboxTest {
  private static final String MAIL = "MAIL FROM:<s@test>";
  private static final String GONE = "550 5.1.1 no such user";

  private final RelayRig rig =
      new RelayRig(
          1, List.of(RelayRig.group("ducks", "huey", "dewey"), RelayRig.group("mice", "mickey")));

  @BeforeEach
  void deliverToAll() {
    for (int i = 0; i < 9; i++) {
      rig.user(address(i), "ducks");
    }
    rig.connect();
    for (int i = 0; i < 8; i++) {
      assertTrue(deliver(i).startsWith("250"));
    }
  }

  private static String address(int i) {
    return "u" + i + "@test";
  }

  private String rcpt(int i) {
    rig.say("RSET", MAIL);
    return rig.say("RCPT TO:<" + address(i).toUpperCase(Locale.ROOT) + ">").get(0);
  }

  private String deliver(int i) {
    rig.say("RSET", MAIL, "RCPT TO:<" + address(i) + ">", "DATA");
    return rig.say("x", ".").get(0);
  }

  private void lose(String host, String reply) {
    for (int i = 0; i < 9; i++) {
      rig.host(host).rcptReplies.put(address(i), reply);
      rig.host(host).rcptReplies.put(address(i).toUpperCase(Locale.ROOT), reply);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {GONE, "550 no such user", "550 5.1.10 null MX"})
  void mailboxThatWasThereIsPutOffForAnHour(String reply) {
    rig.user(address(0).toUpperCase(Locale.ROOT), "ducks");
    lose("huey", reply);
    assertTrue(rcpt(0).startsWith("451 4.2.0 "));
    assertEquals(1, rig.missing.size());
    rig.clock.pass(Duration.ofMinutes(59));
    rig.connect();
    assertTrue(rcpt(0).startsWith("451 4.2.0 "));
    rig.clock.pass(Duration.ofMinutes(2));
    rig.connect();
    assertTrue(rcpt(0).startsWith("550 "));
    assertTrue(rcpt(0).startsWith("550 "));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"550 5.7.1 not from you", "552 5.2.2 full", "550 5.2.1 disabled", "553 5.1.3 bad"})
  void otherRefusalsStand(String reply) {
    lose("huey", reply);
    rig.say(MAIL);
    assertEquals(reply, rig.say("RCPT TO:<" + address(0) + ">").get(0));
  }

  @Test
  void mailboxThatNeverGotMailIsRefusedAtOnce() {
    lose("huey", GONE);
    rig.say("RSET", MAIL);
    assertEquals(GONE, rig.say("RCPT TO:<" + address(8) + ">").get(0));
    assertTrue(rig.missing.isEmpty());
  }

  @Test
  void refusalBehindTheMessageIsDoubtedToo() {
    rig.host("huey").finalReplies.put(address(0), GONE);
    assertTrue(deliver(0).startsWith("451 4.2.0 "));
  }

  @Test
  void hostThatLostFiveMailboxesInARowIsNotAskedOn() {
    lose("huey", GONE);
    rig.say("RSET", MAIL);
    for (int i = 0; i < 5; i++) {
      assertTrue(rig.say("RCPT TO:<" + address(i) + ">").get(0).startsWith("451 4.2.0 "));
    }
    assertEquals(address(4) + " host failed", rig.missing.get(4));
    assertEquals("250 2.1.5 OK", rig.say("RCPT TO:<" + address(5) + ">").get(0));
    rig.say("DATA");
    assertEquals(List.of("250 2.0.0 dewey has it for " + address(5)), rig.say("x", "."));
    assertEquals("250 2.0.0 dewey has it for " + address(0), deliver(0));
  }

  @Test
  void oneMailboxThatIsThereEndsTheRow() {
    lose("huey", GONE);
    rig.host("huey").rcptReplies.remove(address(7));
    for (int i = 0; i < 6; i++) {
      rig.say("RSET", MAIL, "RCPT TO:<" + address(i) + ">", "RCPT TO:<" + address(7) + ">");
    }
    assertEquals(6, rig.missing.size());
    assertTrue(rig.missing.stream().noneMatch(each -> each.endsWith("failed")));
  }

  @Test
  void oneMailboxAskedForFiveTimesIsNoRow() {
    lose("huey", GONE);
    for (int i = 0; i < 6; i++) {
      rig.say("RSET", MAIL, "RCPT TO:<" + address(0) + ">");
    }
    assertTrue(rig.missing.stream().noneMatch(each -> each.endsWith("failed")));
  }

  @Test
  void hostFailsOnlyOnceAnotherGreets() {
    rig.host("dewey").fate = Fate.REFUSES_CONNECTIONS;
    lose("huey", GONE);
    rig.say("RSET", MAIL);
    for (int i = 0; i < 5; i++) {
      assertTrue(rig.say("RCPT TO:<" + address(i) + ">").get(0).startsWith("451 4.2.0 "));
    }
    assertEquals(0, rig.failures("ducks", "huey"));
    rig.host("dewey").fate = Fate.SERVES;
    rig.connect();
    rig.say(MAIL);
    assertTrue(rig.say("RCPT TO:<" + address(6) + ">").get(0).startsWith("451 4.2.0 "));
    assertEquals(1, rig.failures("ducks", "huey"));
  }

  @Test
  void mailboxesThatHaveMovedSayNothingOfTheHost() {
    lose("huey", GONE);
    for (int i = 0; i < 6; i++) {
      rig.remembered.put(address(i), rig.directory.get(address(i)));
      rig.user(address(i), "mice");
    }
    rig.say("RSET", MAIL);
    for (int i = 0; i < 6; i++) {
      assertEquals("250 2.1.5 OK", rig.say("RCPT TO:<" + address(i) + ">").get(0));
    }
    assertEquals(List.of(), rig.missing);
    assertEquals(0, rig.failures("ducks", "huey"));
  }

  @Test
  void mailboxesThatTheDirectoryConfirmsCount() {
    lose("huey", GONE);
    for (int i = 0; i < 5; i++) {
      rig.remembered.put(address(i), rig.directory.get(address(i)));
    }
    rig.say("RSET", MAIL);
    for (int i = 0; i < 5; i++) {
      assertTrue(rig.say("RCPT TO:<" + address(i) + ">").get(0).startsWith("451 4.2.0 "));
    }
    assertEquals(address(4) + " host failed", rig.missing.get(4));
    assertEquals("250 2.1.5 OK", rig.say("RCPT TO:<" + address(5) + ">").get(0));
    assertEquals(1, rig.failures("ducks", "huey"));
  }

  @ParameterizedTest // B2.27
  @ValueSource(strings = {GONE, "550 no such user", "550 5.1.10 null MX"})
  void unknownUserOfAGroupInRecoveryIsPutOffAndChargesNoHost(String reply) {
    rig.recovery = new Recovery(Set.of("ducks"), Set.of());
    lose("huey", reply);
    for (int i = 0; i < 9; i++) {
      rig.say("RSET", MAIL);
      String told = rig.say("RCPT TO:<" + address(i) + ">").get(0);
      assertTrue(told.startsWith("451 4.2.0 Mailboxes are being restored here"), told);
    }
    assertTrue(rig.missing.isEmpty());
    rig.recovery = Recovery.NONE;
    rig.connect();
    rig.say("RSET", MAIL);
    assertTrue(rig.say("RCPT TO:<" + address(8) + ">").get(0).startsWith("550 "));
  }

  @Test // B2.27
  void unknownUserBehindTheMessageIsPutOffToo() {
    rig.recovery = new Recovery(Set.of(), Set.of("test"));
    rig.host("huey").finalReplies.put(address(8), GONE);
    assertTrue(deliver(8).startsWith("451 4.2.0 Mailboxes are being restored"));
    assertTrue(rig.missing.isEmpty());
  }

  @ParameterizedTest // B2.27
  @CsvSource({
    "nobody@TEST, 451 4.2.0 Mailboxes are being restored here",
    "nobody@other.test, 550 5.1.1 No such mailbox here",
  })
  void whomTheDirectoryDoesNotKnowIsPutOffInADomainInRecovery(String address, String told) {
    rig.recovery = new Recovery(Set.of("mice"), Set.of("test"));
    rig.connect();
    rig.say("RSET", MAIL);
    String reply = rig.say("RCPT TO:<" + address + ">").get(0);
    assertTrue(reply.startsWith(told), reply);
  }

  @Test // B2.27
  void otherRefusalsStandDuringARecovery() {
    rig.recovery = new Recovery(Set.of(Recovery.ALL), Set.of(Recovery.ALL));
    lose("huey", "552 5.2.2 full");
    rig.say(MAIL);
    assertEquals("552 5.2.2 full", rig.say("RCPT TO:<" + address(0) + ">").get(0));
  }
}
