package org.openmmp.proxy.imap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.proxy.imap.ImapFixtures.LOGGED_IN;
import static org.openmmp.proxy.imap.ImapFixtures.protocol;
import static org.openmmp.proxy.imap.ImapFixtures.talk;
import static org.openmmp.proxy.session.DialogueFixtures.IN_CLEAR;
import static org.openmmp.proxy.session.DialogueFixtures.UNDER_TLS;
import static org.openmmp.proxy.session.DialogueFixtures.octets;
import static org.openmmp.proxy.session.DialogueFixtures.text;
import static org.openmmp.proxy.session.DialogueFixtures.write;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openmmp.guard.Farewell;
import org.openmmp.proxy.client.ClientDialogue;
import org.openmmp.wire.Splits;

final class ImapClientDialogueTest {
  private static final String LISTED = "OK That is what there is before login.\n";
  private static final String MECHANISMS = " AUTH=PLAIN AUTH=LOGIN AUTH=OAUTHBEARER AUTH=XOAUTH2";

  @Test
  void greetingCarriesTheCapabilities() {
    StringBuilder seen = new StringBuilder();
    write(seen, ImapFixtures.dialogue(protocol("IMAP4rev1"), IN_CLEAR).onOpen());
    assertEquals(
        "* OK [CAPABILITY IMAP4rev1 SASL-IR ID STARTTLS LOGINDISABLED] mail.example.com IMAP"
            + " service is ready.\r\n",
        seen.toString());
  }

  @Test
  void startTlsBeginsOnlyIfNothingWaitsBehindIt() { // T1
    ImapProtocol protocol = protocol("IMAP4rev1");
    assertEquals(
        "a OK Begin TLS negotiation now.\n<tls>",
        talk(protocol, IN_CLEAR, List.of(octets("a STARTTLS\r\n"))));
    for (String attack :
        List.of("a STARTTLS\r\nb NOOP\r\n", "a STARTTLS\nb NOOP\n", "a STARTTLS\r\nb")) {
      assertEquals(
          "* BYE Plain text was waiting behind STARTTLS.\n<close>",
          talk(protocol, IN_CLEAR, List.of(octets(attack))));
    }
  }

  @Test
  void bytesThatComeWhileTlsBeginsEndTheConnection() { // T1
    for (List<byte[]> split : Splits.everySplitOf(octets("a STARTTLS\r\nb NOOP\r\n"))) {
      String seen = talk(protocol("IMAP4rev1"), IN_CLEAR, split);
      assertTrue(seen.endsWith("* BYE Plain text was waiting behind STARTTLS.\n<close>"), seen);
      assertFalse(seen.contains("b OK"), seen);
    }
  }

  @Test
  void nothingFromBeforeSurvivesTls() { // T5, T6, B6.2
    ClientDialogue dialogue = ImapFixtures.dialogue(protocol("IMAP4rev1"), IN_CLEAR);
    StringBuilder seen = new StringBuilder();
    write(seen, dialogue.onBytes(octets("a ID NIL\r\nb STARTTLS\r\n")));
    write(seen, dialogue.onTls(UNDER_TLS));
    seen.setLength(0);
    write(seen, dialogue.onBytes(octets("c STARTTLS\r\nd CAPABILITY\r\n")));
    assertEquals(
        "c BAD TLS is there already, or cannot be begun here.\n"
            + ("* CAPABILITY IMAP4rev1 SASL-IR ID" + MECHANISMS + "\nd " + LISTED),
        seen.toString().replace("\r\n", "\n"));
  }

  @Test
  void whatIsPipelinedBehindALoginIsBounded() { // B6.1
    ClientDialogue dialogue = ImapFixtures.dialogue(protocol("IMAP4rev1"), UNDER_TLS);
    StringBuilder seen = new StringBuilder();
    write(seen, dialogue.onBytes(octets("a LOGIN alice secret\r\n" + "x".repeat(900))));
    assertEquals("<login COMMAND alice  secret>", seen.toString());
    assertEquals(900, dialogue.buffered());
    write(seen, dialogue.onBytes(new byte[101]));
    assertTrue(seen.toString().endsWith(ClientRow.ABUSE.replace("\n", "\r\n")), seen.toString());
    assertEquals(0, dialogue.buffered());
  }

  @Test
  void farewellIsSaidOnce() {
    for (Farewell why : Farewell.values()) {
      ClientDialogue dialogue = ImapFixtures.dialogue(protocol("IMAP4rev1"), UNDER_TLS);
      String bye = text(dialogue.farewell(why));
      assertTrue(bye.startsWith("* BYE ") && bye.indexOf("\r\n") == bye.length() - 2, bye);
      assertArrayEquals(new byte[0], dialogue.farewell(why));
      assertEquals(List.of(), dialogue.onBytes(octets("a NOOP\r\n")));
    }
    ClientDialogue handedOver = ImapFixtures.dialogue(protocol("IMAP4rev1"), UNDER_TLS);
    write(new StringBuilder(), handedOver.onBytes(octets("a LOGIN alice secret\r\n")));
    handedOver.accept(LOGGED_IN);
    assertArrayEquals(new byte[0], handedOver.farewell(Farewell.SHUTTING_DOWN));
  }

  @Test
  void manyCancelledExchangesKeepNothing() { // P8
    ClientDialogue dialogue = ImapFixtures.dialogue(protocol("IMAP4rev1"), UNDER_TLS);
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      write(new StringBuilder(), dialogue.onBytes(octets("a AUTHENTICATE PLAIN\r\n*\r\n")));
      if (dialogue.buffered() != 0) {
        kept.add(i);
      }
    }
    assertEquals(List.of(), kept);
  }
}
