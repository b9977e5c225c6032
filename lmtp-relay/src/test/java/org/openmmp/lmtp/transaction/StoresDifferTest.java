package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.config.LmtpConfig;

/** What one store cannot take is judged for its own recipients, and for nobody else. */
class StoresDifferTest {
  private static final String UTF8_SENDER = "MAIL FROM:<j\u00fcrgen@test> SMTPUTF8";
  private static final String ALICE = "RCPT TO:<alice@test>";
  private static final String GINA = "RCPT TO:<gina@test>";

  private RelayRig rig = rig(LmtpConfig.BareNewlines.REFUSE);

  private static RelayRig rig(LmtpConfig.BareNewlines policy) {
    return new RelayRig(
        1,
        List.of(RelayRig.group("ducks", "huey", "dewey"), RelayRig.group("geese", "gus")),
        with ->
            new LmtpConfig(
                with.listen(),
                with.clients(),
                with.affinityList(),
                with.recipientDelimiters(),
                with.dsn(),
                with.referralPattern(),
                policy,
                with.bounds(),
                with.spool(),
                with.pool(),
                with.timeouts()));
  }

  @BeforeEach
  void open() {
    rig.user("alice@test", "ducks");
    rig.user("\u00e4nne@test", "ducks");
    rig.user("gina@test", "geese");
    rig.host("gus").extensions = List.of("PIPELINING", "SMTPUTF8", "CHUNKING");
    rig.connect();
  }

  // B5.1: over its SIZE 552, told at RCPT where the client told the size, else at the end
  @ParameterizedTest
  @CsvSource({"' SIZE=101'", "''"})
  void storesLimitIsItsOwnRecipientsAlone(String parameter) {
    rig.host("huey").extensions = List.of("PIPELINING", "SIZE 100");
    rig.say("MAIL FROM:<s@test>" + parameter);
    String refused = "552 5.3.4 The message is too big for the store of this mailbox";
    boolean told = !parameter.isEmpty();
    assertEquals(told ? refused : "250 2.1.5 OK", rig.say(ALICE).get(0));
    rig.say(GINA, "DATA");
    List<String> last = rig.say("x".repeat(99), ".");
    assertEquals("250 2.0.0 gus has it for gina@test", last.get(last.size() - 1));
    assertTrue(told || last.get(0).equals(refused), last.toString());
    assertTrue(rig.host("huey").deliveries.isEmpty());
    rig.say("RSET", "MAIL FROM:<s@test>", ALICE, "DATA");
    assertEquals("250 2.0.0 huey has it for alice@test", rig.say("x".repeat(98), ".").get(0));
  }

  // B5.1: no limit
  @ParameterizedTest
  @CsvSource({"SIZE", "SIZE 0", "SIZE x", "8BITMIME"})
  void storeWithoutALimitTakesAnySize(String extension) {
    rig.host("huey").extensions = List.of("PIPELINING", extension);
    rig.say("MAIL FROM:<s@test> SIZE=999999");
    assertEquals("250 2.1.5 OK", rig.say(ALICE).get(0));
  }

  // B5.1, B5.4: the smaller limit of a replica is none while the master may only be away
  @Test
  void limitOfTheHostThatIsLeftIsTemporaryIfAnotherTakesMore() {
    rig.host("dewey").extensions = List.of("PIPELINING", "SIZE 100");
    rig.say("MAIL FROM:<s@test>", ALICE, "RSET");
    rig.killKept();
    rig.host("huey").fate = Fate.REFUSES_CONNECTIONS;
    rig.say("MAIL FROM:<s@test> SIZE=101");
    assertTrue(rig.say(ALICE).get(0).startsWith("451 4.3.4 "));
    rig.clock.pass(Duration.ofHours(2));
    rig.connect();
    rig.say("MAIL FROM:<s@test> SIZE=101");
    assertTrue(rig.say(ALICE).get(0).startsWith("552 5.3.4 "));
  }

  // B5.1: in the first hour nobody knows what the hosts have that were not heard
  @Test
  void messageThatNeedsSmtpUtf8WaitsForTheFirstHourAndIsRefusedThen() {
    rig.say(UTF8_SENDER);
    assertTrue(rig.say(ALICE).get(0).startsWith("451 4.6.7 "));
    assertEquals("250 2.1.5 OK", rig.say(GINA).get(0));
    rig.clock.pass(Duration.ofMinutes(61));
    rig.connect();
    rig.say(UTF8_SENDER);
    assertTrue(rig.say(ALICE).get(0).startsWith("550 5.6.7 "));
  }

