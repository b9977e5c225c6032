package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.directory.LookupRequest;

/** What clients may say when, and what they hear. */
class ClientTest {
  private static final String MAIL = "MAIL FROM:<s@test>";
  private static final String ALICE = "RCPT TO:<alice@test>";

  private final RelayRig rig = new RelayRig(1, List.of(RelayRig.group("ducks", "huey", "dewey")));

  @BeforeEach
  void open() {
    rig.user("alice@test", "ducks");
    rig.connect();
  }

  /** Commands, and the last one's reply. */
  @ParameterizedTest // B5.1
  @CsvSource(
      delimiter = '|',
      value = {
        "NOOP | 250 2.0.0 OK",
        "noop | 250 2.0.0 OK",
        "RSET | 250 2.0.0 OK",
        "VRFY alice | 252 2.5.0 Cannot verify; send it and see",
        "HELP | 502 5.5.1 Command not offered",
        "EXPN list | 502 5.5.1 Command not offered",
        "HELO me | 500 5.5.1 This is LMTP: say LHLO",
        "EHLO me | 500 5.5.1 This is LMTP: say LHLO",
        "HUGO | 500 5.5.2 Unknown command",
        "LHLO | 501 5.5.4 LHLO and your host name, please",
        "STARTTLS | 502 5.5.1 Command not offered",
        "XCLIENT ADDR=192.0.2.5 | 220 relay.test LMTP OpenMMP, session s1",
        "RCPT TO:<alice@test> | 503 5.5.1 Bad sequence of commands",
        "DATA | 503 5.5.1 Bad sequence of commands",
        "BDAT 0 LAST | 503 5.5.1 Bad sequence of commands",
        "MAIL FROM:<s@test>;MAIL FROM:<s@test> | 503 5.5.1 Bad sequence of commands",
        "MAIL FROM:<s@test>;DATA | 503 5.5.1 No valid recipients",
        "MAIL FROM:<s@test>;DATA now | 501 5.5.4 No argument is allowed there",
        "MAIL FROM:<s@test>;XCLIENT ADDR=192.0.2.5 | 503 5.5.1 Bad sequence of commands",
        "MAIL FROM:<s@test>;RCPT TO:<> | 501 5.1.3 Bad recipient address syntax",
        "MAIL FROM:<s@test>;RCPT TO:<alice@test> NOTIFY=NEVER | 555 5.5.4 Unsupported parameter",
        "MAIL FROM:<s@test>;RSET;MAIL FROM:<s@test> | 250 2.1.0 Sender OK",
        "MAIL FROM:<s@test>;LHLO again;MAIL FROM:<s@test> | 250 2.1.0 Sender OK",
        "MAIL FROM:<s@test>;RCPT TO:<\u00e4@test> | 553 5.6.7 This address needs SMTPUTF8, which"
            + " MAIL did not ask for",
        "MAIL FROM:<s@test> SIZE=1000001 | 552 5.3.4 The message is too big",
        "MAIL FROM:<s@test> SIZE=x | 501 5.5.4 Bad value of a parameter, or a parameter twice",
        "XCLIENT ADDR=192.0.2.5;MAIL FROM:<s@test> | 503 5.5.1 Bad sequence of commands",
      })
  void commandHasItsReply(String commands, String reply) {
    List<String> replies = List.of();
    for (String command : List.of(commands.split(";", -1))) {
      replies = rig.say(command);
    }
    assertEquals(reply, replies.get(replies.size() - 1));
  }

  // B5.2: pipelined recipients are asked about together, commands behind them wait
  @Test
  void repliesStandInTheOrderOfCommands() {
    rig.host("huey").rcptReplies.put("alice@test", "452 4.2.2 full");
    rig.user("bob@test", "huey");
    assertEquals(
        List.of(
            "250 2.1.0 Sender OK",
            "452 4.2.2 full",
            "550 5.1.1 No such mailbox here",
            "250 2.1.5 OK",
            "250 2.0.0 OK",
            "221 2.0.0 Goodbye"),
        rig.say(
            MAIL, ALICE, "RCPT TO:<nobody@test>", "RCPT TO:<bob@test>", "NOOP", "QUIT", "NOOP"));
    assertEquals("quit", rig.closed());
  }

  // B5.2, B5.11, L11: the address goes on as it was, and is looked up with its detail and without
  @ParameterizedTest
  @CsvSource({
    "alice+lists@test, alice@test",
    "alice@test, alice@test",
    "\"alice+x y\"@test, alice@test",
    "+alice@test, +alice@test",
    "postmaster, postmaster",
  })
  void detailStaysInWhatIsSentOn(String address, String lookedUp) {
    rig.user(lookedUp, "ducks");
    rig.say(MAIL);
    assertEquals(List.of("250 2.1.5 OK"), rig.say("RCPT TO:<" + address + ">"));
    assertEquals(LookupRequest.Purpose.DELIVERY, rig.lookups.get(0).purpose());
    LookupRequest asked = rig.lookups.get(0);
    assertTrue(asked.loginName().equals(lookedUp) || asked.shorter().contains(lookedUp));
    assertTrue(rig.host("huey").commands.contains("RCPT TO:<" + address + ">"));
  }

  // B5.11: a mailbox may have a delimiter in its name, and then it is no detail
  @Test
  void wholeAddressThatHasAnEntryGoesWhereThatLeads() {
    rig.userSentOnAs("alice+lists@test", "ducks", "l9@store");
    rig.say(MAIL);
    assertEquals(List.of("250 2.1.5 OK"), rig.say("RCPT TO:<alice+lists@test>"));
    assertTrue(rig.host("huey").commands.contains("RCPT TO:<l9@store>"));
  }

