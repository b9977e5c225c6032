package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.attack.DeliveryScript.Point;
import org.openmmp.it.fixture.DeliveryConnection;
import org.openmmp.storesim.LoopbackAddresses;

/** Rows R1, R2, R4 and R6 for the relay: what a store's word "deliver over there" may not do. */
@Tag("slow")
final class RelayReferralAttackTest {
  private static final String STORED = "250 2.0.0";

  private static AttackedRelay relay;

  @BeforeAll
  static void startRelay(@TempDir Path workplace) {
    relay = new AttackedRelay(workplace, 130, 2, "openmmp.lmtp.timeouts.search = 3s");
  }

  @AfterAll
  static void stopRelay() {
    relay.close();
  }

  /** How a store refers to a target. */
  private enum Form {
    GREETING("220 store.test LMTP [REFERRAL lmtp://%s/]", Point.GREETING),
    GREETING_421("421 store.test [REFERRAL lmtp://%s/]", Point.GREETING),
    RECIPIENT("550 5.2.900 <x@example.test> user@%s Referral", Point.RCPT),
    LAST_WORD("550 5.2.900 <x@example.test> user@%s Referral", Point.FINAL_REPLY);

    private final String text;
    private final Point point;

    Form(String text, Point point) {
      this.text = text;
      this.point = point;
    }

    DeliveryScript to(String target) {
      return new DeliveryScript().saying(point, text.formatted(target));
    }
  }

  static Stream<Arguments> foreignTargets() {
    List<Arguments> all = new ArrayList<>();
    for (Form form : Form.values()) {
      for (String target :
          List.of(
              "FOREIGN",
              "FOREIGN:PORT",
              "localhost:PORT",
              "[::1]:PORT",
              "[::ffff:127.0.0.1]:PORT",
              "RELAY",
              "169.254.169.254",
              "evil.example.test")) {
        all.add(Arguments.of(form, target));
      }
    }
    return all.stream();
  }

  // R1, R2
  @ParameterizedTest
  @MethodSource("foreignTargets")
  void noReferralLeadsOutOfTheGroup(Form form, String target) {
    AttackedRelay.Group group = relay.next();
    String user = group.user("a");
    String foreign = LoopbackAddresses.next(1).get(0);
    DeliveryScript trap = new DeliveryScript();
    try (ScriptedStore trapped = new ScriptedStore(foreign, group.port(), trap)) {
      String leads =
          target
              .replace("FOREIGN", foreign)
              .replace("PORT", String.valueOf(group.port()))
              .replace("RELAY", "127.0.0.1:" + relay.address().getPort());
      group.open(0, form.to(leads));
      group.open(1, form.to(leads));

      String heard = relay.deliver(List.of(user)).get(0);

      // The first of them may be taken at its greeting's word where that is no referral.
      assertTrue(heard.startsWith("451 4."), heard);
      assertEquals(0, trapped.connections());
      assertEquals(List.of(), trap.messages());
    }
  }

  static Stream<Arguments> malformed() {
    List<Arguments> all = new ArrayList<>();
    for (Form form : Form.values()) {
      for (String target :
          List.of(
              "",
              ":24",
              "x".repeat(3_000),
              "HOST:0",
              "HOST:65536",
              "HOST:-1",
              "HOST:x",
              "%00HOST",
              "%0d%0aHOST",
              "HOST HOST",
              "[HOST",
              "HOST]",
              "[]",
              "@",
              "user@@HOST",
              "HOST/../")) {
        all.add(Arguments.of(form, target));
      }
    }
    return all.stream();
  }

  // R6: each has a defined answer: the store serves, another does, or it is an outage
  @ParameterizedTest
  @MethodSource("malformed")
  void malformedReferralIsNeverARefusal(Form form, String target) {
    AttackedRelay.Group group = relay.next();
    DeliveryScript first = form.to(target.replace("HOST", group.host(1)));
    DeliveryScript second = new DeliveryScript();
    group.open(0, first);
    group.open(1, second);
    String user = group.user("a");

    String heard = relay.deliver(List.of(user)).get(0);

    assertTrue(heard.startsWith(STORED) || heard.startsWith("451 4."), heard);
    int deliveries = first.deliveriesTo(user) + second.deliveriesTo(user);
    assertTrue(heard.startsWith("451") || deliveries == 1, heard + " " + deliveries);
  }

  // R4
  @ParameterizedTest
  @ValueSource(strings = {"GREETING", "GREETING_421", "RECIPIENT"})
  void hostsThatReferToOneAnotherAreNoMaster(String form) {
    AttackedRelay.Group group = relay.next();
    Form by = Form.valueOf(form);
    ScriptedStore first = group.open(0, by.to(group.host(1)));
    ScriptedStore second = group.open(1, by.to(group.host(0)));

    String heard = relay.deliver(List.of(group.user("a"))).get(0);

    assertTrue(heard.startsWith("451 4."), heard);
    int connections = first.connections() + second.connections();
    assertTrue(connections < 40, "connections: " + connections);
  }

  // R4: a store that refers to itself
  @ParameterizedTest
  @ValueSource(strings = {"GREETING", "GREETING_421", "RECIPIENT"})
  void hostThatRefersToItselfIsNotFollowed(String form) {
    AttackedRelay.Group group = relay.next();
    String user = group.user("a");
    ScriptedStore first = group.open(0, Form.valueOf(form).to(group.host(0)));
    DeliveryScript healthy = new DeliveryScript();
    group.open(1, healthy);

    String heard = relay.deliver(List.of(user)).get(0);

    assertTrue(heard.startsWith(STORED) || heard.startsWith("451 4."), heard);
    assertTrue(first.connections() < 20, "connections: " + first.connections());
    assertTrue(healthy.deliveriesTo(user) <= 1);
  }

  // R4: each recipient is sent elsewhere
  @Test
  void recipientsThatAreReferredApartAreServedOrTold() {
    AttackedRelay.Group group = relay.next();
    String a = group.user("a");
    String b = group.user("b");
    DeliveryScript first = referring(b, group.host(1));
    DeliveryScript second = referring(a, group.host(0));
    group.open(0, first);
    group.open(1, second);
    try (DeliveryConnection mta = relay.mta()) {
      List<String> heard = relay.deliver(mta, List.of(a, b), "x\r\n");
      for (int i = 0; i < 2; i++) {
        String recipient = i == 0 ? a : b;
        int deliveries = first.deliveriesTo(recipient) + second.deliveriesTo(recipient);
        boolean stored = heard.get(i).startsWith(STORED);
        assertTrue(stored || heard.get(i).startsWith("451 4."), heard::toString);
        assertEquals(stored ? 1 : 0, deliveries, heard::toString);
      }
    }
  }

  private static DeliveryScript referring(String recipient, String target) {
    return new DeliveryScript()
        .at(
            Point.RCPT,
            (peer, time) ->
                peer.heard().trim().endsWith("RCPT TO:<" + recipient + ">")
                    ? "550 5.2.900 <" + recipient + "> user@" + target + " Referral"
                    : "");
  }
}
