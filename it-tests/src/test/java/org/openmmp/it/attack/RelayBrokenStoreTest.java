package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.attack.DeliveryScript.Act;
import org.openmmp.it.attack.DeliveryScript.Point;
import org.openmmp.it.fixture.DeliveryConnection;

/** Rows B1, B2, B8 and L8 for the relay: stores that break every rule of LMTP. */
@Tag("slow")
final class RelayBrokenStoreTest {
  private static final String STORED = "250 2.0.0";
  private static final String ENDLESS = "x".repeat(1 << 16);

  private static AttackedRelay relay;

  @BeforeAll
  static void startRelay(@TempDir Path workplace) {
    relay = new AttackedRelay(workplace, 120, 2);
  }

  @AfterAll
  static void stopRelay() {
    relay.close();
  }

  private static DeliveryScript doing(Point point, Act act) {
    return new DeliveryScript().at(point, act);
  }

  private static DeliveryScript saying(Point point, String said) {
    return new DeliveryScript().saying(point, said);
  }

  /** Stores that are of no use, by what is wrong with them. */
  private static Map<String, DeliveryScript> useless() {
    Map<String, DeliveryScript> all = new LinkedHashMap<>();
    all.put("greets with 421", saying(Point.GREETING, "421 4.3.2 Going down"));
    all.put("greets with 450", saying(Point.GREETING, "450 4.3.2 Later"));
    all.put("greets with 554", saying(Point.GREETING, "554 5.3.2 Not for you"));
    all.put("greets with 250", saying(Point.GREETING, "250 2.0.0 Hello"));
    all.put("speaks IMAP", saying(Point.GREETING, "* OK IMAP4rev1 ready"));
    all.put("speaks POP3", saying(Point.GREETING, "+OK ready"));
    all.put("speaks HTTP", saying(Point.GREETING, "HTTP/1.1 400 Bad Request\r\n\r\n"));
    all.put("greets with NUL", saying(Point.GREETING, "\0\0\0\0"));
    all.put("a code of 199", saying(Point.GREETING, "199 x"));
    all.put("codes that differ", saying(Point.GREETING, "220-store\r\n250 store"));
    all.put("an endless line", doing(Point.GREETING, (peer, time) -> endless(peer, ENDLESS)));
    all.put("endless lines", doing(Point.GREETING, (peer, time) -> endless(peer, "220-x\r\n")));
    all.put("an octet at a time", doing(Point.GREETING, (peer, time) -> drip(peer)));
    all.put("half-closes", doing(Point.GREETING, (peer, time) -> halfClose(peer)));
    all.put("LHLO is unknown", saying(Point.LHLO, "500 5.5.1 What?"));
    all.put("LHLO later", saying(Point.LHLO, "451 4.3.0 Later"));
    all.put("LHLO endless", doing(Point.LHLO, (peer, time) -> endless(peer, "250-X-Y\r\n")));
    all.put("MAIL later", saying(Point.MAIL, "451 4.3.0 Read-only"));
    all.put("MAIL with 354", saying(Point.MAIL, "354 Go"));
    all.put("DATA later", saying(Point.DATA, "451 4.3.0 Disk full"));
    return all;
  }

  /** Stores of whose replies nobody knows what they were meant for. */
  private static Map<String, DeliveryScript> outOfStep() {
    Map<String, DeliveryScript> all = new LinkedHashMap<>();
    all.put("greets twice", saying(Point.GREETING, "220 store\r\n220 store"));
    all.put("answers before it is asked", saying(Point.GREETING, "220 s\r\n250 s\r\n250 MAIL"));
    all.put("RCPT with 354", saying(Point.RCPT, "354 Go"));
    all.put("RCPT with garbage", saying(Point.RCPT, "ok"));
    all.put("DATA with 250", saying(Point.DATA, "250 2.0.0 Done"));
    all.put("DATA with two replies", saying(Point.DATA, "250 2.0.0 Done\r\n250 2.0.0 Done"));
    all.put("stored before the end", saying(Point.DATA, "354 Go\r\n250 2.0.0 Stored"));
    all.put("asked for it twice", saying(Point.DATA, "354 Go\r\n354 Go"));
    return all;
  }

