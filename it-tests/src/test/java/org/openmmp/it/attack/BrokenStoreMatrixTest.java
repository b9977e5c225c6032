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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.config.TlsPolicy;

/** Row B1: every way in which a store can be broken, at every place of a group, on every wire. */
@Tag("slow")
final class BrokenStoreMatrixTest {
  private static final List<TlsPolicy> WIRES =
      List.of(TlsPolicy.OFF, TlsPolicy.STARTTLS, TlsPolicy.IMPLICIT);
  private static final List<List<Integer>> PLACES =
      List.of(List.of(0), List.of(1), List.of(2), List.of(0, 1), List.of(0, 1, 2));
  private static final int AT_ONCE = 24;
  private static final Duration LOGIN_DEADLINE = Duration.ofSeconds(8);
  private static final TestIdentity SOMEBODY_ELSES = TestAuthority.shared().host("else.test");

  /** How a store is broken. */
  private enum Fault {
    REFUSES,
    SILENT,
    SILENT_AFTER_GREETING,
    SILENT_AFTER_LOGIN,
    RESETS,
    CLOSES_AT_LOGIN,
    ONE_OCTET_A_SECOND,
    BAD_CERTIFICATE,
    BYE,
    TEMPORARY_ERROR,
    TEMPORARY_BYE_AT_LOGIN,
    NOT_IMAP,
    REFERS;

    ScriptedStore.@Nullable Script script(Arena.Round round, TlsPolicy wire, int index) {
      ImapScript honest = round.honest();
      return switch (this) {
        case REFUSES -> null;
        case SILENT -> StorePeer::awaitClose;
        case SILENT_AFTER_GREETING -> greeted(round, wire, StorePeer::awaitClose);
        case SILENT_AFTER_LOGIN -> honest.answer("");
        case RESETS -> StorePeer::reset;
        case CLOSES_AT_LOGIN ->
            honest.answer(
                login -> {
                  throw new UncheckedIOException(new IOException("the script closes"));
                });
        case ONE_OCTET_A_SECOND -> BrokenStoreMatrixTest::trickle;
        case BAD_CERTIFICATE -> new ImapScript().secured(wire, SOMEBODY_ELSES.context());
        case BYE -> honest.greeting("* BYE [UNAVAILABLE] going down");
        case TEMPORARY_ERROR -> honest.answer("%t NO [UNAVAILABLE] not now\r\n");
        case TEMPORARY_BYE_AT_LOGIN -> honest.answer("* BYE shutting down\r\n");
        case NOT_IMAP -> peer -> peer.send("220 smtp.test ESMTP\r\n\0\0\0\r\n");
        case REFERS ->
            honest.answer(
                "%t OK [REFERRAL imap://" + round.host((index + 1) % 3) + "/] go there\r\n");
      };
    }
  }

  private static ScriptedStore.Script greeted(
      Arena.Round round, TlsPolicy wire, ScriptedStore.Script then) {
    return peer -> {
      if (wire == TlsPolicy.IMPLICIT) {
        peer.startTls(Arena.HONEST);
      }
      peer.say("* OK ready at " + round.group());
      then.play(peer);
    };
  }

  private static void trickle(StorePeer peer) throws IOException {
    for (char octet : "* OK a very slow greeting".toCharArray()) {
      peer.send(String.valueOf(octet));
      LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
    }
  }

  // B1
  @Test
  void everyFaultAtEveryPlaceOnEveryWireHasItsAnswer(@TempDir Path workplace)
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
            if (fault != Fault.BAD_CERTIFICATE || wire != TlsPolicy.OFF) {
              running.add(threads.submit(() -> tryOne(arena, fault, wire, broken)));
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

  private static void tryOne(Arena arena, Fault fault, TlsPolicy wire, List<Integer> broken) {
    Arena.Round round = arena.next(wire);
    List<ImapScript> honest = new ArrayList<>();
    for (int index = 0; index < 3; index++) {
      ScriptedStore.@Nullable Script script =
          broken.contains(index) ? fault.script(round, wire, index) : round.honest();
      if (script != null) {
        round.open(index, script);
      }
      honest.add(
          !broken.contains(index) && script instanceof ImapScript good ? good : new ImapScript());
    }
    String what = fault + " " + wire + " " + broken;
    long begun = System.nanoTime();
    String answer = round.logIn();
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    assertTrue(took.compareTo(LOGIN_DEADLINE.plusSeconds(4)) < 0, what + " took " + took);
    if (broken.size() == 3) {
      assertTrue(answer.startsWith("a NO [UNAVAILABLE]"), what + ": " + answer);
      return;
    }
    int serving = broken.contains(0) ? broken.contains(1) ? 2 : 1 : 0;
    assertTrue(answer.startsWith("a OK"), what + ": " + answer);
    for (int index = 0; index < 3; index++) {
      assertEquals(
          index == serving ? List.of(round.user()) : List.of(),
          honest.get(index).users(),
          what + ", host " + index);
    }
  }
}
