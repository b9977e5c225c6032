package org.openmmp.it.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.routing.TlsPolicy;

/**
 * One side says its last word and ends its direction, and the other goes on: over every kind of
 * connection with the client and with the store.
 */
final class HalfClosureTest {
  private static final int LINES = 2_000;
  private static final String MUCH = ("y".repeat(98) + "\r\n").repeat(LINES);
  private static final List<TlsPolicy> LINES_TO_CLIENTS =
      List.of(TlsPolicy.OFF, TlsPolicy.STARTTLS, TlsPolicy.IMPLICIT);

  private static Arena arena;

  @BeforeAll
  static void startProxy(@TempDir Path workplace) {
    Map<TlsPolicy, Integer> groups = new EnumMap<>(TlsPolicy.class);
    LINES_TO_CLIENTS.forEach(policy -> groups.put(policy, 12));
    arena =
        new Arena(
            workplace,
            groups,
            1,
            "openmmp.proxy-defaults { connect-timeout = 9s, greeting-timeout = 9s }",
            "openmmp.login.deadline = 20s");
  }

  @AfterAll
  static void stopProxy() {
    arena.close();
  }

  static Stream<Arguments> ways() {
    List<Arguments> all = new ArrayList<>();
    for (MailProtocol protocol : MailProtocol.values()) {
      for (TlsPolicy toClient : LINES_TO_CLIENTS) {
        for (TlsPolicy toStore : LINES_TO_CLIENTS) {
          all.add(Arguments.of(protocol, toClient, toStore));
        }
      }
    }
    return all.stream();
  }

  // B3.17
  @ParameterizedTest
  @MethodSource("ways")
  void clientThatHasSentItsLastCommandGetsTheWholeAnswer(
      MailProtocol protocol, TlsPolicy toClient, TlsPolicy toStore) throws Exception {
    Arena.Round round = arena.next(protocol, toStore);
    CompletableFuture<String> cameAtStore = new CompletableFuture<>();
    StoreScript store =
        round
            .honest()
            .mailbox(
                peer -> {
                  int before = peer.heard().length();
                  peer.awaitClose();
                  cameAtStore.complete(peer.heard().substring(before));
                  peer.send(MUCH);
                });
    try (ScriptedStore listening = round.open(0, store);
        RawClient client = connected(protocol, toClient)) {
      round.assertAccepted(round.logIn(client));
      client.send(MUCH).finish();
      assertEquals(MUCH, cameAtStore.get(30, TimeUnit.SECONDS));
      assertEquals(MUCH, client.rest());
      assertEquals(1, listening.connections());
    }
  }

  // B3.17
  @ParameterizedTest
  @MethodSource("ways")
  void storeThatHasSaidItsLastWordGetsAllThatTheClientStillSends(
      MailProtocol protocol, TlsPolicy toClient, TlsPolicy toStore) throws Exception {
    Arena.Round round = arena.next(protocol, toStore);
    CompletableFuture<String> cameAtStore = new CompletableFuture<>();
    StoreScript store =
        round
            .honest()
            .mailbox(
                peer -> {
                  int before = peer.heard().length();
                  peer.send(MUCH);
                  peer.end();
                  peer.awaitClose();
                  cameAtStore.complete(peer.heard().substring(before));
                });
    try (ScriptedStore listening = round.open(0, store);
        RawClient client = connected(protocol, toClient)) {
      round.assertAccepted(round.logIn(client));
      assertEquals(MUCH, client.octets(MUCH.length()));
      assertNull(client.line());
      client.send(MUCH).finish();
      assertEquals(MUCH, cameAtStore.get(30, TimeUnit.SECONDS));
      assertEquals(1, listening.connections());
    }
  }

  private static RawClient connected(MailProtocol protocol, TlsPolicy policy) {
    if (policy == TlsPolicy.IMPLICIT) {
      return arena.proxy().tlsClient(protocol);
    }
    RawClient client = arena.proxy().client(protocol);
    if (policy == TlsPolicy.STARTTLS) {
      if (protocol == MailProtocol.IMAP) {
        client.command("s", "STARTTLS");
      } else {
        client.reply("STLS");
      }
      client.startTls(TestIdentity.anonymous());
    }
    return client;
  }
}
