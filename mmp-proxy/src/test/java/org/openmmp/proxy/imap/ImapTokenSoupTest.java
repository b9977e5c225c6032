package org.openmmp.proxy.imap;

import static org.openmmp.proxy.imap.ImapFixtures.dialogue;
import static org.openmmp.proxy.imap.ImapFixtures.protocol;
import static org.openmmp.proxy.session.DialogueFixtures.UNDER_TLS;
import static org.openmmp.proxy.session.DialogueFixtures.login;
import static org.openmmp.proxy.session.DialogueFixtures.octets;
import static org.openmmp.proxy.session.DialogueFixtures.password;

import org.junit.jupiter.api.Test;
import org.openmmp.proxy.session.TokenSoup;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.routing.TlsPolicy;

final class ImapTokenSoupTest {
  private static final TokenSoup SOUP =
      new TokenSoup(
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
          "SASL-IR ");

  @Test
  void noSoupBreaksTheClientsDialogue() { // P5, P6, P11
    SOUP.pourOnClients(() -> dialogue(protocol("IMAP4rev1"), UNDER_TLS), 1100);
  }

  @Test
  void noSoupBreaksTheStoresDialogue() { // B2, B4
    SOUP.pourOnStores(
        seed -> {
          StoreDialogue dialogue =
              ImapStoreWords.dialogue(
                  login(TlsPolicy.OPPORTUNISTIC, password("j\u00fc", "p\u00e4")),
                  ImapCapabilities.learnt(() -> 0));
          dialogue.onBytes(octets(seed % 2 == 0 ? "* OK Hi\r\n" : "* OK [CAPABILITY X] Hi\r\n"));
          return dialogue;
        });
  }
}