  static Stream<String> uselessStores() {
    return useless().keySet().stream();
  }

  static Stream<String> storesOutOfStep() {
    return outOfStep().keySet().stream();
  }

  // B1, B2
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("uselessStores")
  void uselessStoreIsPassedOver(String what) {
    AttackedRelay.Group group = relay.next();
    List<String> both = List.of(group.user("a"), group.user("b"));
    DeliveryScript useless = useless().getOrDefault(what, new DeliveryScript());
    DeliveryScript healthy = new DeliveryScript();
    group.open(0, useless);
    group.open(1, healthy);

    assertEquals(List.of(STORED, STORED), relay.deliver(both));

    assertEquals(List.of(), useless.messages());
    assertEquals(1, healthy.messages().size());
    assertEquals(both, healthy.messages().get(0).recipients());
  }

  // B5.14: the MTA keeps the message; nobody's word is taken for a delivery or for a refusal
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("storesOutOfStep")
  void storeOutOfStepNeverGetsTheEndOfTheMessage(String what) {
    AttackedRelay.Group group = relay.next();
    List<String> both = List.of(group.user("a"), group.user("b"));
    DeliveryScript mixedUp = outOfStep().getOrDefault(what, new DeliveryScript());
    DeliveryScript healthy = new DeliveryScript();
    group.open(0, mixedUp);
    group.open(1, healthy);

    assertEquals(List.of("451 4.4.2", "451 4.4.2"), relay.deliver(both));

    assertEquals(List.of(), mixedUp.messages());
    assertEquals(List.of(), healthy.messages());
    relay.assertAlive();
  }

  // B1: at every host
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource({"uselessStores", "storesOutOfStep"})
  void groupOfUselessStoresIsAnOutageAndNoRefusal(String what) {
    AttackedRelay.Group group = relay.next();
    List<String> both = List.of(group.user("a"), group.user("b"));
    Map<String, DeliveryScript> all = useless();
    all.putAll(outOfStep());
    group.open(0, all.getOrDefault(what, new DeliveryScript()));
    all = useless();
    all.putAll(outOfStep());
    group.open(1, all.getOrDefault(what, new DeliveryScript()));
    long begun = System.nanoTime();

    for (String reply : relay.deliver(both)) {
      assertTrue(reply.startsWith("451 4."), reply);
    }
    long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
    assertTrue(seconds < 28, "the MTA waited for " + seconds + " s");
  }

  // B1: nobody listens at all
  @Test
  void groupThatRefusesConnectionsIsAnOutage() {
    AttackedRelay.Group group = relay.next();
    assertEquals(List.of("451 4.4.1"), relay.deliver(List.of(group.user("a"))));
  }

  // B3: strange, and lawful enough
  @ParameterizedTest
  @ValueSource(strings = {"octet by octet", "LF only", "many lines", "no text", "no status"})
  void strangeStoreServesAllTheSame(String what) {
    AttackedRelay.Group group = relay.next();
    DeliveryScript strange = new DeliveryScript();
    switch (what) {
      case "octet by octet" -> strange.at(Point.FINAL_REPLY, (peer, time) -> slowly(peer));
      case "LF only" -> strange.saying(Point.RCPT, "250-a\n250 b");
      case "many lines" -> strange.saying(Point.MAIL, "250-a\r\n".repeat(60) + "250 b");
      case "no text" -> strange.saying(Point.MAIL, "250");
      default -> strange.saying(Point.RCPT, "250 ");
    }
    group.open(0, strange);
    ScriptedStore second = group.open(1, new DeliveryScript());
    String user = group.user("a");

    assertEquals(1, relay.deliver(List.of(user)).size());
    assertEquals(1, strange.deliveriesTo(user));
    assertEquals(0, second.connections());
  }

