package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.it.attack.DeliveryScript.Point;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.DeliveryConnection;

/**
 * Row L4: a store dies at every point of a transaction, with failover and without, with another
 * group and without. Nobody gets a message twice by the relay, nobody hears 250 whose store did not
 * say so, and no outage is a 5xx (B5.3 to B5.7).
 */
@Tag("slow")
final class RelayDeathAttackTest {
  private static final String LOST = "451 4.4.2";
  private static final String NO_STORE = "451 4.4.1";
  private static final String MESSAGE = "Subject: x\r\n\r\nx\r\n";

  private static final Duration LIMIT = Duration.ofSeconds(10);

  private static AttackedRelay failingOver;
  private static AttackedRelay single;

  /** How a store ceases. */
  private enum Death {
    CLOSES,
    RESETS,
    SAYS_421,
    HANGS
  }

  @BeforeAll
  static void startRelays(@TempDir Path first, @TempDir Path second) {
    failingOver = new AttackedRelay(first, 220, 2);
    single = new AttackedRelay(second, 220, 2, "openmmp.lmtp.affinitylist = off");
  }

  @AfterAll
  static void stopRelays() {
    failingOver.close();
    single.close();
  }

  static Stream<Arguments> quickDeaths() {
    return deaths(Death.CLOSES, Death.RESETS, Death.SAYS_421);
  }

  static Stream<Arguments> slowDeaths() {
    return deaths(Death.HANGS);
  }

  private static Stream<Arguments> deaths(Death... deaths) {
    List<Arguments> all = new ArrayList<>();
    for (Death death : deaths) {
      for (boolean withOthers : new boolean[] {false, true}) {
        all.add(Arguments.of(Point.GREETING, 1, death, withOthers));
        all.add(Arguments.of(Point.LHLO, 1, death, withOthers));
        all.add(Arguments.of(Point.MAIL, 1, death, withOthers));
        all.add(Arguments.of(Point.RCPT, 1, death, withOthers));
        all.add(Arguments.of(Point.RCPT, 2, death, withOthers));
        all.add(Arguments.of(Point.DATA, 1, death, withOthers));
        all.add(Arguments.of(Point.BODY, 1, death, withOthers));
        all.add(Arguments.of(Point.END_OF_DATA, 1, death, withOthers));
        all.add(Arguments.of(Point.FINAL_REPLY, 2, death, withOthers));
      }
    }
    return all.stream();
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("quickDeaths")
  void deathIsMadeGoodBeforeTheEndOfDataAndToldBehindIt(
      Point point, int time, Death death, boolean withOthers) {
    assertMadeGoodOrTold(point, time, death, withOthers);
    assertToldWhereThereIsOneHost(point, time, death, withOthers);
  }

  @Tag("slow")
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("slowDeaths")
  void silenceIsMadeGoodBeforeTheEndOfDataAndToldBehindIt(
      Point point, int time, Death death, boolean withOthers) {
    assertMadeGoodOrTold(point, time, death, withOthers);
    assertToldWhereThereIsOneHost(point, time, death, withOthers);
  }

  private static void assertMadeGoodOrTold(Point point, int time, Death death, boolean withOthers) {
    Case at = new Case(failingOver, withOthers);
    DeliveryScript dying = dyingAt(point, time, death);
    DeliveryScript healthy = new DeliveryScript();
    at.group.open(0, dying);
    ScriptedStore second = at.group.open(1, healthy);
    // What a store does not say it has read may be on its way when the client ends the message.
    boolean noticed = point == Point.BODY && death != Death.HANGS;
    boolean before = point.compareTo(Point.BODY) < 0 || noticed;

    List<String> heard =
        at.deliver(
            () -> {
              if (noticed) {
                Await.until("tried elsewhere", LIMIT, () -> second.heard().contains("DATA"));
              }
            });

    if (before) {
      assertEquals(List.of("250 2.0.0", "250 2.0.0"), heard);
      assertEquals(List.of(), dying.messages());
      assertEquals(List.of(at.concerned), recipientsOf(healthy));
    } else {
      boolean oneSaid = point == Point.FINAL_REPLY;
      assertEquals(List.of(oneSaid ? "250 2.0.0" : LOST, LOST), heard);
      assertEquals(point == Point.BODY ? List.of() : List.of(at.concerned), recipientsOf(dying));
      assertEquals(0, second.connections(), "nobody may get it twice by us");
    }
    at.assertOthersServed();
  }

  private static void assertToldWhereThereIsOneHost(
      Point point, int time, Death death, boolean withOthers) {
    Case at = new Case(single, withOthers);
    DeliveryScript dying = dyingAt(point, time, death);
    at.group.open(0, dying);
    ScriptedStore second = at.group.open(1, new DeliveryScript());

    List<String> heard = at.deliver(() -> {});

    boolean behind = point.compareTo(Point.BODY) > 0;
    assertEquals(point == Point.FINAL_REPLY ? "250" : "451", heard.get(0).substring(0, 3));
    assertEquals("451", heard.get(1).substring(0, 3));
    if (point != Point.BODY) {
      assertEquals(behind ? LOST : NO_STORE, heard.get(1));
    }
    assertEquals(behind ? List.of(at.concerned) : List.of(), recipientsOf(dying));
    assertEquals(0, second.connections(), "without affinitylist there is one host");
    at.assertOthersServed();
  }

  private static DeliveryScript dyingAt(Point point, int when, Death death) {
    return new DeliveryScript()
        .at(
            point,
            (peer, time) -> {
              if (time < when) {
                return "";
              }
              switch (death) {
                case CLOSES -> {}
                case RESETS -> peer.reset();
                case SAYS_421 -> peer.say("421 4.3.2 Going down");
                case HANGS -> DeliveryScript.hang(peer);
              }
              throw new EOFException("dead");
            });
  }

  private static List<List<String>> recipientsOf(DeliveryScript script) {
    return script.messages().stream().map(DeliveryScript.Message::recipients).toList();
  }

  /** Two recipients of a group of two hosts, and perhaps one of another group between them. */
  private static final class Case {
    private final AttackedRelay relay;
    private final AttackedRelay.Group group;
    private final List<String> concerned;
    private final List<String> others = new ArrayList<>();
    private final DeliveryScript otherStore = new DeliveryScript();

    Case(AttackedRelay relay, boolean withOthers) {
      this.relay = relay;
      this.group = relay.next();
      this.concerned = List.of(group.user("a"), group.user("b"));
      if (withOthers) {
        AttackedRelay.Group other = relay.next();
        other.open(0, otherStore);
        others.add(other.user("o"));
      }
    }

    /** What those concerned hear last. */
    List<String> deliver(Runnable beforeEnd) {
      List<String> recipients = new ArrayList<>(concerned);
      recipients.addAll(1, others);
      try (DeliveryConnection mta = relay.mta()) {
        List<String> heard = new ArrayList<>(relay.deliver(mta, recipients, MESSAGE, beforeEnd));
        others.forEach(other -> assertEquals("250 2.0.0", heard.remove(1)));
        return heard;
      }
    }

    void assertOthersServed() {
      for (String other : others) {
        assertEquals(1, otherStore.deliveriesTo(other));
      }
      assertTrue(otherStore.messages().size() == others.size());
    }
  }
}
