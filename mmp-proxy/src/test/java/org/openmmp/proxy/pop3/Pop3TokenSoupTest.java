package org.openmmp.proxy.pop3;

import static org.openmmp.proxy.pop3.Pop3Fixtures.dialogue;
import static org.openmmp.proxy.pop3.Pop3Fixtures.protocol;
import static org.openmmp.proxy.session.DialogueFixtures.UNDER_TLS;
import static org.openmmp.proxy.session.DialogueFixtures.login;
import static org.openmmp.proxy.session.DialogueFixtures.octets;
import static org.openmmp.proxy.session.DialogueFixtures.password;

import org.junit.jupiter.api.Test;
import org.openmmp.proxy.session.TokenSoup;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.routing.TlsPolicy;

final class Pop3TokenSoupTest {
  private static final TokenSoup SOUP =
      new TokenSoup(
          "USER ",
          "PASS ",
          "AUTH ",
          "PLAIN",
          "LOGIN",
          "CAPA",
          "STLS",
          "UTF8",
          "XCLIENT ADDR=",
          "NOOP",
          "\r\n",
          "\n",
          "\r",
          "\0",
          "\u00ff",
          "AGFsaWNlAHNlY3JldA==",
          "=",
          "*",
          "x",
          " ",
          "alice ",
          "+OK ",
          "+ ",
          "-ERR ",
          "[SYS/REFER/",
          "[REFERRAL/",
          "[AUTH",
          "dewey",
          "] ",
          "[",
          ".",
          "SASL PLAIN");

  @Test
  void noSoupBreaksTheClientsDialogue() { // P5, P11
    SOUP.pourOnClients(() -> dialogue(protocol("TOP"), UNDER_TLS), 1600);
  }

  @Test
  void noSoupBreaksTheStoresDialogue() { // B2
    SOUP.pourOnStores(
        seed -> {
          StoreDialogue dialogue =
              Pop3StoreWords.dialogue(
                  login(TlsPolicy.OPPORTUNISTIC, password("j\u00fc", "p\u00e4")),
                  Pop3Capabilities.learnt(() -> 0));
          dialogue.onBytes(octets("+OK Hi\r\n"));
          dialogue.onBytes(octets(seed % 2 == 0 ? "+OK\r\nSASL PLAIN\r\n.\r\n" : "-ERR no\r\n"));
          return dialogue;
        });
  }
}