  // L8: one reply too many must not become the answer to the next transaction
  @ParameterizedTest
  @ValueSource(strings = {"at once", "late"})
  void replyTooManyIsNobodysAnswer(String when) {
    AttackedRelay.Group group = relay.next();
    String good = group.user("a");
    String full = group.user("b");
    DeliveryScript store =
        new DeliveryScript().at(Point.FINAL_REPLY, (peer, time) -> oneTooMany(peer, when));
    store.at(
        Point.RCPT,
        (peer, time) -> peer.heard().trim().endsWith("<" + full + ">") ? "550 5.2.2 Full" : "");
    group.open(0, store);
    int stored = 0;
    try (DeliveryConnection mta = relay.mta()) {
      for (int i = 0; i < 5; i++) {
        boolean accepted = relay.deliver(mta, List.of(good), "x\r\n").contains(STORED);
        stored += accepted ? 1 : 0;
        // If it comes within the next transaction, that is none: the MTA tries again.
        String answer = relay.deliver(mta, List.of(full), "x\r\n").get(0);
        assertTrue(answer.equals("550 5.2.2") || answer.startsWith("451 4."), answer);
      }
    }
    assertTrue(stored > 0);
    assertEquals(stored, store.deliveriesTo(good));
    assertEquals(0, store.deliveriesTo(full));
  }

  // L8: a store that will not forget is not asked again on that connection
  @ParameterizedTest
  @ValueSource(strings = {"500 5.5.1 RSET?", "451 4.3.0 No", "354 Go", "garbage", "421 4.3.2 Bye"})
  void connectionWhoseResetFailsIsNotUsedAgain(String reply) {
    AttackedRelay.Group group = relay.next();
    String user = group.user("a");
    DeliveryScript store = saying(Point.RSET, reply);
    ScriptedStore open = group.open(0, store);
    try (DeliveryConnection mta = relay.mta()) {
      mta.envelope("mta@example.org", List.of(user));
      assertTrue(mta.command("RSET").startsWith("250"));
      assertEquals(List.of(STORED), relay.deliver(mta, List.of(user), "x\r\n"));
    }
    assertEquals(2, open.connections());
    assertEquals(1, store.deliveriesTo(user));
  }

  // B8: gone with a reset in the middle of the message, at every host
  @Test
  void groupWhoseStoresResetWithinTheMessageIsAnOutage() {
    AttackedRelay.Group group = relay.next();
    for (int i = 0; i < 2; i++) {
      group.open(i, doing(Point.BODY, (peer, time) -> reset(peer)));
    }
    String answer = relay.deliver(List.of(group.user("a"))).get(0);
    assertTrue(answer.startsWith("451 4."), answer);
  }

  // B1: silent at the end, so that nobody knows: told within the MTA's patience
  @Test
  void storesOwnRefusalsArePassedOnAsTheyAre() {
    AttackedRelay.Group group = relay.next();
    String user = group.user("a");
    group.open(0, saying(Point.FINAL_REPLY, "552 5.2.2 <x> Over quota"));
    ScriptedStore second = group.open(1, new DeliveryScript());
    assertEquals(List.of("552 5.2.2"), relay.deliver(List.of(user)));
    assertEquals(0, second.connections());
  }

  private static String endless(StorePeer peer, String octets) throws EOFException {
    try {
      for (int i = 0; i < 10_000; i++) {
        peer.send(octets);
      }
    } catch (java.io.IOException closed) {
      throw new EOFException("the program closed");
    }
    throw new AssertionError("the program reads on and on");
  }

  private static String drip(StorePeer peer) throws java.io.IOException {
    for (char octet : "220 store.test LMTP ready, and more".toCharArray()) {
      peer.send(String.valueOf(octet));
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
    }
    return DeliveryScript.hang(peer);
  }

  private static String halfClose(StorePeer peer) throws java.io.IOException {
    peer.say("220 store.test");
    peer.finish();
    return DeliveryScript.hang(peer);
  }

  private static String reset(StorePeer peer) throws java.io.IOException {
    peer.reset();
    throw new EOFException("reset");
  }

  private static String slowly(StorePeer peer) throws java.io.IOException {
    for (char octet : "250 2.0.0 stor".toCharArray()) {
      peer.send(String.valueOf(octet));
    }
    return "ed";
  }

  private static String oneTooMany(StorePeer peer, String when) throws java.io.IOException {
    if (when.equals("late")) {
      peer.say("250 2.0.0 Stored");
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
      return "250 2.0.0 Stored again";
    }
    return "250 2.0.0 Stored\r\n250 2.0.0 Stored again";
  }
}
