package org.openmmp.proxy.imap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.proxy.imap.ImapFixtures.UNDER_TLS;
import static org.openmmp.proxy.imap.ImapFixtures.login;
import static org.openmmp.proxy.imap.ImapFixtures.octets;
import static org.openmmp.proxy.imap.ImapFixtures.password;
import static org.openmmp.proxy.imap.ImapFixtures.settings;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.openmmp.config.TlsPolicy;
import org.openmmp.proxy.session.ClientDialogue;
import org.openmmp.proxy.session.ClientStep;
import org.openmmp.proxy.session.LoginFailure;
import org.openmmp.proxy.session.StoreStep;

/** Tokens of the protocol in any order, in packets of any size; the seeds are fixed. */
final class ImapTokenSoupTest {
  private static final String[] TOKENS = {
    "a ",
    "LOGIN ",
    "AUTHENTICATE ",
    "PLAIN",
    "ID ",
    "NIL",
    "(",
    ")",
    "\"",
    "\\",
    "{3}\r\n",
    "{3+}\r\n",
    "{0}\r\n",
    "{9999999999}\r\n",
    "{-1+}\r\n",
    "\r\n",
    "\n",
    "\r",
    "\0",
    "\u00ff",
    "AGFsaWNlAHNlY3JldA==",
    "=",
    "*",
    "+ ",
    "x",
    " ",
    "STARTTLS",
    "alice ",
    "* ",
    "OK ",
    "NO ",
    "BAD ",
    "BYE ",
    "P1 ",
    "P2 ",
    "P3 ",
    "[REFERRAL ",
    "imap://dewey/",
    "] ",
    "[",
    "CAPABILITY ",
    "IMAP4rev1 ",
    "AUTH=PLAIN ",
    "SASL-IR "
  };

  @Test
  void noSoupBreaksTheClientsDialogue() { // P5, P6, P11
    for (int seed = 0; seed < 3000; seed++) {
      Random random = new Random(seed);
      ClientDialogue dialogue = ImapFixtures.dialogue(settings("IMAP4rev1"), UNDER_TLS);
      boolean closed = false;
      for (int packet = 0; packet < 40; packet++) {
        List<ClientStep> steps = dialogue.onBytes(soup(random));
        assertTrue(!closed || steps.isEmpty(), "nothing is said after the end, seed " + seed);
        while (wantsLogin(steps)) {
          steps = dialogue.refuse(LoginFailure.NO_STORE_ANSWERED, null);
        }
        closed |= steps.stream().anyMatch(step -> step instanceof ClientStep.Close);
        assertTrue(dialogue.buffered() < 1100, "bounded, seed " + seed);
      }
    }
  }

  @Test
  void noSoupBreaksTheStoresDialogue() { // B2, B4
    for (int seed = 0; seed < 3000; seed++) {
      Random random = new Random(seed);
      ImapStoreDialogue dialogue =
          new ImapStoreDialogue(
              login(TlsPolicy.OPPORTUNISTIC, password("j\u00fc", "p\u00e4")),
              ImapCapabilities.learnt());
      dialogue.onBytes(octets(seed % 2 == 0 ? "* OK Hi\r\n" : "* OK [CAPABILITY X] Hi\r\n"));
      int answers = 0;
      for (int packet = 0; packet < 40; packet++) {
        for (StoreStep step : dialogue.onBytes(soup(random))) {
          answers += step instanceof StoreStep.Answered ? 1 : 0;
        }
      }
      assertTrue(answers <= 1, "one answer, seed " + seed);
      dialogue.leftOver();
      assertEquals(0, dialogue.leftOver().length);
    }
  }

  private static boolean wantsLogin(List<ClientStep> steps) {
    return !steps.isEmpty() && steps.get(steps.size() - 1) instanceof ClientStep.LogIn;
  }

  private static byte[] soup(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(6); i >= 0; i--) {
      text.append(TOKENS[random.nextInt(TOKENS.length)]);
    }
    return octets(text.toString());
  }
}
