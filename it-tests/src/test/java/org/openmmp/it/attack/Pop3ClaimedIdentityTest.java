package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.it.fixture.MailProtocol;

/** Section 6 of the attacks over POP3: what a client says of itself by XCLIENT. */
final class Pop3ClaimedIdentityTest {
  private static final String TRUSTING = "openmmp.pop3.trusted-proxies = [\"127.0.0.1\"]";
  private static final String FORGED =
      "XCLIENT ADDR=192.0.2.66 PORT=6666 SESSION=forged TTL=255 NAME=mutt";

  private final Place place = Place.of(1);
  private final StoreScript script =
      new Pop3Script().capabilities(Pop3Script.BY_COMMAND + "\r\nXCLIENT");

  @SuppressWarnings("NullAway.Init") // every test starts it first
  private AttackedProxy proxy;

  @SuppressWarnings("NullAway.Init") // likewise
  private ScriptedStore store;

  private void start(Path workplace, String settings) {
    proxy =
        AttackedProxy.start(
            workplace,
            place.group("g", "client-id = id"),
            settings,
            "openmmp.pop3.bad-commands = 100");
    store = proxy.store(place, 0, script);
    proxy.user("amy", "g");
  }

  @AfterEach
  void stopProxy() {
    proxy.close();
  }

  private String logInAfter(String claim) {
    try (RawClient client = proxy.client(MailProtocol.POP3)) {
      client.reply(claim);
      return client.logIn(MailProtocol.POP3, "amy", AttackedProxy.passwordOf("amy"));
    }
  }

  // Section 6: XCLIENT of a stranger
  @Test
  void whatAStrangerClaimsIsRefusedAndDropped(@TempDir Path workplace) {
    start(workplace, "");
    try (RawClient client = proxy.silentClient(MailProtocol.POP3)) {
      assertFalse(String.valueOf(client.line()).contains("XCLIENT"), client.heard());
      assertTrue(client.reply(FORGED).startsWith("-ERR "));
      String answer = client.logIn(MailProtocol.POP3, "amy", AttackedProxy.passwordOf("amy"));
      assertEquals("+OK 1 message", answer);
    }
    assertFalse(store.heard().contains("192.0.2.66"), store.heard());
    assertFalse(store.heard().contains("forged") || store.heard().contains("mutt"), store.heard());
    assertTrue(store.heard().contains("XCLIENT ADDR=127.0.0.1 "), store.heard());
  }

  // Section 6: XCLIENT of a trusted proxy in front
  @Test
  void whatATrustedProxyClaimsIsPassedOnAndBounded(@TempDir Path workplace) {
    start(workplace, TRUSTING);
    assertEquals("+OK 1 message", logInAfter(FORGED));
    assertTrue(
        store.heard().contains("XCLIENT ADDR=192.0.2.66 PORT=6666 SESSION=forged TTL="),
        store.heard());
    assertFalse(store.heard().contains("mutt"), store.heard());
    assertTrue(store.heard().matches("(?s).* TTL=([0-9]|1[01])\r\n.*"), store.heard());
  }

  // Section 6: a time to live that ends here
  @Test
  void atTheEndOfItsTimeToLiveALoginGoesNoFurther(@TempDir Path workplace) {
    start(workplace, TRUSTING);
    for (String ttl : new String[] {"1", "0", "-5", "256", "x", "", "01x"}) {
      String answer = logInAfter("XCLIENT TTL=" + ttl);
      assertTrue(answer.startsWith("-ERR [SYS/TEMP]"), ttl + ": " + answer);
    }
    assertEquals(0, store.connections());
  }

  // Section 6: claims outside their grammar are none
  @Test
  void aMalformedClaimIsHarmless(@TempDir Path workplace) {
    start(workplace, TRUSTING);
    for (String claim :
        new String[] {
          "XCLIENT",
          "XCLIENT ",
          "XCLIENT ADDR",
          "XCLIENT ADDR= PORT= SESSION=",
          "XCLIENT ADDR=evil.test",
          "XCLIENT ADDR=1.2.3.4.5 PORT=70000",
          "XCLIENT ADDR=[::1] PORT=-1",
          "XCLIENT ADDR=1.2.3.4\rQUIT",
          "XCLIENT SESSION=\u00e4\"\\",
          "XCLIENT SESSION=" + "s".repeat(5_000),
          "XCLIENT " + "A=1 ".repeat(3_000),
          "XCLIENT ADDR=evil ADDR=192.0.2.99",
          "XCLIENT PORT=\0",
        }) {
      assertEquals("+OK 1 message", logInAfter(claim), claim);
    }
    for (String part :
        new String[] {"evil", "1.2.3", "70000", "-1", "ssss", "192.0.2.99", "[::1]"}) {
      assertFalse(store.heard().contains(part), part);
    }
    assertTrue(script.commands().isEmpty(), script.commands()::toString);
  }
}
