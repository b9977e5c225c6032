package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeliveryTest {
  private static final String MAIL = "MAIL FROM:<s@test>";
  private static final String ALICE = "RCPT TO:<alice@test>";
  private static final String BOB = "RCPT TO:<bob@test>";
  private static final String GINA = "RCPT TO:<gina@test>";

  private final RelayRig rig =
      new RelayRig(
          1,
          List.of(
              RelayRig.group("ducks", "huey", "dewey", "louie"), RelayRig.group("geese", "gus")));

  @BeforeEach
  void open() {
    rig.user("alice@test", "ducks");
    rig.user("bob@test", "ducks");
    rig.user("gina@test", "geese");
    rig.connect();
  }

  // B5.2, B5.3, B5.4, B5.10
  @Test
  void recipientsOfOneGroupShareATransactionAndThoseOfOthersDoNot() {
    assertEquals(
        List.of("250 2.1.0 Sender OK", "250 2.1.5 OK", "250 2.1.5 OK", "250 2.1.5 OK"),
        rig.say(MAIL, ALICE, GINA, BOB));
    assertEquals(List.of("354 Go ahead, end with CR LF dot CR LF"), rig.say("DATA"));
    assertEquals(
        List.of(
            "250 2.0.0 huey has it for alice@test",
            "250 2.0.0 gus has it for gina@test",
            "250 2.0.0 huey has it for bob@test"),
        rig.say("Subject: x", "", "..y", "."));
    assertEquals(1, rig.host("huey").deliveries.size());
    assertEquals("Subject: x\r\n\r\n.y\r\n", rig.host("gus").deliveries.get(0).message());
    assertEquals(2, rig.openStores());
  }

  // B2.6
  @Test
  void silentHostCostsTheTimeOfAGreetingFromTheConnectOn() {
    rig.host("huey").fate = Fate.NEVER_GREETS;
    long begun = rig.clock.now();
    assertEquals("250 2.1.5 OK", rig.say(MAIL, ALICE).get(1));
    assertEquals(Duration.ofSeconds(5), Duration.ofNanos(rig.clock.now() - begun));
  }

  // L5
  @Test
  void dataIsRefusedWhenEveryRecipientWas() {
    rig.host("huey").rcptReplies.put("alice@test", "550 5.1.1 gone");
    rig.say("MAIL FROM:<>", ALICE, "RCPT TO:<nobody@test>");
    assertEquals(List.of("503 5.5.1 No valid recipients"), rig.say("DATA"));
    assertTrue(rig.host("huey").deliveries.isEmpty());
    assertFalse(rig.host("huey").commands.contains("DATA"));
  }

  // B5.7: whatever fails before the end of the message is another host's chance
  @ParameterizedTest
  @EnumSource(Fate.class)
  void failureBeforeTheEndOfTheMessageIsAnotherHostsChance(Fate fate) {
    rig.host("huey").fate = fate;
    String last = deliver("alice@test").get(0);
    switch (fate) {
      case SERVES, DIES_AFTER_ONE_REPLY ->
          assertEquals("250 2.0.0 huey has it for alice@test", last);
      case REFUSES_MAIL_FOR_GOOD -> assertEquals("550 5.7.1 not from you", last);
      case REFUSES_DATA_FOR_GOOD -> assertEquals("554 5.6.0 never", last);
      case DIES_AFTER_DOT, NEVER_ANSWERS_DOT -> {
        assertTrue(last.startsWith("451 4.4.2 "), last);
        assertTrue(rig.host("dewey").deliveries.isEmpty());
      }
      default -> assertEquals("250 2.0.0 dewey has it for alice@test", last);
    }
  }

  // B5.7, B5.4: an outage is never a 5xx
  @ParameterizedTest
  @EnumSource(
      value = Fate.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"SERVES", "REFUSES_MAIL_FOR_GOOD", "REFUSES_DATA_FOR_GOOD"})
  void groupWithoutAHostThatWorksIsATemporaryFailure(Fate fate) {
    List.of("huey", "dewey", "louie").forEach(each -> rig.host(each).fate = fate);
    rig.say(MAIL);
    List<String> last = rig.say(ALICE, BOB);
    if (last.get(0).startsWith("250")) {
      rig.say("DATA");
      last = rig.say("x", ".");
    }
    assertEquals(2, last.size());
    String expected = fate.losesReplies() ? "451 4.4.2 " : "451 4.4.1 ";
    boolean one = fate == Fate.DIES_AFTER_ONE_REPLY;
    assertEquals(one ? 1 : 2, last.stream().filter(each -> each.startsWith(expected)).count());
  }

  // B5.4: who was accepted and is refused by the host that replaces the first has to wait
  @ParameterizedTest
  @CsvSource({
    "550 5.1.1 unknown, 451 4.3.0 ",
    "552 5.2.2 over quota, 451 4.3.0 ",
    "452 4.2.2 full, 452 4.2.2 full",
  })
  void replacementsRefusalIsNoneForGoodForWhoTheFirstTook(String refusal, String told) {
    rig.host("huey").fate = Fate.DIES_AT_DATA;
    rig.host("dewey").rcptReplies.put("bob@test", refusal);
    rig.say(MAIL, BOB, ALICE);
    rig.say("DATA");
    List<String> last = rig.say("x", ".");
    assertTrue(last.get(0).startsWith(told), last.get(0));
    assertEquals("250 2.0.0 dewey has it for alice@test", last.get(1));
  }

  // B5.4
  @Test
  void replacementThatRefusesTheSenderIsNotBelievedEither() {
    rig.host("huey").fate = Fate.DIES_AT_DATA;
    rig.host("dewey").fate = Fate.REFUSES_MAIL_FOR_GOOD;
    rig.say(MAIL, ALICE, "DATA");
    assertTrue(rig.say("x", ".").get(0).startsWith("451 4.3.0 "));
  }

  // B5.4: what is about the session between relay and store is no word about the message
  @ParameterizedTest
  @ValueSource(
      strings = {
        "500 5.5.2 what?",
        "502 5.5.1 no",
        "503 5.5.1 bad sequence",
        "530 5.7.0 Must issue a STARTTLS command first",
        "530 Authentication required",
        "534 5.7.9 too weak",
        "535 5.7.8 bad",
        "538 5.7.11 encrypt",
        "554 5.5.1 no valid recipients",
      })
  void storesRefusalOfThisRelayIsNotHandedOn(String refusal) {
    rig.host("huey").rcptReplies.put("alice@test", refusal);
    assertTrue(deliver("alice@test").get(0).startsWith("451 4.3.5 "));
    rig.host("gus").finalReplies.put("gina@test", refusal);
    assertTrue(deliver("gina@test").get(0).startsWith("451 4.3.5 "));
  }

  // B5.6, B2.7
  @Test
  void referralInAGreetingIsFollowedInsideTheGroup() {
    rig.host("huey").greeting = "220 huey LMTP replica [REFERRAL lmtp://louie/]";
    assertEquals(List.of("250 2.0.0 louie has it for alice@test"), deliver("alice@test"));
    assertEquals(0, rig.host("dewey").connects);
    assertEquals(List.of("250 2.0.0 louie has it for bob@test"), deliver("bob@test"));
    assertEquals(1, rig.host("huey").connects);
  }

  // B5.6
  @Test
  void referralOutOfTheGroupIsNotFollowed() {
    rig.host("huey").greeting = "421 4.3.2 go [REFERRAL lmtp://gus/]";
    assertEquals(List.of("250 2.0.0 dewey has it for alice@test"), deliver("alice@test"));
    assertEquals(0, rig.host("gus").connects);
    assertEquals(List.of("alice@test"), rig.forgotten, "B2.24: the entry is old");
  }

  // B2.24, B3.9
  @Test
  void referralToTheGroupsOwnNameMeansAnotherHostOfIt() {
    rig.host("huey").greeting = "421 4.3.2 not I [REFERRAL lmtp://ducks/]";
    assertEquals(List.of("250 2.0.0 dewey has it for alice@test"), deliver("alice@test"));
    assertEquals(List.of(), rig.forgotten);
  }

  // B5.6: Dovecot's form
  @Test
  void referralOfARecipientMovesTheDelivery() {
    rig.host("huey")
        .rcptReplies
        .put("alice@test", "550 5.2.900 <alice@test> alice@louie:24 Referral");
    assertEquals(List.of("250 2.0.0 louie has it for alice@test"), deliver("alice@test"));
  }

  // B5.6, B5.4
  @Test
  void referralOfARecipientToAStrangerIsATemporaryFailure() {
    rig.host("huey")
        .rcptReplies
        .put("alice@test", "550 5.2.900 <alice@test> alice@evil:24 Referral");
    rig.say(MAIL);
    assertTrue(rig.say(ALICE).get(0).startsWith("451 4.3.5 "));
    assertEquals(List.of("alice@test"), rig.forgotten, "B2.24: the entry is old");
  }

  // L7, B5.10
  @Test
  void staleConnectionCostsNoDelivery() {
    deliver("alice@test");
    rig.killKept();
    assertEquals(List.of("250 2.0.0 huey has it for bob@test"), deliver("bob@test"));
    assertEquals(2, rig.host("huey").connects);
    assertEquals(0, rig.host("dewey").connects);
  }

  // L8, B5.10
  @Test
  void abortedTransactionLeavesNothingBehind() {
    rig.say(MAIL, ALICE);
    assertEquals(List.of("250 2.0.0 OK"), rig.say("RSET"));
    assertEquals(List.of("250 2.0.0 huey has it for bob@test"), deliver("bob@test"));
    assertEquals(1, rig.host("huey").connects);
    assertEquals(List.of("bob@test"), rig.host("huey").deliveries.get(0).recipients());
  }

  // B5.8, L1
  @Test
  void bareLineFeedIsRefusedAndNothingIsDelivered() {
    rig.say(MAIL, ALICE, GINA);
    rig.say("DATA");
    String refusal = "554 5.6.0 The message has a CR or LF that is no line end";
    assertEquals(List.of(refusal, refusal), rig.say("a\n.", "MAIL FROM:<smuggler@test>", "."));
    assertTrue(rig.host("huey").deliveries.isEmpty() && rig.host("gus").deliveries.isEmpty());
    assertEquals(List.of("250 2.0.0 OK"), rig.say("NOOP"));
  }

  // B5.1
  @Test
  void chunksMakeAMessage() {
    rig.say(MAIL, ALICE);
    assertEquals(List.of("250 2.0.0 3 octets received"), rig.send("BDAT 3\r\n.a\r"));
    assertEquals(
        List.of("250 2.0.0 huey has it for alice@test"), rig.send("BDAT 4 LAST\r\n\nb\r\n"));
    assertEquals(".a\r\nb\r\n", rig.host("huey").deliveries.get(0).message());
  }

  // B5.1: chunks go on as chunks where the store takes them, so that not even a line end is added
  @Test
  void chunksGoOnAsChunks() {
    rig.host("huey").extensions = List.of("PIPELINING", "CHUNKING");
    rig.say(MAIL, ALICE);
    assertEquals(List.of("250 2.0.0 huey has it for alice@test"), rig.send("BDAT 3 LAST\r\n.ab"));
    assertEquals(".ab", rig.host("huey").deliveries.get(0).message());
    assertFalse(rig.host("huey").commands.contains("DATA"));
  }

  // B2.9: a group that is known to be down harms no other
  @Test
  void groupThatIsDownIsAnsweredAtOnceAndHarmsNoOther() {
    List.of("huey", "dewey", "louie")
        .forEach(each -> rig.host(each).fate = Fate.REFUSES_CONNECTIONS);
    rig.say(MAIL, ALICE, "RSET", MAIL);
    List<String> replies = rig.say(BOB, GINA);
    assertTrue(replies.get(0).startsWith("451 4.4.1 "), replies.get(0));
    assertEquals("250 2.1.5 OK", replies.get(1));
    assertEquals(1, rig.host("huey").connects);
  }

  /** One message to those; what they are told last. */
  private List<String> deliver(String... recipients) {
    rig.say("RSET", MAIL);
    List<String> refused = new ArrayList<>();
    for (String recipient : recipients) {
      refused.addAll(rig.say("RCPT TO:<" + recipient + ">"));
    }
    refused.removeIf(reply -> reply.startsWith("250"));
    if (!refused.isEmpty()) {
      return refused;
    }
    rig.say("DATA");
    return rig.say("x", ".");
  }
}
