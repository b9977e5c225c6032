package org.openmmp.proxy.imap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.proxy.session.DialogueFixtures.UNDER_TLS;
import static org.openmmp.proxy.session.DialogueFixtures.login;
import static org.openmmp.proxy.session.DialogueFixtures.octets;
import static org.openmmp.proxy.session.DialogueFixtures.password;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openmmp.proxy.client.MechanismOffer;
import org.openmmp.proxy.session.DialogueFixtures;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.wire.Mechanism;

final class ImapCapabilitiesTest {
  private static final StoreHost HUEY = new StoreHost("huey");
  private static final StoreHost DEWEY = new StoreHost("dewey");

  @Test
  void nothingIsPromisedBeforeAStoreWasHeard() { // B3.3
    assertEquals(
        List.of("IMAP4rev1", "SASL-IR", "ID"), ImapCapabilities.learnt(() -> 0).common().names());
  }

  @Test
  void whatEveryStoreHasIsOffered() { // B3.3
    StoreCapabilities capabilities = ImapCapabilities.learnt(() -> 0);
    learn(capabilities, HUEY, "imap4REV1 IDLE QUOTA LITERAL+");
    learn(capabilities, DEWEY, "IMAP4rev1 literal+ Idle ESEARCH");
    assertEquals(List.of("IMAP4rev1", "IDLE", "LITERAL+", "SASL-IR", "ID"), names(capabilities));
  }

  @Test
  void wordOfAStoreThatIsNotHeardAnyMoreEnds() { // B3.3
    long[] now = {Long.MAX_VALUE - 5};
    StoreCapabilities capabilities = ImapCapabilities.learnt(() -> now[0]);
    learn(capabilities, HUEY, "IMAP4rev1 IDLE");
    learn(capabilities, DEWEY, "IMAP4rev1 QUOTA");
    now[0] += Duration.ofMinutes(10).toNanos();
    learn(capabilities, DEWEY, "IMAP4rev1 QUOTA");
    assertEquals(List.of("IMAP4rev1", "SASL-IR", "ID"), names(capabilities));
    now[0] += Duration.ofMinutes(2).toNanos();
    learn(capabilities, DEWEY, "IMAP4rev1 QUOTA");
    assertEquals(List.of("IMAP4rev1", "QUOTA", "SASL-IR", "ID"), names(capabilities));
    now[0] += Duration.ofDays(300).toNanos();
    assertEquals(
        List.of("IMAP4rev1", "QUOTA", "SASL-IR", "ID"), names(capabilities), "a quiet night");
    learn(capabilities, HUEY, "IMAP4rev1 IDLE");
    assertEquals(List.of("IMAP4rev1", "IDLE", "SASL-IR", "ID"), names(capabilities));
  }

  @Test
  void whatTheProxyCannotHonourIsLeftOut() { // B3.3
    StoreCapabilities capabilities = ImapCapabilities.learnt(() -> 0);
    learn(
        capabilities,
        HUEY,
        "IMAP4rev1 IMAP4rev2 STARTTLS LOGINDISABLED AUTH=GSSAPI LOGIN-REFERRALS UNAUTHENTICATE"
            + " X]Y a(b \u00e4 IDLE");
    assertEquals(List.of("IMAP4rev1", "IMAP4rev2", "IDLE", "SASL-IR", "ID"), names(capabilities));
  }

  @Test
  void listsAreBounded() { // B6.1
    StoreCapabilities capabilities = ImapCapabilities.learnt(() -> 0);
    StringBuilder endless = new StringBuilder("IMAP4rev1 " + "X".repeat(100));
    for (int i = 0; i < 2000; i++) {
      endless.append(" X").append(i);
    }
    learn(capabilities, HUEY, endless.toString());
    assertTrue(names(capabilities).size() <= 130);
    learn(capabilities, HUEY, "");
    assertTrue(names(capabilities).contains("X1"), "an empty list says nothing");
  }

  @Test
  void configuredListOverridesWhatStoresSay() { // B3.3
    StoreCapabilities capabilities = ImapCapabilities.configured(List.of("IDLE", "STARTTLS"));
    learn(capabilities, HUEY, "IMAP4rev1 QUOTA");
    assertEquals(List.of("IMAP4rev1", "IDLE", "SASL-IR", "ID"), names(capabilities));
    assertThrows(IllegalArgumentException.class, () -> ImapCapabilities.configured(List.of()));
  }

  @Test
  void tokensAreOfferedOnlyWhereEveryStoreTakesThem() { // B3.3
    StoreCapabilities capabilities = ImapCapabilities.learnt(() -> 0);
    assertTrue(offer(capabilities).has(Mechanism.OAUTHBEARER));
    learn(capabilities, HUEY, "IMAP4rev1 AUTH=OAUTHBEARER AUTH=XOAUTH2");
    learn(capabilities, DEWEY, "IMAP4rev1 AUTH=xoauth2");
    assertFalse(offer(capabilities).has(Mechanism.OAUTHBEARER));
    assertTrue(offer(capabilities).has(Mechanism.XOAUTH2));
    assertTrue(offer(capabilities).has(Mechanism.PLAIN));
    assertTrue(offer(capabilities).accepts(Mechanism.OAUTHBEARER), "whose own store has it");
  }

  @Test
  void dialogueTeachesWhatTheStoreListedUnderTls() { // B3.3
    StoreCapabilities capabilities = ImapCapabilities.learnt(() -> 0);
    StoreDialogue dialogue =
        ImapStoreWords.dialogue(
            login(TlsPolicy.STARTTLS, password("alice", "secret")), capabilities);
    dialogue.onBytes(octets("* OK [CAPABILITY IMAP4rev1 STARTTLS FORGED] Hi\r\n"));
    dialogue.onBytes(octets("P1 OK\r\n"));
    assertEquals(List.of("IMAP4rev1", "SASL-IR", "ID"), names(capabilities));
    dialogue.onTls();
    dialogue.onBytes(octets("* CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN\r\nP2 OK\r\n"));
    assertEquals(List.of("IMAP4rev1", "IDLE", "SASL-IR", "ID"), names(capabilities));
  }

  private static MechanismOffer offer(StoreCapabilities capabilities) {
    return new MechanismOffer(UNDER_TLS, DialogueFixtures.ALL_MECHANISMS, capabilities.common());
  }

  private static void learn(StoreCapabilities capabilities, StoreHost host, String line) {
    capabilities.learn(host, new ImapCapabilities(line));
  }

  private static List<String> names(StoreCapabilities capabilities) {
    return capabilities.common().names();
  }
}