  // B5.2: the template's address, with the detail behind its local part
  @ParameterizedTest
  @CsvSource({
    "alice+lists@test, a17@store, a17+lists@store",
    "alice@test, a17, a17",
    "alice+x@test, a b@store, \"a b+x\"@store",
  })
  void templateNamesWhoTheStoreIsAskedFor(String address, String template, String sentOn) {
    rig.userSentOnAs("alice@test", "ducks", template);
    rig.say(MAIL);
    assertEquals(List.of("250 2.1.5 OK"), rig.say("RCPT TO:<" + address + ">"));
    assertTrue(
        rig.host("huey").commands.contains("RCPT TO:<" + sentOn + ">"),
        rig.host("huey").commands.toString());
  }

  // B6.1
  @Test
  void silentClientIsToldGoodbyeAndNothingStaysOpenForIt() {
    rig.say(MAIL, ALICE);
    rig.clock.pass(Duration.ofMinutes(5));
    rig.passToDeadline();
    assertEquals("idle", rig.closed());
    assertEquals(0, rig.attemptsUnderWay());
  }

  // B6.1: octets without an end gain no time
  @Test
  void clientThatNeverEndsItsCommandIsClosed() {
    for (int i = 0; i < 6; i++) {
      rig.send("N");
      rig.clock.pass(Duration.ofMinutes(1));
    }
    rig.passToDeadline();
    assertEquals("idle", rig.closed());
  }

  // B6.1, B5.4: a message that stops half way is delivered to nobody
  @Test
  void clientThatStopsWithinItsMessageIsClosedAndNothingDelivered() {
    rig.say(MAIL, ALICE, "DATA", "half a mess");
    rig.clock.pass(Duration.ofMinutes(3));
    rig.passToDeadline();
    assertEquals("idle", rig.closed());
    assertTrue(rig.host("huey").deliveries.isEmpty());
    assertEquals(0, rig.openStores());
  }

  // B5.1: at most so many recipients, and the others another time
  @Test
  void recipientsOverTheLimitComeAnotherTime() {
    rig.say(MAIL);
    String[] all = new String[1001];
    Arrays.fill(all, ALICE);
    List<String> replies = rig.say(all);
    assertEquals(1001, replies.size());
    assertEquals("452 4.5.3 Too many recipients for one message", replies.get(1000));
    assertEquals("250 2.1.5 OK", replies.get(999));
  }

  // B8.6: an MTA that verifies an address is put off by nobody
  @ParameterizedTest
  @ValueSource(strings = {"RSET", "QUIT", "LHLO again"})
  void addressThatIsOnlyVerifiedIsNoDelivery(String command) {
    rig.say(MAIL, ALICE, "RCPT TO:<nobody@test>");
    rig.say(command);
    assertEquals(
        List.of(RecipientReport.Outcome.VERIFIED, RecipientReport.Outcome.REFUSED),
        rig.transactions.get(0).recipients().stream().map(RecipientReport::outcome).toList());
    assertEquals("250 2.1.5 OK", rig.transactions.get(0).recipients().get(0).reply());
    assertEquals(0, rig.attemptsUnderWay());
  }

  // B8.6
  @Test
  void clientThatGoesAwayWithinItsMessageAbandonsItsRecipients() {
    rig.say(MAIL, ALICE, "DATA", "half a mess");
    rig.session().onClientClosed("gone", rig.clock.now());
    assertEquals(
        RecipientReport.Outcome.ABANDONED, rig.transactions.get(0).recipients().get(0).outcome());
  }

  // B6.1: the mistakes of a long session that delivers do not add up
  @Test
  void oddRecipientsAmongGoodOnesEndNoSession() {
    for (int i = 0; i < 30; i++) {
      rig.say(MAIL, "RCPT TO:<@>", ALICE, "HUGO", "DATA");
      assertEquals(List.of("250 2.0.0 huey has it for alice@test"), rig.say("x", "."));
    }
    rig.say(MAIL);
    for (int i = 0; i < 1000; i++) {
      assertEquals("501 5.1.3 Bad recipient address syntax", rig.say("RCPT TO:<@>").get(0));
    }
    assertEquals("", rig.closed());
  }

  // B6.1
  @Test
  void badCommandsWithoutADeliveryEndTheSession() {
    for (int i = 0; i < 10; i++) {
      rig.say("HUGO", MAIL, ALICE, "RSET");
    }
    assertEquals("protocol-abuse", rig.closed());
  }

  // B8.6: what the log is told
  @Test
  void transactionIsReportedWithItsRecipients() {
    rig.say(MAIL, ALICE, "RCPT TO:<nobody@test>", "DATA");
    rig.say("Received: from x by y with LMTP id 4Xyz.1; now", "", "hello", ".");
    TransactionReport report = rig.transactions.get(0);
    assertEquals("4Xyz.1", report.queueId());
    assertEquals("s@test", report.sender());
    assertTrue(report.complete());
    assertEquals(
        List.of(
            new RecipientReport(
                "alice@test",
                "ducks",
                "huey",
                RecipientReport.Outcome.DELIVERED,
                250,
                "250 2.0.0 huey has it for alice@test",
                "found"),
            new RecipientReport(
                "nobody@test",
                "",
                "",
                RecipientReport.Outcome.REFUSED,
                550,
                "550 5.1.1 No such mailbox here",
                "no entry")),
        report.recipients());
    assertTrue(
        report.deliveries().get(0).spentNanos().containsKey(DeliveryStage.FINAL_REPLIES),
        "the last stage is timed too");
    assertEquals(1, report.deliveries().get(0).attempts());
    assertEquals(DeliveryStage.FINAL_REPLIES, report.deliveries().get(0).lastStage());
  }
}
