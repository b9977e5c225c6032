package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.config.LmtpConfig;
import org.openmmp.lmtp.protocol.ReferralPattern;
import org.openmmp.lmtp.store.IdleStores;
import org.openmmp.lmtp.store.StoreCommand;
import org.openmmp.lmtp.store.StoreCommand.Kind;
import org.openmmp.lmtp.store.StoreConversation;
import org.openmmp.lmtp.store.StoreIntroduction;
import org.openmmp.lmtp.store.StoreKey;
import org.openmmp.lmtp.store.StorePlace;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.TlsPolicy;
import org.openmmp.testkit.FakeClock;

class IdleStoresTest {
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final FakeClock clock = new FakeClock();
  private long keys;
  private final IdleStores idle = new IdleStores(new LmtpConfig.Pool(IDLE, 3, 2, IDLE), key -> {});

  @Test // B5.10
  void lastUsedConnectionIsTakenFirst() {
    StoreConversation first = open("huey", Map.of());
    StoreConversation second = open("huey", Map.of());
    idle.keep(first, clock.now());
    idle.keep(second, clock.now());
    assertSame(second, take("huey", Map.of()));
    assertSame(first, take("huey", Map.of()));
    assertNull(take("huey", Map.of()));
  }

  @Test // B5.10, B3.12: a store that was told of a client serves that client's messages alone
  void connectionServesItsOwnPlaceAndClientOnly() {
    idle.keep(open("huey", Map.of("ADDR", "192.0.2.1")), clock.now());
    assertNull(take("dewey", Map.of("ADDR", "192.0.2.1")));
    assertNull(take("huey", Map.of("ADDR", "192.0.2.2")));
    assertNull(take("huey", Map.of()));
    assertNotNull(take("huey", Map.of("ADDR", "192.0.2.1")));
  }

  @Test // B5.10
  void oldestGoesWhenThereAreTooMany() {
    StoreConversation first = open("huey", Map.of());
    idle.keep(first, clock.now());
    assertEquals(List.of(), idle.keep(open("huey", Map.of()), clock.now()));
    assertEquals(List.of(first.key()), idle.keep(open("huey", Map.of()), clock.now()));
  }

  @Test // B5.10: so many clients behind a trusted one are no reason for as many connections
  void clientsThatStoresAreToldOfShareTheBoundOfAHost() {
    for (int i = 0; i < 10; i++) {
      int closed = idle.keep(open("huey", Map.of("ADDR", "192.0.2." + i)), clock.now()).size();
      assertEquals(i < 2 ? 0 : 1, closed);
    }
    assertNull(take("huey", Map.of("ADDR", "192.0.2.7")));
    assertNotNull(take("huey", Map.of("ADDR", "192.0.2.8")));
    assertNotNull(take("huey", Map.of("ADDR", "192.0.2.9")));
  }

  @Test // B5.10
  void unusedConnectionsExpire() {
    StoreConversation first = open("huey", Map.of());
    idle.keep(first, clock.now());
    clock.pass(Duration.ofSeconds(20));
    StoreConversation second = open("dewey", Map.of());
    idle.keep(second, clock.now());
    clock.pass(Duration.ofSeconds(10));
    assertNull(take("huey", Map.of()));
    assertEquals(List.of(first.key()), idle.expire(clock.now()));
    assertSame(second, take("dewey", Map.of()));
  }

  @Test // L8, B5.14: one whose RSET was answered is better, else whoever takes it waits for that
  void connectionIsUsedThoughItsResetIsNotAnsweredYet() {
    StoreConversation settled = open("huey", Map.of());
    idle.keep(settled, clock.now());
    StoreConversation store = open("huey", Map.of());
    store.enqueue(StoreCommand.of(Kind.RSET, "RSET"));
    store.flush();
    idle.keep(store, clock.now());
    assertSame(settled, take("huey", Map.of()));
    assertSame(store, take("huey", Map.of()));
  }

  @Test // B5.14: more than the answer to RSET is owed
  void connectionThatOwesMoreIsNotUsed() {
    StoreConversation store = open("huey", Map.of());
    store.expect(StoreCommand.of(Kind.CHUNK, ""));
    store.enqueue(StoreCommand.of(Kind.RSET, "RSET"));
    store.flush();
    idle.keep(store, clock.now());
    assertNull(take("huey", Map.of()));
  }

  @ParameterizedTest // L8
  @ValueSource(strings = {"500 5.5.2 what\r\n", "421 4.3.2 bye\r\n", "garbage\r\n"})
  void connectionWhoseResetFailsGoes(String reply) {
    StoreConversation store = open("huey", Map.of());
    store.enqueue(StoreCommand.of(Kind.RSET, "RSET"));
    store.flush();
    idle.keep(store, clock.now());
    assertNull(idle.onOctets(store.key(), reply.getBytes(StandardCharsets.US_ASCII)));
    assertNull(take("huey", Map.of()));
  }

  @ParameterizedTest // L7
  @ValueSource(strings = {"421 4.4.2 idle for too long\r\n", "250 2.0.0 what\r\n"})
  void connectionOnWhichTheStoreSpeaksUnaskedGoes(String word) {
    StoreConversation store = open("huey", Map.of());
    idle.keep(store, clock.now());
    assertNull(idle.onOctets(store.key(), word.getBytes(StandardCharsets.US_ASCII)));
    assertNull(take("huey", Map.of()));
  }

  @Test // B5.10, B2.26
  void connectionsToHostsThatAreNotWantedAnyMoreGo() {
    StoreConversation first = open("huey", Map.of());
    StoreConversation other = open("dewey", Map.of());
    StoreConversation second = open("huey", Map.of("ADDR", "192.0.2.1"));
    List.of(first, other, second).forEach(each -> idle.keep(each, clock.now()));
    assertEquals(
        List.of(first.key(), second.key()),
        idle.leave(place -> place.host().equals(new StoreHost("huey"))));
    assertNull(take("huey", Map.of()));
    assertNull(take("huey", Map.of("ADDR", "192.0.2.1")));
    assertSame(other, take("dewey", Map.of()));
    assertEquals(List.of(), idle.leave(place -> true));
  }

  @Test
  void nothingIsKeptWhereNothingMayBe() {
    IdleStores none = new IdleStores(new LmtpConfig.Pool(Duration.ZERO, 3, 2, IDLE), key -> {});
    StoreConversation store = open("huey", Map.of());
    assertEquals(List.of(store.key()), none.keep(store, clock.now()));
  }

  private @Nullable StoreConversation take(String host, Map<String, String> introduced) {
    return idle.take(place(host, introduced), clock.now());
  }

  private StoreConversation open(String host, Map<String, String> introduced) {
    var introduction =
        new StoreIntroduction("relay.test", new ReferralPattern(ReferralPattern.OWN_FORM), 3);
    StoreConversation store =
        new StoreConversation(new StoreKey(++keys, place(host, introduced)), introduction);
    store.onOctets(
        "220 hello\r\n250-store\r\n250 PIPELINING\r\n".getBytes(StandardCharsets.US_ASCII));
    return store;
  }

  private static StorePlace place(String host, Map<String, String> introduced) {
    StoreHost store = new StoreHost(host);
    StoreAccess access = RelayRig.access(TlsPolicy.OFF, StoreAccess.ClientId.NONE);
    return new StorePlace(store, ReplicationGroup.implicit(store), access, introduced);
  }
}
