package org.openmmp.proxy.pop3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.openmmp.proxy.session.DialogueFixtures.UNDER_TLS;
import static org.openmmp.proxy.session.DialogueFixtures.base64;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.openmmp.proxy.session.DialoguePair;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.wire.ScramPeers;

/** SCRAM from client to store and back (rules B3.1, B4.1; RFC 5034). */
final class Pop3ScramTest {
  private static final List<String> GREETING =
      List.of("+OK hello", "+OK", "SASL PLAIN SCRAM-SHA-256", ".");

  private static Pop3Protocol protocol(String... heard) {
    StoreCapabilities capabilities = Pop3Capabilities.learnt(() -> 0);
    for (int i = 0; i < heard.length; i++) {
      capabilities.learn(
          new StoreHost("store" + i), Pop3Capabilities.of(List.of("SASL " + heard[i])));
    }
    return Pop3Fixtures.protocol(capabilities);
  }

  @Test
  void proofAndSignaturePassUnchangedAtEverySplit() {
    ScramPeers peers =
        new ScramPeers("SHA-256", "n,,", "user", "client", "store", new byte[] {1, 2, 3});
    String first = base64(peers.clientFirst());
    String challenge = "+ " + base64(peers.serverFirst());
    String proof = base64(peers.clientFinal("pencil"));
    String signature = "+ " + base64(peers.serverFinal("pencil"));
    for (int piece = 1; piece <= 120; piece++) {
      DialoguePair exchange =
          new DialoguePair(
              Pop3Fixtures.dialogue(protocol("PLAIN SCRAM-SHA-256"), UNDER_TLS),
              login -> Pop3StoreWords.dialogue(login, Pop3Capabilities.learnt(() -> 0)),
              GREETING,
              piece);
      exchange.client("AUTH SCRAM-SHA-256 " + first);
      assertEquals("CAPA", exchange.toStore());
      assertEquals("AUTH SCRAM-SHA-256 " + first, exchange.toStore());
      exchange.store(challenge);
      assertEquals(challenge, exchange.toClient());
      exchange.client(proof);
      assertEquals(proof, exchange.toStore());
      exchange.store(signature);
      assertEquals(signature, exchange.toClient());
      exchange.client("");
      assertEquals("", exchange.toStore());
      exchange.store("+OK 2 messages");
      assertEquals("+OK 2 messages\r\n", exchange.accepted());
    }
  }

  @Test
  void itIsOfferedOnlyOnceEveryStoreThatWasHeardHasIt() { // B3.3, B4.1
    assertFalse(Pop3Fixtures.offered(protocol(), UNDER_TLS).contains("SCRAM"));
    assertFalse(
        Pop3Fixtures.offered(protocol("PLAIN SCRAM-SHA-256", "PLAIN"), UNDER_TLS)
            .contains("SCRAM"));
    String offered =
        Pop3Fixtures.offered(protocol("PLAIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS"), UNDER_TLS);
    assertEquals(
        "USER\r\nSASL PLAIN LOGIN SCRAM-SHA-256\r\n.\r\n",
        offered.substring(offered.indexOf("USER\r")));
  }
}
