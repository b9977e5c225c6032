package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.openmmp.it.attack.LmtpTalk.LHLO;
import static org.openmmp.it.attack.LmtpTalk.assertReply;
import static org.openmmp.it.attack.LmtpTalk.begin;
import static org.openmmp.it.attack.LmtpTalk.command;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Row L5, chunks, sizes and recipients: envelopes and messages that lie about themselves. */
final class RelayEnvelopeAttackTest {
  private static final DeliveryScript store = new DeliveryScript();

  private static AttackedRelay relay;
  private static String alice;
  private static String bob;

  @BeforeAll
  static void startRelay(@TempDir Path workplace) {
    relay =
        new AttackedRelay(
            workplace,
            1,
            1,
            "openmmp.lmtp { spool.max-message = 200000",
            "  timeouts { command = 2s, body = 2s } }");
    store.offering("PIPELINING", "8BITMIME", "SIZE", "CHUNKING");
    AttackedRelay.Group group = relay.next();
    group.open(0, store);
    alice = group.user("a");
    bob = group.user("b");
  }

  @AfterAll
  static void stopRelay() {
    relay.close();
  }

  // L5, BDAT out of order
  @Test
  void chunksThatNobodyTakesAreReadOverAndNeverObeyed() {
    String inner = "MAIL FROM:<evil@example.org>\r\n";
    String chunk = "BDAT " + inner.length() + "\r\n" + inner;
    try (RawClient client = relay.client()) {
      assertReply("503", client.send(chunk).reply()); // no LHLO
      client.send(LHLO).reply();
      assertReply("503", client.send(chunk).reply()); // no MAIL
      assertReply("250", command(client, "MAIL FROM:<a@example.org>"));
      assertReply("503", client.send(chunk).reply()); // no RCPT
      assertReply("550", command(client, "RCPT TO:<nobody@example.test>"));
      assertReply("503", client.send(chunk).reply()); // none accepted
      assertReply("503", command(client, "DATA"));
      assertReply("250", command(client, "RCPT TO:<" + alice + ">"));
      assertReply("250", client.send(chunk).reply());
      assertReply("503", command(client, "DATA"));
      assertReply("503", command(client, "RCPT TO:<" + bob + ">"));
      assertReply("503", command(client, "MAIL FROM:<b@example.org>"));
      assertReply("250", command(client, "BDAT 0"));
      assertReply("250", command(client, "RSET"));
      assertReply("503", command(client, "BDAT 0 LAST"));
      assertReply("250", command(client, "NOOP"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-1",
        "1 FIRST",
        "1 LAST x",
        "99999999999999999999",
        "0x10",
        "1,5",
        "LAST",
        "+1"
      })
  void chunkOfUnknownLengthEndsTheConnection(String argument) {
    try (RawClient client = relay.client()) {
      client.send(LHLO + "BDAT " + argument + "\r\nMAIL FROM:<>\r\nNOOP\r\n");
      assertReply("250", client.reply());
      assertReply("501", client.reply());
      assertFalse(client.rest().contains("250"), client.heard());
    }
  }

  @Test
  void hugeChunkIsRefusedAndItsOctetsReadOver() {
    int before = store.messages().size();
    try (RawClient client = relay.client()) {
      begin(client, alice, bob);
      client.send("BDAT 300000 LAST\r\n" + "0123456789abc\r\n".repeat(20_000));
      assertReply("552 5.3.4", client.reply());
      assertReply("552 5.3.4", client.reply());
      begin(client, alice);
      assertReply("250", client.send("BDAT 5\r\nx\r\n\r\n").reply());
      assertReply("552", client.send("BDAT 199999\r\n" + "x".repeat(199_999)).reply());
      assertReply("552", client.send("BDAT 3 LAST\r\nx\r\n").reply());
      begin(client, alice);
      client.send("BDAT 999999999999999999 LAST\r\nx").reset();
    }
    assertEquals(before, store.messages().size());
    relay.assertAlive();
  }

  // SIZE lies
  @Test
  void messageIsMeasuredWhateverSizeSays() {
    int before = store.messages().size();
    try (RawClient client = relay.client()) {
      client.send(LHLO).reply();
      for (String size : List.of("200001", "999999999999999999")) {
        assertReply("552 5.3.4", command(client, "MAIL FROM:<a@example.org> SIZE=" + size));
      }
      for (String size : List.of("-1", "99999999999999999999999", "1e3", "", "1 SIZE=2")) {
        assertReply("501", command(client, "MAIL FROM:<a@example.org> SIZE=" + size));
      }
      assertReply("250", command(client, "MAIL FROM:<a@example.org> SIZE=0"));
      assertReply("250", command(client, "RCPT TO:<" + alice + ">"));
      assertReply("354", command(client, "DATA"));
      client.send("0123456789abc\r\n".repeat(20_000) + ".\r\n");
      assertReply("552 5.3.4", client.reply());
      assertReply("250", command(client, "NOOP"));
    }
    assertEquals(before, store.messages().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"DATA\r\nx\r\n", "BDAT 100\r\nx", "BDAT 1 LAST\r\n", "DATA\r\nx\r\n."})
  void clientThatVanishesLeavesNoMessage(String octets) {
    int before = store.messages().size();
    for (int i = 0; i < 10; i++) {
      RawClient client = relay.client();
      begin(client, alice);
      client.send(octets).reset();
    }
    try (RawClient client = relay.client()) {
      begin(client, bob);
      client.send("DATA\r\n").reply();
      assertReply("250", client.send("last\r\n.\r\n").reply());
    }
    assertEquals(before + 1, store.messages().size());
  }

  @Test
  void thousandRecipientsHaveTheirRepliesAndNoneMore() {
    try (RawClient client = relay.client()) {
      begin(client);
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 1_005; i++) {
        all.append("RCPT TO:<").append(i % 2 == 0 ? "nobody" + i + "@example.test" : alice);
        all.append(">\r\n");
      }
      client.send(all.append("DATA\r\n").toString());
      for (int i = 0; i < 1_005; i++) {
        assertReply(i >= 1_000 ? "452 4.5.3" : i % 2 == 0 ? "550 5.1.1" : "250", client.reply());
      }
      assertReply("354", client.reply());
      client.send("x\r\n.\r\n");
      for (int i = 0; i < 500; i++) {
        assertReply("250", client.reply());
      }
      assertReply("250", command(client, "NOOP"));
    }
  }
}
