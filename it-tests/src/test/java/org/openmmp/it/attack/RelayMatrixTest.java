package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.it.attack.DeliveryScript.Point;
import org.openmmp.routing.TlsPolicy;

/** Row B1 for LMTP: every way in which a store can be broken, at every place, on every wire. */
@Tag("slow")
final class RelayMatrixTest {
  private static final List<List<Integer>> PLACES =
      List.of(List.of(0), List.of(1), List.of(2), List.of(0, 1), List.of(0, 1, 2));
  private static final int AT_ONCE = 12;
  private static final int HOSTS = 3;

  /**
   * The longest search of a delivery, 8 s, and what a busy machine makes of it; without that limit
   * it were 30 s.
   */
  private static final Duration MOST = Duration.ofSeconds(28);

  private static final TestIdentity SOMEBODY_ELSES = TestAuthority.shared().host("else.test");

  /** How a store is broken. */
  private enum Fault {
    REFUSES,
    DROPS_SYN,
    SILENT,
    SILENT_AFTER_TLS,
    SILENT_AFTER_GREETING,
    SILENT_AFTER_MAIL,
    RESETS,
    ONE_OCTET_A_SECOND,
    BAD_CERTIFICATE,
    LEAVES_IN_GREETING,
    REFERS,
    TEMPORARY_ERROR;

    boolean possible(TlsPolicy wire) {
      return wire != TlsPolicy.OFF || (this != BAD_CERTIFICATE && this != SILENT_AFTER_TLS);
    }

    ScriptedStore.@Nullable Script script(AttackedRelay.Group group, TlsPolicy wire, int index) {
      DeliveryScript store = new DeliveryScript();
      return switch (this) {
        case REFUSES, DROPS_SYN -> null;
        case SILENT -> StorePeer::awaitClose;
        case SILENT_AFTER_TLS ->
            peer -> {
              peer.silenceBehindTls();
              secured(store, wire, Arena.HONEST).play(peer);
            };
        case SILENT_AFTER_GREETING -> hanging(store, Point.LHLO, wire);
        case SILENT_AFTER_MAIL -> hanging(store, Point.MAIL, wire);
        case RESETS -> StorePeer::reset;
        case ONE_OCTET_A_SECOND -> RelayMatrixTest::trickle;
        case BAD_CERTIFICATE -> secured(store, wire, SOMEBODY_ELSES.context());
        case LEAVES_IN_GREETING ->
            secured(store.saying(Point.GREETING, "421 4.3.2 Going down"), wire, Arena.HONEST);
        case REFERS ->
            secured(
                store.saying(
                    Point.GREETING,
                    "220 store.test LMTP [REFERRAL lmtp://"
                        + group.host((index + 1) % HOSTS)
                        + "/]"),
                wire,
                Arena.HONEST);
        case TEMPORARY_ERROR ->
            secured(store.saying(Point.MAIL, "451 4.3.0 Not now"), wire, Arena.HONEST);
      };
    }
  }

  private static ScriptedStore.Script hanging(DeliveryScript store, Point at, TlsPolicy wire) {
    return secured(store.at(at, (peer, time) -> DeliveryScript.hang(peer)), wire, Arena.HONEST);
  }

  private static ScriptedStore.Script secured(
      DeliveryScript store, TlsPolicy wire, javax.net.ssl.SSLContext with) {
    return switch (wire) {
      case OFF, OPPORTUNISTIC -> store;
      case STARTTLS -> store.secured(with);
      case IMPLICIT ->
          peer -> {
            peer.startTls(with);
            store.play(peer);
          };
    };
  }

  private static void trickle(StorePeer peer) throws IOException {
    for (char octet : "220 a very slow greeting".toCharArray()) {
      peer.send(String.valueOf(octet));
      LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
    }
  }

  // B1
  @ParameterizedTest
  @EnumSource(
      value = TlsPolicy.class,
      names = {"OFF", "STARTTLS", "IMPLICIT"})
  void everyFaultAtEveryPlaceHasItsAnswer(TlsPolicy wire, @TempDir Path workplace)
      throws InterruptedException {
    List<Executable> outcomes = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    try (AttackedRelay relay =
        new AttackedRelay(
            workplace,
            Fault.values().length * PLACES.size(),
            HOSTS,
            "openmmp.proxy-defaults { connect-timeout = 2500ms, greeting-timeout = 2500ms }",
            "openmmp.proxy-defaults.tls = " + wire.name().toLowerCase(Locale.ROOT))) {
      List<Future<?>> running = new ArrayList<>();
      for (Fault fault : Fault.values()) {
        for (List<Integer> broken : fault.possible(wire) ? PLACES : List.<List<Integer>>of()) {
          AttackedRelay.Group group = relay.next();
          String user = group.user("a");
          running.add(threads.submit(() -> tryOne(relay, group, user, fault, wire, broken)));
        }
      }
      for (Future<?> one : running) {
        try {
          one.get();
        } catch (ExecutionException e) {
          outcomes.add(
              () -> {
                throw e.getCause();
              });
        }
      }
    } finally {
      threads.shutdownNow();
    }
    assertAll(outcomes);
  }

  private static void tryOne(
      AttackedRelay relay,
      AttackedRelay.Group group,
      String user,
      Fault fault,
      TlsPolicy wire,
      List<Integer> broken) {
    String what = fault + " " + wire + " " + broken;
    Map<Integer, ScriptedStore> opened = new TreeMap<>();
    List<DeliveryScript> sound = new ArrayList<>();
    List<DeafStore> deaf = new ArrayList<>();
    for (int index = 0; index < HOSTS; index++) {
      DeliveryScript honest = new DeliveryScript();
      sound.add(honest);
      ScriptedStore.@Nullable Script script =
          broken.contains(index)
              ? fault.script(group, wire, index)
              : secured(honest, wire, Arena.HONEST);
      if (script != null) {
        opened.put(index, group.open(index, script));
      } else if (fault == Fault.DROPS_SYN) {
        deaf.add(new DeafStore(group.address(index), group.port()));
      }
    }
    long begun = System.nanoTime();
    String reply = relay.deliver(List.of(user)).get(0);
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    deaf.forEach(DeafStore::close);
    assertTrue(took.compareTo(MOST) < 0, what + " took " + took);
    if (broken.size() == HOSTS) {
      assertTrue(reply.startsWith("451 4."), what + ": " + reply);
      return;
    }
    int serving = broken.contains(0) ? broken.contains(1) ? 2 : 1 : 0;
    assertEquals("250 2.0.0", reply, what);
    for (int index = 0; index < HOSTS; index++) {
      int due = index == serving ? 1 : 0;
      assertEquals(due, sound.get(index).deliveriesTo(user), what + ", host " + index);
    }
    opened.forEach(
        (index, store) -> assertEquals(index <= serving ? 1 : 0, store.connections(), what));
  }
}
