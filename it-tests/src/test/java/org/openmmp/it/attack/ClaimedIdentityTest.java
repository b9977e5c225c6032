package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Section 6 of the attacks: what a client says of itself by ID. */
final class ClaimedIdentityTest {
  private static final String FORGED =
      "ID (\"x-originating-ip\" \"192.0.2.66\" \"x-originating-port\" \"6666\" \"x-connected-ip\""
          + " \"192.0.2.67\" \"x-session-id\" \"forged\" \"x-proxy-ttl\" \"255\" \"name\" \"mutt\")";

  private final Place place = Place.of(1);
  private final StoreScript script = new ImapScript();

  @SuppressWarnings("NullAway.Init") // every test starts it first
  private AttackedProxy proxy;

  @SuppressWarnings("NullAway.Init") // likewise
  private ScriptedStore store;

  private void start(Path workplace, String settings) {
    proxy = AttackedProxy.start(workplace, place.group("g", "client-id = id"), settings);
    store = proxy.store(place, 0, script);
    proxy.user("amy", "g");
  }

  @AfterEach
  void stopProxy() {
    proxy.close();
  }

  // Section 6: ID of a stranger
  @Test
  void whatAStrangerClaimsIsDropped(@TempDir Path workplace) {
    start(workplace, "");
    try (RawClient client = proxy.client()) {
      assertTrue(client.command("i", FORGED).startsWith("i OK"));
      assertTrue(client.command("a", AttackedProxy.login("amy")).startsWith("a OK"));
    }
    assertFalse(store.heard().contains("192.0.2."), store.heard());
    assertFalse(store.heard().contains("forged") || store.heard().contains("mutt"), store.heard());
    assertTrue(store.heard().contains("\"x-originating-ip\" \"127.0.0.1\""), store.heard());
  }

  // Section 6: ID of a trusted proxy in front
  @Test
  void whatATrustedProxyClaimsIsPassedOnAndBounded(@TempDir Path workplace) {
    start(workplace, "openmmp.imap.trusted-proxies = [\"127.0.0.1\"]");
    try (RawClient client = proxy.client()) {
      client.command("i", FORGED);
      assertTrue(client.command("a", AttackedProxy.login("amy")).startsWith("a OK"));
    }
    assertTrue(store.heard().contains("\"x-originating-ip\" \"192.0.2.66\""), store.heard());
    assertTrue(store.heard().matches("(?s).*\"x-proxy-ttl\" \"([0-9]|1[01])\".*"), store.heard());
    assertFalse(store.heard().contains("mutt"), store.heard());
  }

  // Section 6: a time to live of 1, from a trusted proxy and from a stranger
  @Test
  void atTheEndOfItsTimeToLiveALoginGoesNoFurther(@TempDir Path workplace) {
    start(workplace, "openmmp.imap.trusted-proxies = [\"127.0.0.1\"]");
    for (String ttl : new String[] {"1", "0", "-5", "256", "x", ""}) {
      try (RawClient client = proxy.client()) {
        client.command("i", "ID (\"x-proxy-ttl\" \"" + ttl + "\")");
        String answer = client.command("a", AttackedProxy.login("amy"));
        assertTrue(answer.startsWith("a NO [UNAVAILABLE]"), ttl + ": " + answer);
      }
    }
    assertEquals(0, store.connections());
  }

  // Section 6: ID outside its grammar
  @Test
  void aMalformedIdIsBadAndHarmless(@TempDir Path workplace) {
    start(workplace, "");
    for (String id :
        List.of(
            "ID ()x",
            "ID (",
            "ID (\"a\" \"b\" \"c\" \"d\" \"",
            "ID (a b)",
            "ID (NIL \"b\")",
            "ID \"a\"",
            "ID (\"x-originating-ip\" \"1.2.3.4\"",
            "ID NIL NIL",
            "ID ((\"a\" \"b\"))")) {
      try (RawClient client = proxy.client()) {
        String answer = client.command("i", id);
        assertTrue(answer.startsWith("i BAD "), answer);
        assertTrue(client.command("a", AttackedProxy.login("amy")).startsWith("a OK"));
      }
    }
  }

  // B3.16: an ID may lack its last value, or everything; such a claim says nothing to a store
  @Test
  void anIdWithoutAValueClaimsNothing(@TempDir Path workplace) {
    start(workplace, "openmmp.imap.trusted-proxies = [\"127.0.0.1\"]");
    for (String id :
        List.of(
            "ID",
            "ID (\"x-originating-ip\")",
            "ID (\"a\" \"b\" \"x-originating-ip\")",
            "ID (\"x-proxy-ttl\")")) {
      try (RawClient client = proxy.client()) {
        String answer = client.command("i", id);
        assertTrue(answer.startsWith("i OK "), answer);
        assertTrue(client.command("a", AttackedProxy.login("amy")).startsWith("a OK"));
      }
    }
    assertTrue(store.heard().contains("\"x-originating-ip\" \"127.0.0.1\""), store.heard());
    assertFalse(store.heard().contains("\"x-originating-ip\" \"\""), store.heard());
    assertFalse(store.heard().contains("\"x-originating-ip\" NIL"), store.heard());
  }

  // Section 6: too many pairs, values that are too long, literals, NIL
  @Test
  void idIsBoundedAndTakesEveryForm(@TempDir Path workplace) {
    start(workplace, "openmmp.imap.bad-commands = 10");
    try (RawClient client = proxy.client()) {
      String pair = "\"name\" \"x\" ";
      assertTrue(client.command("a", "ID (" + pair.repeat(30).strip() + ")").startsWith("a OK"));
      assertTrue(client.command("b", "ID (" + pair.repeat(31).strip() + ")").startsWith("b BAD"));
      String value = "v".repeat(1_025);
      assertTrue(client.command("c", "ID (\"name\" \"" + value + "\")").startsWith("c BAD"));
      assertTrue(client.command("d", "ID NIL").startsWith("d OK"));
      assertTrue(client.command("e", "ID (\"name\" NIL)").startsWith("e OK"));
      assertTrue(client.command("f", "ID ({4+}\r\nname {5+}\r\na\r\nbc)").startsWith("f OK"));
      assertTrue(
          client
              .command("g", "ID (\"x-originating-ip\" {11+}\r\n1.2.3.4\r\n\"x)")
              .startsWith("g "));
      assertTrue(client.command("z", AttackedProxy.login("amy")).startsWith("z OK"));
    }
    assertFalse(store.heard().contains("1.2.3.4"), store.heard());
  }
}
