package org.openmmp.proxy.imap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmmp.proxy.imap.ImapFixtures.protocol;
import static org.openmmp.proxy.session.DialogueFixtures.UNDER_TLS;
import static org.openmmp.proxy.session.DialogueFixtures.octets;
import static org.openmmp.proxy.session.DialogueFixtures.write;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.proxy.client.ClientDialogue;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.session.DialogueFixtures;
import org.openmmp.proxy.store.StoreCapabilities;
import org.openmmp.wire.Splits;

/** What peers claim about themselves. */
final class ImapIdClaimsTest {
  private static final ClientFacts PROXY =
      new ClientFacts("s1", "10.0.0.9", 40000, "10.0.0.1", 143, true, "", false, 4);
  private static final String CLAIM =
      "a ID (\"x-originating-ip\" \"2001:db8::7\" \"X-Originating-Port\" \"555\""
          + " \"x-connected-ip\" \"198.51.100.1\" \"x-connected-port\" \"993\" \"x-session-id\""
          + " \"abc-1\" \"x-proxy-ttl\" \"3\")\r\n";

  @Test
  void strangersClaimIsDropped() { // B3.12
    assertEquals(UNDER_TLS, seenAs(UNDER_TLS, CLAIM));
  }

  @Test
  void trustedProxysClaimIsTaken() { // B3.12
    assertEquals(
        new ClientFacts("abc-1", "2001:db8::7", 555, "198.51.100.1", 993, true, "", false, 1),
        seenAs(PROXY, CLAIM));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"x-originating-ip\" \"mail.example.com\"",
        "\"x-originating-ip\" \"192.0.2.1, 192.0.2.2\"",
        "\"x-originating-ip\" \"192.0.2.256\"",
        "\"x-originating-ip\" NIL",
        "\"x-originating-port\" \"0\"",
        "\"x-originating-port\" \"65536\"",
        "\"x-originating-port\" \"-1\"",
        "\"x-originating-port\" \"\"",
        "\"x-session-id\" \"a b\"",
        "\"x-session-id\" \"\"",
        "\"x-session-id\" {3+}\r\na\r\n",
        "\"x-proxy-ttl\" \"255\"",
        "\"x-proxy-ttl\" \"256\"",
        "\"name\" \"x\"",
      })
  void unfitClaimLeavesWhatIsKnown(String field) { // B3.12
    assertEquals(PROXY, seenAs(PROXY, "a ID (" + field + ")\r\n"));
  }

  @Test
  void sessionIdHasABound() {
    String longest = "i".repeat(64);
    assertEquals(longest, seenAs(PROXY, id("x-session-id", longest)).sessionId());
    assertEquals("s1", seenAs(PROXY, id("x-session-id", longest + "i")).sessionId());
  }

  @Test
  void moreThanTheProtocolAllowsIsBad() {
    String bad = "a BAD Malformed ID, or a field that is too long.\r\n";
    String ok = "* ID (\"name\" \"OpenMMP\")\r\na OK Pleased to meet you.\r\n";
    assertEquals(ok, said("a ID (" + "\"k\" \"v\" ".repeat(29) + "\"k\" NIL)\r\n"));
    assertEquals(bad, said("a ID (" + "\"k\" \"v\" ".repeat(30) + "\"k\" NIL)\r\n"));
    assertEquals(ok, said(id("k", "v".repeat(1024))));
    assertEquals(bad, said(id("k", "v".repeat(1025))));
    assertEquals(ok, said(id("k".repeat(30), "v")));
    assertEquals(bad, said(id("k".repeat(31), "v")));
    assertEquals(bad, said("a ID (NIL NIL)\r\n"));
    assertEquals(bad, said("a ID (k v)\r\n"));
    assertEquals(bad, said("a ID NIL NIL\r\n"));
    assertEquals(bad, said("a ID (\"k\" \"v\"\r\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "0", "x", ""})
  void lastProxyOfAChainLogsNobodyIn(String ttl) { // R4
    byte[] in = octets(id("x-proxy-ttl", ttl) + "b LOGIN alice secret\r\n");
    for (List<byte[]> split : Splits.everySplitOf(in)) {
      String seen = ImapFixtures.talk(protocol("IMAP4rev1"), PROXY, split);
      assertTrue(seen.contains("b NO [UNAVAILABLE] Too many proxies"), seen);
    }
    String stranger = ImapFixtures.talk(protocol("IMAP4rev1"), UNDER_TLS, List.of(in));
    assertTrue(stranger.contains("<login COMMAND alice  secret>"), stranger);
  }

  private static String id(String field, String value) {
    return "a ID (\"" + field + "\" \"" + value + "\")\r\n";
  }

  private static ClientFacts seenAs(ClientFacts own, String command) {
    ClientDialogue dialogue = dialogue(own);
    write(new StringBuilder(), dialogue.onBytes(octets(command)));
    return dialogue.seenAs(own);
  }

  private static String said(String command) {
    StringBuilder seen = new StringBuilder();
    write(seen, dialogue(PROXY).onBytes(octets(command)));
    return seen.toString();
  }

  private static ClientDialogue dialogue(ClientFacts own) {
    StoreCapabilities capabilities = ImapCapabilities.configured(List.of("IMAP4rev1"));
    return ImapFixtures.dialogue(
        ImapFixtures.protocol(capabilities, DialogueFixtures.preAuth(16_384, 131_072, 5), 8_192),
        own);
  }
}
