package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmmp.config.LmtpConfig;

/** Without an affinity list there is one host for each recipient, the mail host (rule B5.5). */
class SingleHostTest {
  private final RelayRig rig =
      new RelayRig(
          1, List.of(RelayRig.group("ducks", "huey", "dewey", "louie")), SingleHostTest::alone);

  private static LmtpConfig alone(LmtpConfig with) {
    return new LmtpConfig(
        with.listen(),
        with.clients(),
        false,
        with.recipientDelimiters(),
        with.dsn(),
        with.referralPattern(),
        with.bareNewlines(),
        with.bounds(),
        with.spool(),
        with.pool(),
        with.timeouts());
  }

  @BeforeEach
  void open() {
    rig.user("alice@test", "ducks");
    rig.user("bob@test", "dewey");
    rig.user("carol@test", "louie.");
    rig.connect();
    rig.say("MAIL FROM:<s@test>");
  }

  @Test // B5.5, B2.16
  void eachRecipientGoesToItsOwnMailHost() {
    rig.say("RCPT TO:<alice@test>", "RCPT TO:<bob@test>", "RCPT TO:<carol@test>", "DATA");
    assertEquals(
        List.of(
            "250 2.0.0 huey has it for alice@test",
            "250 2.0.0 dewey has it for bob@test",
            "250 2.0.0 louie has it for carol@test"),
        rig.say("x", "."));
  }

  @Test // B5.5: another host of the group works, and is not asked
  void nobodyElseIsAskedWhenTheMailHostIsDown() {
    rig.host("dewey").fate = Fate.REFUSES_CONNECTIONS;
    assertTrue(rig.say("RCPT TO:<bob@test>").get(0).startsWith("451 4.4.1 "));
    assertEquals(0, rig.host("huey").connects + rig.host("louie").connects);
  }

  @Test // B5.5, B5.6: words in the greeting do no harm
  void referralIsNotFollowed() {
    rig.host("dewey").greeting = "220 dewey LMTP replica [REFERRAL lmtp://huey/]";
    rig.host("louie").rcptReplies.put("carol@test", "550 5.2.900 <carol@test> c@huey:24 Referral");
    List<String> replies = rig.say("RCPT TO:<bob@test>", "RCPT TO:<carol@test>");
    assertEquals("250 2.1.5 OK", replies.get(0));
    assertTrue(replies.get(1).startsWith("451 4.3.5 "), replies.get(1));
    assertEquals(0, rig.host("huey").connects);
  }
}
