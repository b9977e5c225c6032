package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.routing.TlsPolicy;

/** Rows B2, B4, B5, B6 and B8: stores that send too much, say odd things, or break off. */
@Tag("slow")
final class BrokenStoreTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static Arena arena;

  @BeforeAll
  static void startProxy(@TempDir Path workplace) {
    arena = new Arena(workplace, Map.of(TlsPolicy.OFF, 40), 2);
  }

  @AfterAll
  static void stopProxy() {
    arena.close();
  }

  // B2
  @ParameterizedTest
  @ValueSource(
      strings = {"* OK ", "x", "\0", "* OK x\r\n", "\r\n", "* 1 FETCH {9999999}\r\n", "+ \r\n"})
  void anEndlessGreetingIsCutAndTheNextHostServes(String again) {
    DirectMemory before = DirectMemory.now();
    AtomicLong sent = new AtomicLong();
    Arena.Round round = arena.next();
    StoreScript second = round.honest();
    round.open(0, peer -> flood(peer, again, sent));
    round.open(1, second);
    round.logInAt(second);
    assertTrue(sent.get() < 16 << 20, "taken: " + sent);
    before.assertFlat();
  }

  // B2: the same instead of an answer to the login
  @ParameterizedTest
  @ValueSource(
      strings = {"* OK still there\r\n", "* CAPABILITY IMAP4rev1\r\n", "P9 OK in\r\n", "* "})
  void endlessUntaggedLinesAreCutAndTheNextHostServes(String again) {
    Arena.Round round = arena.next();
    StoreScript second = round.honest();
    round.open(0, round.honest().answer(again.repeat(200_000 / again.length())));
    round.open(1, second);
    round.logInAt(second);
  }

  // B4
  @Test
  void onlyWhatMayPassReachesTheClientBeforeTheAnswer() {
    Arena.Round round = arena.next();
    round.open(
        0,
        round
            .honest()
            .answer(
                String.join(
                    "\r\n",
                    "* OK [ALERT] Read this",
                    "* 1 EXISTS",
                    "* OK [UIDNEXT 4] x",
                    "* NO [ALERT] hm",
                    "a OK for the client",
                    "a NO for the client",
                    "* LIST () \"/\" x",
                    "%t OK [CAPABILITY IMAP4rev1] in",
                    "")));
    try (RawClient client = arena.proxy().client()) {
      assertEquals(
          "a OK [CAPABILITY IMAP4rev1] in",
          client.command("a", AttackedProxy.login(round.group())));
      assertEquals("* OK [ALERT] Read this", client.lines().get(1));
      assertEquals(3, client.lines().size(), client.heard());
    }
  }

  // B4: nothing but the tagged answer counts
  @ParameterizedTest
  @ValueSource(
      strings = {
        "* BYE going down\r\n",
        "* BYE going down\r\n%t OK in\r\n",
        "%tx OK in\r\n",
        "OK in\r\n",
        "%t\r\n",
        "%t OKAY in\r\n",
        "%t YES in\r\n",
        "%t OK",
      })
  void anAnswerThatIsNoneLeadsToTheNextHost(String octets) {
    Arena.Round round = arena.next();
    StoreScript second = round.honest();
    round.open(0, round.honest().answer(octets));
    round.open(1, second);
    round.logInAt(second);
  }

  // B5
  @Test
  void aStoreThatEndsEveryLoginCausesNoStorm() {
    Arena.Round round = arena.next();
    ScriptedStore closing = round.open(0, round.honest().answer("* BYE gone\r\n"));
    for (int i = 0; i < 20; i++) {
      round.assertUnavailable(round.logIn());
    }
    // One further round for a temporary refusal, and no more, whatever the number of logins.
    assertTrue(closing.connections() <= 2 * 20, "connections: " + closing.connections());
  }

  // B5: it accepts the login, and then closes
  @Test
  void aSessionThatItsStoreClosesEndsForTheClientToo() {
    Arena.Round round = arena.next();
    ScriptedStore store =
        round.open(
            0,
            peer -> {
              peer.say("* OK [CAPABILITY IMAP4rev1] ready");
              String line = String.valueOf(peer.line());
              peer.say(line.substring(0, line.indexOf(' ')) + " OK [CAPABILITY IMAP4rev1] in");
            });
    for (int i = 0; i < 5; i++) {
      try (RawClient client = arena.proxy().client()) {
        client.send("a " + AttackedProxy.login(round.group()) + "\r\n");
        String rest = client.rest();
        assertEquals(1, rest.lines().filter(line -> line.startsWith("a OK")).count(), rest);
      }
    }
    assertEquals(5, store.connections());
  }

  // B6
  @Test
  void aGigabyteToAClientThatDoesNotReadStaysInTheStore() {
    DirectMemory before = DirectMemory.now();
    AtomicLong sent = new AtomicLong();
    Arena.Round round = arena.next();
    round.open(
        0,
        peer -> {
          logInAnybody(peer);
          flood(peer, "x".repeat(64 * 1024), sent);
        });
    try (RawClient client = arena.proxy().client()) {
      assertTrue(client.command("a", AttackedProxy.login(round.group())).startsWith("a OK"));
      awaitStandstill(sent);
      assertTrue(sent.get() < 64L << 20, "taken: " + sent);
      before.assertFlat();
      client.octets(1 << 20);
      assertFalse(client.heard().contains("BYE"));
    }
  }

  // B8
  @Test
  void aStoreThatBreaksOffInALiteralEndsTheClientsConnection() {
    for (boolean reset : new boolean[] {true, false}) {
      Arena.Round round = arena.next();
      round.open(
          0,
          peer -> {
            logInAnybody(peer);
            peer.line();
            peer.send("* 1 FETCH (BODY[] {1000}\r\nhalf");
            if (reset) {
              peer.reset();
            }
          });
      try (RawClient client = arena.proxy().client()) {
        client.command("a", AttackedProxy.login(round.group()));
        String rest = client.send("b FETCH 1 BODY[]\r\n").rest();
        assertTrue(rest.isEmpty() || "* 1 FETCH (BODY[] {1000}\r\nhalf".startsWith(rest), rest);
      }
    }
    awaitNoSessions();
  }

  // B8
  @Test
  void aClientThatBreaksOffInALiteralEndsTheStoresConnection() throws InterruptedException {
    for (boolean reset : new boolean[] {true, false}) {
      CountDownLatch closed = new CountDownLatch(1);
      Arena.Round round = arena.next();
      round.open(
          0,
          peer -> {
            logInAnybody(peer);
            try {
              peer.awaitClose();
            } finally {
              closed.countDown();
            }
          });
      RawClient client = arena.proxy().client();
      client.command("a", AttackedProxy.login(round.group()));
      client.send("b APPEND INBOX {100000}\r\nhalf a message");
      if (reset) {
        client.reset();
      } else {
        client.close();
      }
      assertTrue(closed.await(SOON.toSeconds(), TimeUnit.SECONDS));
    }
    awaitNoSessions();
  }

  // B8: the client has said all, and still reads
  @Test
  void aHalfClosedSessionIsServedToItsEnd() {
    Arena.Round round = arena.next();
    round.open(
        0,
        peer -> {
          logInAnybody(peer);
          peer.awaitClose();
          peer.say("* BYE all is said");
        });
    try (RawClient client = arena.proxy().client()) {
      client.command("a", AttackedProxy.login(round.group()));
      assertEquals("* BYE all is said\r\n", client.send("b LOGOUT\r\n").finish().rest());
    }
  }

  private static void logInAnybody(StorePeer peer) throws IOException {
    peer.say("* OK [CAPABILITY IMAP4rev1] ready");
    String line = String.valueOf(peer.line());
    peer.say(line.substring(0, line.indexOf(' ')) + " OK [CAPABILITY IMAP4rev1] in");
  }

  private static void flood(StorePeer peer, String again, AtomicLong sent) throws IOException {
    String block = again.repeat(Math.max(1, 8192 / again.length()));
    while (sent.get() < 1L << 30) {
      peer.send(block);
      sent.addAndGet(block.length());
    }
  }

  /** Returns once nothing more is taken for a while. */
  private static void awaitStandstill(AtomicLong sent) {
    long[] last = {-1, 0};
    Await.until(
        "the store can send no more",
        Duration.ofSeconds(20),
        () -> {
          last[1] = sent.get() == last[0] ? last[1] + 1 : 0;
          last[0] = sent.get();
          return last[1] > 50;
        });
  }

  private static void awaitNoSessions() {
    Await.until(
        "no session is left",
        SOON,
        () ->
            arena
                .proxy()
                .page("/metrics")
                .lines()
                .anyMatch(line -> line.matches("openmmp_connections(\\{.*})? 0(\\.0)?")));
  }
}
