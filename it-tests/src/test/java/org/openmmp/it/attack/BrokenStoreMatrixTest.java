package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
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
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.routing.TlsPolicy;

/** Row B1: every way in which a store can be broken, at every place of a group, on every wire. */
@Tag("slow")
final class BrokenStoreMatrixTest {
  private static final List<TlsPolicy> WIRES =
      List.of(TlsPolicy.OFF, TlsPolicy.STARTTLS, TlsPolicy.IMPLICIT);
  private static final List<List<Integer>> PLACES =
      List.of(List.of(0), List.of(1), List.of(2), List.of(0, 1), List.of(0, 1, 2));
  private static final int AT_ONCE = 12;
  private static final Duration LOGIN_DEADLINE = Duration.ofSeconds(8);
  private static final TestIdentity SOMEBODY_ELSES = TestAuthority.shared().host("else.test");

  /** How a store is broken. */
  private enum Fault {
    REFUSES,
    DROPS_SYN,
    SILENT,
    SILENT_AFTER_TLS,
    SILENT_AFTER_GREETING,
    SILENT_AFTER_LOGIN,
    RESETS,
    CLOSES_AT_LOGIN,
    ONE_OCTET_A_SECOND,
    BAD_CERTIFICATE,
    REFUSES_IN_GREETING,
    TEMPORARY_ERROR,
    GOES_DOWN_AT_LOGIN,
    OTHER_PROTOCOL,
    REFERS;

    boolean possible(TlsPolicy wire) {
      return wire != TlsPolicy.OFF || (this != BAD_CERTIFICATE && this != SILENT_AFTER_TLS);
    }

    ScriptedStore.@Nullable Script script(Arena.Round round, TlsPolicy wire, int index) {
      StoreScript honest = round.honest();
      Words words = Words.of(round.protocol());
      return switch (this) {
        case REFUSES, DROPS_SYN -> null;
        case SILENT -> StorePeer::awaitClose;
        case SILENT_AFTER_TLS ->
            peer -> {
              peer.silenceBehindTls();
              honest.play(peer);
            };
        case SILENT_AFTER_GREETING -> greeted(words, wire, StorePeer::awaitClose);
        case SILENT_AFTER_LOGIN -> honest.answer("");
        case RESETS -> StorePeer::reset;
        case CLOSES_AT_LOGIN ->
            honest.answer(
                login -> {
                  throw new UncheckedIOException(new IOException("the script closes"));
                });
        case ONE_OCTET_A_SECOND -> peer -> trickle(peer, words);
        case BAD_CERTIFICATE ->
            StoreScript.of(round.protocol()).secured(wire, SOMEBODY_ELSES.context());
        case REFUSES_IN_GREETING -> honest.greeting(words.refusingGreeting);
        case TEMPORARY_ERROR -> honest.answer(words.temporaryError);
        case GOES_DOWN_AT_LOGIN -> honest.answer(words.goingDown);
        case OTHER_PROTOCOL -> peer -> peer.send("220 smtp.test ESMTP\r\n\0\0\0\r\n");
        case REFERS -> honest.answer(words.referral.replace("TARGET", round.host((index + 1) % 3)));
      };
    }
  }

  /** What a broken store says in its protocol. */
  private record Words(
      String greeting,
      String refusingGreeting,
      String temporaryError,
      String goingDown,
      String referral) {
    static Words of(MailProtocol protocol) {
      return switch (protocol) {
        case IMAP ->
            new Words(
                "* OK a very slow greeting",
                "* BYE [UNAVAILABLE] going down",
                "%t NO [UNAVAILABLE] not now\r\n",
                "* BYE shutting down\r\n",
                "%t OK [REFERRAL imap://TARGET/] go there\r\n");
        case POP3 ->
            new Words(
                "+OK a very slow greeting",
                "-ERR [SYS/TEMP] going down",
                "-ERR [SYS/TEMP] not now\r\n",
                "-ERR [SYS/TEMP] shutting down\r\n",
                "-ERR [SYS/REFER/TARGET] go there\r\n");
      };
    }
  }

  private static ScriptedStore.Script greeted(
      Words words, TlsPolicy wire, ScriptedStore.Script then) {
    return peer -> {
      if (wire == TlsPolicy.IMPLICIT) {
        peer.startTls(Arena.HONEST);
      }
      peer.say(words.greeting);
      then.play(peer);
    };
  }

  private static void trickle(StorePeer peer, Words words) throws IOException {
    for (char octet : words.greeting.toCharArray()) {
      peer.send(String.valueOf(octet));
      LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
    }
  }

  // B1
  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void everyFaultAtEveryPlaceOnEveryWireHasItsAnswer(MailProtocol protocol, @TempDir Path workplace)
      throws InterruptedException {
    List<Executable> outcomes = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    Map<TlsPolicy, Integer> groups = new EnumMap<>(TlsPolicy.class);
    WIRES.forEach(wire -> groups.put(wire, Fault.values().length * PLACES.size()));
    try (Arena arena = new Arena(workplace, groups, 3, settings())) {
      List<Future<?>> running = new ArrayList<>();
      for (Fault fault : Fault.values()) {
        for (TlsPolicy wire : WIRES) {
          for (List<Integer> broken : PLACES) {
            if (fault.possible(wire)) {
              running.add(
                  threads.submit(() -> tryOne(arena.next(protocol, wire), fault, wire, broken)));
            }
          }
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

  private static String settings() {
    return "openmmp.proxy-defaults { connect-timeout = 1500ms, greeting-timeout = 1500ms }";
  }

  private static void tryOne(Arena.Round round, Fault fault, TlsPolicy wire, List<Integer> broken) {
    List<DeafStore> deaf = new ArrayList<>();
    if (fault == Fault.DROPS_SYN) {
      broken.forEach(index -> deaf.add(new DeafStore(round.address(index), round.port())));
    }
    try {
      tryOneOf(round, fault, wire, broken);
    } finally {
      deaf.forEach(DeafStore::close);
    }
  }

  private static void tryOneOf(
      Arena.Round round, Fault fault, TlsPolicy wire, List<Integer> broken) {
    Map<Integer, ScriptedStore> opened = new TreeMap<>();
    List<StoreScript> honest = new ArrayList<>();
    for (int index = 0; index < 3; index++) {
      ScriptedStore.@Nullable Script script =
          broken.contains(index) ? fault.script(round, wire, index) : round.honest();
      if (script != null) {
        opened.put(index, round.open(index, script));
      }
      honest.add(
          !broken.contains(index) && script instanceof StoreScript good ? good : round.honest());
    }
    String what = fault + " " + wire + " " + broken;
    long begun = System.nanoTime();
    String answer = round.logIn();
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    assertTrue(took.compareTo(LOGIN_DEADLINE.plusSeconds(10)) < 0, what + " took " + took);
    if (broken.size() == 3) {
      assertTrue(answer.startsWith(round.protocol().unavailable()), what + ": " + answer);
      return;
    }
    int serving = broken.contains(0) ? broken.contains(1) ? 2 : 1 : 0;
    assertTrue(answer.startsWith(round.protocol().accepted()), what + ": " + answer);
    for (int index = 0; index < 3; index++) {
      assertEquals(
          index == serving ? List.of(round.user()) : List.of(),
          honest.get(index).users(),
          what + ", host " + index);
    }
    // Each host at most once for a login, and none behind the one that serves (B2.4).
    opened.forEach(
        (index, store) -> assertEquals(index <= serving ? 1 : 0, store.connections(), what));
  }
}
