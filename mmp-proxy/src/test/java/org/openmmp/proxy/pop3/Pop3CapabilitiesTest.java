package org.openmmp.proxy.pop3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.proxy.session.DialogueFixtures.UNDER_TLS;
import static org.openmmp.proxy.session.DialogueFixtures.login;
import static org.openmmp.proxy.session.DialogueFixtures.octets;
import static org.openmmp.proxy.session.DialogueFixtures.password;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openmmp.proxy.client.MechanismOffer;
import org.openmmp.proxy.session.DialogueFixtures;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.proxy.store.StoreDialogue;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.wire.Mechanism;

final class Pop3CapabilitiesTest {
  private static final StoreHost HUEY = new StoreHost("huey");
  private static final StoreHost DEWEY = new StoreHost("dewey");

  @Test
  void beforeAStoreWasHeardOnlyThatIsOfferedWhichEveryStoreHas() { // B4.1
    assertEquals(
        List.of("TOP", "UIDL", "PIPELINING", "RESP-CODES", "AUTH-RESP-CODE"),
        names(Pop3Capabilities.learnt(() -> 0)));
  }

  @Test
  void whatEveryStoreHasIsOffered() { // B4.1
    StoreCapabilities capabilities = Pop3Capabilities.learnt(() -> 0);
    learn(
        capabilities,
        HUEY,
        "TOP",
        "Uidl",
        "PIPELINING",
        "EXPIRE  NEVER",
        "UTF8 USER",
        "RESP-CODES");
    learn(capabilities, DEWEY, "uidl", "TOP", "EXPIRE 30", "UTF8", "PIPELINING");
    assertEquals(
        List.of("TOP", "UIDL", "PIPELINING", "UTF8", "RESP-CODES", "AUTH-RESP-CODE"),
        names(capabilities));
  }

  @Test
  void whatTheProxyCannotHonourIsLeftOut() { // B4.1
    StoreCapabilities capabilities = Pop3Capabilities.learnt(() -> 0);
    learn(
        capabilities,
        HUEY,
        "TOP",
        "STLS",
        "USER",
        "SASL PLAIN GSSAPI",
        "IMPLEMENTATION Secret-Server 1.2",
        "XCLIENT",
        "LANG",
        "",
        "b\u00e4d",
        "x".repeat(300));
    assertEquals(List.of("TOP", "RESP-CODES", "AUTH-RESP-CODE"), names(capabilities));
  }

  @Test
  void listsAreBounded() { // B6.1
    StoreCapabilities capabilities = Pop3Capabilities.learnt(() -> 0);
    List<String> endless = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      endless.add("X" + i);
    }
    capabilities.learn(HUEY, Pop3Capabilities.of(endless));
    assertEquals(66, names(capabilities).size());
  }

  @Test
  void configuredListOverridesWhatStoresSay() { // B4.1
    StoreCapabilities capabilities =
        Pop3Capabilities.configured(List.of("UIDL", "EXPIRE 30", "STLS"));
    learn(capabilities, HUEY, "TOP");
    assertEquals(List.of("UIDL", "EXPIRE 30", "RESP-CODES", "AUTH-RESP-CODE"), names(capabilities));
    assertThrows(IllegalArgumentException.class, () -> Pop3Capabilities.configured(List.of()));
  }

  @Test
  void tokensAreOfferedOnlyWhereEveryStoreTakesThem() { // B4.1
    StoreCapabilities capabilities = Pop3Capabilities.learnt(() -> 0);
    assertTrue(offer(capabilities).has(Mechanism.OAUTHBEARER));
    learn(capabilities, HUEY, "SASL OAUTHBEARER XOAUTH2");
    learn(capabilities, DEWEY, "sasl plain xoauth2");
    MechanismOffer now = offer(capabilities);
    assertFalse(now.has(Mechanism.OAUTHBEARER));
    assertTrue(now.has(Mechanism.XOAUTH2));
    assertTrue(now.has(Mechanism.PLAIN));
  }

  @Test
  void dialogueTeachesWhatTheStoreListedUnderTls() { // B4.1
    StoreCapabilities capabilities = Pop3Capabilities.learnt(() -> 0);
    StoreDialogue dialogue =
        Pop3StoreWords.dialogue(
            login(TlsPolicy.OPPORTUNISTIC, password("alice", "secret")), capabilities);
    dialogue.onBytes(octets("+OK Hi\r\n+OK\r\nSTLS\r\nFORGED\r\n.\r\n"));
    dialogue.onBytes(octets("+OK Begin\r\n"));
    assertFalse(names(capabilities).contains("FORGED"));
    dialogue.onTls();
    dialogue.onBytes(octets("+OK\r\nTOP\r\nSASL PLAIN\r\n.\r\n"));
    assertEquals(List.of("TOP", "RESP-CODES", "AUTH-RESP-CODE"), names(capabilities));
  }

  private static MechanismOffer offer(StoreCapabilities capabilities) {
    return new MechanismOffer(UNDER_TLS, DialogueFixtures.ALL_MECHANISMS, capabilities.common());
  }

  private static void learn(StoreCapabilities capabilities, StoreHost host, String... lines) {
    capabilities.learn(host, Pop3Capabilities.of(List.of(lines)));
  }

  private static List<String> names(StoreCapabilities capabilities) {
    return capabilities.common().names();
  }
}
