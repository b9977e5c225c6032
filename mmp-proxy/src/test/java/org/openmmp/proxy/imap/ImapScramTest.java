package org.openmmp.proxy.imap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.proxy.imap.ClientRow.WRONG;
import static org.openmmp.proxy.imap.ImapFixtures.protocol;
import static org.openmmp.proxy.session.DialogueFixtures.IN_CLEAR;
import static org.openmmp.proxy.session.DialogueFixtures.UNDER_TLS;
import static org.openmmp.proxy.session.DialogueFixtures.base64;
import static org.openmmp.proxy.session.DialogueFixtures.octets;
import static org.openmmp.proxy.session.DialogueFixtures.text;

import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.proxy.client.ClientDialogue;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.session.DialogueFixtures;
import org.openmmp.proxy.session.DialoguePair;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.wire.ScramPeers;
import org.openmmp.wire.Splits;

/** SCRAM from client to store and back (rule B3.1). */
final class ImapScramTest {
  private static final String BOTH = "IMAP4rev1 SASL-IR AUTH=SCRAM-SHA-1 AUTH=SCRAM-SHA-256";
  private static final String PASSWORD = "pencil";

  private static ImapProtocol learnt(String... stores) {
    StoreCapabilities capabilities = ImapCapabilities.learnt(() -> 0);
    for (int i = 0; i < stores.length; i++) {
      capabilities.learn(new StoreHost("store" + i), new ImapCapabilities(stores[i]));
    }
    return protocol(capabilities);
  }

  private static ScramPeers peers(String hash) {
    byte[] salt = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
    return new ScramPeers(
        hash, "n,,", "user", "rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", salt);
  }

  @Test
  void bothSidesOfTheTestCalculateAsTheRfcDoes() { // RFC 7677 section 3
    ScramPeers peers = peers("SHA-256");
    assertTrue(
        peers.clientFinal(PASSWORD).endsWith(",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
    assertEquals("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", peers.serverFinal(PASSWORD));
  }

  @ParameterizedTest
  @CsvSource({
    "SHA-1, true, true",
    "SHA-1, false, false",
    "SHA-256, true, false",
    "SHA-256, false, true",
    "SHA-256, true, true",
  })
  void proofAndSignaturePassUnchangedAtEverySplit( // B3.1, B3.4
      String hash, boolean clientAtOnce, boolean storeAtOnce) {
    ScramPeers peers = peers(hash);
    String first = base64(peers.clientFirst());
    String challenge = "+ " + base64(peers.serverFirst());
    String proof = base64(peers.clientFinal(PASSWORD));
    String signature = "+ " + base64(peers.serverFinal(PASSWORD));
    for (int piece = 1; piece <= 120; piece++) {
      DialoguePair exchange = pair(learnt(BOTH), piece, storeAtOnce);
      String command = "a AUTHENTICATE SCRAM-" + hash;
      exchange.client(clientAtOnce ? command + " " + first : command);
      if (!clientAtOnce) {
        assertEquals("+ ", exchange.toClient());
        exchange.client(first);
      }
      String login = "P1 AUTHENTICATE SCRAM-" + hash;
      assertEquals(storeAtOnce ? login + " " + first : login, exchange.toStore());
      if (!storeAtOnce) {
        exchange.store("+ ");
        assertEquals(first, exchange.toStore());
      }
      exchange.store(challenge);
      assertEquals(challenge, exchange.toClient());
      exchange.client(proof);
      assertEquals(proof, exchange.toStore());
      exchange.store(signature);
      assertEquals(signature, exchange.toClient());
      exchange.client("");
      assertEquals("", exchange.toStore());
      exchange.store("P1 OK [CAPABILITY IMAP4rev1 IDLE] welcome");
      assertEquals("a OK [CAPABILITY IMAP4rev1 IDLE] welcome\r\n", exchange.accepted());
    }
  }

  @Test
  void storeThatIsLeftInsideTheExchangeIsToldSo() { // B3.5
    DialoguePair exchange = pair(learnt(BOTH), 100, true);
    exchange.client("a AUTHENTICATE SCRAM-SHA-1 " + base64("n,,n=user,r=x"));
    exchange.store("+ " + base64("r=xy,s=QQ==,i=4096"));
    assertEquals("*\r\nP3 LOGOUT\r\n", exchange.leave());

    DialoguePair answered = pair(learnt(BOTH), 100, true);
    answered.client("a AUTHENTICATE SCRAM-SHA-1 " + base64("n,,n=user,r=x"));
    answered.store("+ " + base64("r=xy,s=QQ==,i=4096"));
    answered.client(base64("c=biws,r=xy,p=QQ=="));
    assertEquals("P3 LOGOUT\r\n", answered.leave());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'*\nb NOOP\n'    | '<give up>a BAD Authentication cancelled.\nb OK Nothing done.\n'",
        "'Zg=\nb NOOP\n'  | '<give up>a BAD Invalid response for this mechanism.\nb OK Nothing done.\n'",
        "'b NOOP\nc NOOP\n' | '<give up>a BAD Invalid response for this mechanism.\nc OK Nothing done.\n'",
        "'Zg==\nb NOOP\n' | '<respond Zg==>'",
        "'\nb NOOP\n'     | '<respond >'",
      })
  void clientAnswersOrGivesUpAtEverySplit(String answer, String seen) { // B3.1, P7
    byte[] octets = octets(answer.replace("\n", "\r\n"));
    for (List<byte[]> split : Splits.everySplitOf(octets)) {
      ClientDialogue dialogue = ImapFixtures.dialogue(learnt(BOTH), UNDER_TLS);
      dialogue.onBytes(octets("a AUTHENTICATE SCRAM-SHA-1 " + base64("n,,n=u,r=x") + "\r\n"));
      dialogue.challenge(octets("cj14eQ=="));
      StringBuilder said = new StringBuilder();
      split.forEach(piece -> DialogueFixtures.write(said, dialogue.onBytes(piece)));
      assertEquals(seen.replace("\n", "\r\n"), said.toString());
    }
  }

  @Test
  void exchangesThatAreGivenUpAreCounted() { // B6.1
    ClientDialogue dialogue = ImapFixtures.dialogue(learnt(BOTH), UNDER_TLS);
    StringBuilder said = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      dialogue.onBytes(octets("a AUTHENTICATE SCRAM-SHA-1 " + base64("n,,n=u,r=x") + "\r\n"));
      dialogue.challenge(octets("cj14eQ=="));
      DialogueFixtures.write(said, dialogue.onBytes(octets("*\r\n")));
    }
    assertTrue(
        said.toString().endsWith("* BYE Too many failed logins.\r\n<close>"), said.toString());
  }