  // B5.1: another host was heard, and has it, within the last hour
  @Test
  void messageWaitsWhileTheHostThatTakesItIsAway() {
    rig.clock.pass(Duration.ofMinutes(61));
    rig.connect();
    rig.host("huey").extensions = List.of("PIPELINING", "SMTPUTF8");
    rig.say(UTF8_SENDER);
    assertEquals("250 2.1.5 OK", rig.say(ALICE).get(0));
    rig.say("RSET");
    rig.killKept();
    rig.host("huey").fate = Fate.REFUSES_CONNECTIONS;
    rig.say(UTF8_SENDER);
    assertTrue(rig.say(ALICE).get(0).startsWith("451 4.6.7 "));
    rig.clock.pass(Duration.ofMinutes(61));
    rig.connect();
    rig.say(UTF8_SENDER);
    assertTrue(rig.say(ALICE).get(0).startsWith("550 5.6.7 "));
  }

  // B5.1: only what is not ASCII as the store is sent it needs SMTPUTF8
  @Test
  void messageThatOnlyAsksForSmtpUtf8IsDelivered() {
    rig.say("MAIL FROM:<s@test> SMTPUTF8 BODY=8BITMIME");
    assertEquals("250 2.1.5 OK", rig.say(ALICE).get(0));
    assertTrue(rig.say("RCPT TO:<\u00e4nne@test>").get(0).startsWith("451 4.6.7 "));
    rig.say("DATA");
    assertEquals(
        List.of("250 2.0.0 huey has it for alice@test"), rig.say("Subject: gr\u00fc\u00df", "."));
    assertTrue(rig.host("huey").commands.contains("MAIL FROM:<s@test> BODY=8BITMIME"));
  }

  // B5.1: what the store is asked for counts, not what the client wrote
  @Test
  void addressThatTheTemplateMadeAsciiNeedsNothing() {
    rig.userSentOnAs("\u00e4nne@test", "ducks", "anne@store");
    rig.say("MAIL FROM:<s@test> SMTPUTF8");
    assertEquals("250 2.1.5 OK", rig.say("RCPT TO:<\u00e4nne@test>").get(0));
  }

  // B5.1: ENHANCEDSTATUSCODES holds for stores too that have none
  @ParameterizedTest
  @CsvSource({
    "250 fine, 250 2.0.0 fine",
    "550 no such user, 550 5.0.0 no such user",
    "452 full, 452 4.0.0 full",
  })
  void everyReplyHasAStatus(String reply, String told) {
    rig.host("huey").rcptReplies.put("alice@test", reply);
    rig.say("MAIL FROM:<s@test>");
    assertEquals(told, rig.say(ALICE).get(0));
  }

  // B5.16
  @Test
  void bareNewlineGoesOnInChunksOrNotAtAll() {
    rig = rig(LmtpConfig.BareNewlines.PASS);
    open();
    rig.say("MAIL FROM:<s@test>", ALICE, GINA, "DATA");
    List<String> last = rig.say("hello\n.", "MAIL FROM:<smuggler@test>", ".");
    assertTrue(last.get(0).startsWith("554 5.6.0 "), last.get(0));
    assertEquals("250 2.0.0 gus has it for gina@test", last.get(1));
    assertTrue(rig.host("huey").deliveries.isEmpty());
    assertEquals(
        "hello\n.\r\nMAIL FROM:<smuggler@test>\r\n", rig.host("gus").deliveries.get(0).message());
    assertFalse(rig.host("gus").commands.contains("DATA"));
    rig.say("MAIL FROM:<s@test>", ALICE, "DATA");
    assertEquals("250 2.0.0 huey has it for alice@test", rig.say("harmless", ".").get(0));
  }

  // B5.16, B5.4: the first host could take it, the second cannot
  @Test
  void bareNewlineIsNoDataForTheHostThatReplacesTheFirstEither() {
    rig = rig(LmtpConfig.BareNewlines.PASS);
    open();
    rig.host("huey").extensions = List.of("PIPELINING", "CHUNKING");
    rig.host("huey").fate = Fate.DIES_IN_BODY;
    rig.say("MAIL FROM:<s@test>", ALICE);
    assertTrue(rig.send("BDAT 3 LAST\r\na\nb").get(0).startsWith("451 4.3.0 "));
    assertTrue(rig.host("dewey").deliveries.isEmpty());
    assertFalse(rig.host("dewey").commands.contains("DATA"));
  }

  // B5.16: a CR before the end of the message is bare, too
  @ParameterizedTest
  @CsvSource({"3 LAST, 'ab\r'", "3 LAST, '\r\n\n'", "3 LAST, 'a\rb'"})
  void anyBareNewlineCounts(String chunk, String octets) {
    rig = rig(LmtpConfig.BareNewlines.PASS);
    open();
    rig.say("MAIL FROM:<s@test>", ALICE);
    assertTrue(rig.send("BDAT " + chunk + "\r\n" + octets).get(0).startsWith("554 5.6.0 "));
    assertTrue(rig.host("huey").deliveries.isEmpty());
  }
}
