package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.attack.DeliveryScript.Point;

/** Rows T2, T4, T8 and R3 for the relay: no message goes in the clear, nor to whoever says so. */
@Tag("slow")
final class RelayStoreTlsTest {
  private static final String STORED = "250 2.0.0";

  private static AttackedRelay relay;

  @BeforeAll
  static void startRelay(@TempDir Path workplace) {
    relay =
        new AttackedRelay(
            workplace,
            30,
            2,
            "openmmp { proxy-defaults.tls = starttls, lmtp.timeouts.search = 4s }");
  }

  @AfterAll
  static void stopRelay() {
    relay.close();
  }

  private static DeliveryScript honest() {
    return new DeliveryScript().secured(Arena.HONEST);
  }

  private static void assertSecondServes(AttackedRelay.Group group, DeliveryScript attacker) {
    String user = group.user("a");
    DeliveryScript second = honest();
    ScriptedStore first = group.open(0, attacker);
    group.open(1, second);

    assertEquals(List.of(STORED), relay.deliver(List.of(user)));

    assertFalse(first.heard().contains("MAIL FROM"), first.heard());
    assertEquals(1, second.deliveriesTo(user));
  }

  // T2
  @ParameterizedTest
  @ValueSource(
      strings = {
        "250 store.test\r\n",
        "250-store.test\r\n250 PIPELINING\r\n250 2.1.0 OK\r\n",
        "220 again\r\n",
        "x"
      })
  void whatIsBehindTheStoresGoAheadEndsTheAttempt(String injected) {
    DeliveryScript attacker =
        honest()
            .at(
                Point.STARTTLS,
                (peer, time) -> {
                  peer.send("220 2.0.0 Begin\r\n" + injected);
                  return DeliveryScript.hang(peer);
                });
    assertSecondServes(relay.next(), attacker);
  }

  // T4
  @ParameterizedTest
  @ValueSource(
      strings = {
        "454 4.7.0 Not now",
        "502 5.5.1 What?",
        "250 2.0.0 OK",
        "421 4.3.2 Bye",
        "220 2.0.0 No handshake\r\n250 follows"
      })
  void storeThatRefusesTlsGetsNoMessage(String refusal) {
    assertSecondServes(relay.next(), honest().saying(Point.STARTTLS, refusal));
  }

  // T4
  @ParameterizedTest
  @ValueSource(strings = {"PIPELINING", "XSTARTTLS", "STARTTLS2", "SIZE STARTTLS"})
  void storeThatOffersNoTlsGetsNoMessage(String offer) {
    assertSecondServes(relay.next(), new DeliveryScript().offering(offer));
  }

  // T8
  @ParameterizedTest
  @ValueSource(strings = {"other", "expired", "self-signed", "wildcard"})
  void certificateThatIsNotTheStoresIsRefused(String kind) {
    AttackedRelay.Group group = relay.next();
    String name = group.host(0);
    TestAuthority authority = TestAuthority.shared();
    TestIdentity shown =
        switch (kind) {
          case "other" -> authority.host(group.host(1));
          case "expired" -> authority.expiredHost(name);
          case "self-signed" -> TestAuthority.selfSignedHost(name);
          default -> authority.host("*." + name);
        };
    assertSecondServes(group, new DeliveryScript().secured(shown.context()));
  }

  // R3: a referral is followed under the same terms
  @ParameterizedTest
  @ValueSource(strings = {"in the clear", "under TLS"})
  void hostThatIsReferredToHasToProveItself(String how) {
    AttackedRelay.Group group = relay.next();
    String user = group.user("a");
    String referral = "220 store.test LMTP [REFERRAL lmtp://" + group.host(1) + "/]";
    boolean clear = how.equals("in the clear");
    group.open(0, new DeliveryScript().saying(Point.GREETING, referral));
    DeliveryScript target = clear ? new DeliveryScript() : honest();
    ScriptedStore open = group.open(1, target);

    String heard = relay.deliver(List.of(user)).get(0);

    assertTrue(clear ? heard.startsWith("451 4.") : heard.startsWith(STORED), heard);
    assertEquals(clear ? 0 : 1, target.deliveriesTo(user));
    assertTrue(!clear || !open.heard().contains("MAIL FROM"), open.heard());
  }

  // T4: nobody is under TLS
  @Test
  void groupWithoutTlsIsAnOutage() {
    AttackedRelay.Group group = relay.next();
    for (int i = 0; i < 2; i++) {
      group.open(i, new DeliveryScript());
    }
    String heard = relay.deliver(List.of(group.user("a"))).get(0);
    assertTrue(heard.startsWith("451 4."), heard);
  }
}