  @Test
  void answerThatCameBeforeItWasAskedForIsTaken() { // P13
    ClientDialogue dialogue = ImapFixtures.dialogue(learnt(BOTH), UNDER_TLS);
    String first = "a AUTHENTICATE SCRAM-SHA-1 " + base64("n,,n=u,r=x") + "\r\n";
    dialogue.onBytes(octets(first + "Zg==\r\nb NOOP\r\n"));
    StringBuilder said = new StringBuilder();
    DialogueFixtures.write(said, dialogue.challenge(octets("cj14eQ==")));
    assertEquals("+ cj14eQ==\r\n<respond Zg==>", said.toString());
    assertEquals("b NOOP\r\n", text(dialogue.leftOver()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "p=tls-unique,,n=user,r=x",
        "n,,m=ext,n=user,r=x",
        "n,,n=us=er,r=x",
        "n,,n=us\r\ner,r=x",
        "n,,n=us\0er,r=x",
        "n,,n=,r=x",
        "",
      })
  void messageThatCannotBeServedIsRefusedAtOnce(String first) { // B3.1, P1
    String in = "a AUTHENTICATE SCRAM-SHA-256\r\n" + base64(first) + "\r\n";
    assertEquals(
        "+ \na BAD Invalid response for this mechanism.\n", talk(learnt(BOTH), UNDER_TLS, in));
  }

  @Test
  void itIsOfferedOnlyOnceEveryStoreThatWasHeardHasIt() { // B3.3
    String in = "a AUTHENTICATE SCRAM-SHA-256\r\n";
    for (ImapProtocol each :
        List.of(
            learnt(),
            learnt(BOTH, "IMAP4rev1 AUTH=PLAIN"),
            protocol("IMAP4rev1", "AUTH=SCRAM-SHA-256"))) {
      assertFalse(ImapFixtures.offered(each, UNDER_TLS).contains("SCRAM"));
      assertEquals("+ \n", talk(each, UNDER_TLS, in), "the user's own store may have it");
    }
    String offered = ImapFixtures.offered(learnt(BOTH + " AUTH=SCRAM-SHA-256-PLUS"), UNDER_TLS);
    assertTrue(offered.endsWith(" AUTH=SCRAM-SHA-1 AUTH=SCRAM-SHA-256"), offered);
  }

  @Test
  void itIsNotOfferedInTheClear() { // B3.2, RFC 7677 section 4
    assertFalse(ImapFixtures.offered(learnt(BOTH), IN_CLEAR).contains("SCRAM"));
    String in = "a AUTHENTICATE SCRAM-SHA-256\r\n";
    assertEquals("a " + ClientRow.PRIVACY, talk(learnt(BOTH), IN_CLEAR, in));
  }

  @Test
  void accountThatItCannotServeIsToldFromAWrongPassword() { // B1.3, B1.8
    ClientDialogue dialogue = ImapFixtures.dialogue(learnt(BOTH), UNDER_TLS);
    dialogue.onBytes(octets("a AUTHENTICATE SCRAM-SHA-1 " + base64("n,,n=u,r=x") + "\r\n"));
    StringBuilder said = new StringBuilder();
    DialogueFixtures.write(said, dialogue.refuse(LoginFailure.MECHANISM_UNAVAILABLE, null));
    assertTrue(said.toString().startsWith("a NO [CANNOT] "), said.toString());
    assertFalse(said.toString().contains(WRONG.strip()), said.toString());
  }

  private static String talk(ImapProtocol protocol, ClientFacts facts, String in) {
    return ImapFixtures.talk(protocol, facts, List.of(octets(in)));
  }

  /** A client under TLS and a store, with what a session would pass between them. */
  private static DialoguePair pair(ImapProtocol protocol, int piece, boolean storeAtOnce) {
    String offered = storeAtOnce ? BOTH : BOTH.replace(" SASL-IR", "");
    return new DialoguePair(
        ImapFixtures.dialogue(protocol, UNDER_TLS),
        login -> ImapStoreWords.dialogue(login, ImapCapabilities.learnt(() -> 0)),
        List.of("* OK [CAPABILITY " + offered + "] hello"),
        piece);
  }
}
