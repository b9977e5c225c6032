package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openmmp.lmtp.store.StoreCapacity;
import org.openmmp.lmtp.store.StoreKey;

/** A store greets, and then says nothing to MAIL or DATA. */
@DisplayName("B5.17: where one delivery waits in silence, others ask another host first")
class SilentStoreTest {
  private final RelayRig rig =
      new RelayRig(1, List.of(RelayRig.group("ducks", "huey", "dewey", "louie")));

  @BeforeEach
  void open() {
    rig.user("alice@test", "ducks");
    rig.connect();
  }

  /** Another client's delivery has waited for long enough for that store's answer. */
  private StoreKey waitsAt(String host) {
    StoreCapacity.Claim other = rig.capacity.party(new Object()).claim();
    StoreKey key =
        Objects.requireNonNull(rig.capacity.dial(other, RelayRig.place(host), rig.clock.now()));
    rig.capacity.greeted(key, rig.clock.now());
    rig.capacity.asked(key, rig.clock.now());
    rig.clock.pass(Duration.ofSeconds(2));
    return key;
  }

  /** The store's word on a message that is delivered without any wait. */
  private String delivers() {
    long began = rig.clock.now();
    rig.say("MAIL FROM:<s@test>");
    assertEquals(List.of("250 2.1.5 OK"), rig.say("RCPT TO:<alice@test>"));
    rig.say("DATA");
    String answer = rig.say("x", ".").get(0);
    assertEquals(began, rig.clock.now());
    return answer;
  }

  @ParameterizedTest
  @EnumSource(names = {"NEVER_ANSWERS_MAIL", "NEVER_ANSWERS_DATA"})
  void othersAreDeliveredElsewhereAtOnce(Fate fate) {
    rig.host("huey").fate = fate;
    waitsAt("huey");
    for (int message = 0; message < 3; message++) {
      assertEquals("250 2.0.0 dewey has it for alice@test", delivers());
    }
    assertEquals(0, rig.host("huey").connects);
    assertEquals(0, rig.failures("ducks", "huey"));
  }

  /** One octet a second would keep every delivery waiting there, and each for all its time. */
  @ParameterizedTest
  @EnumSource(names = {"NEVER_ANSWERS_MAIL", "NEVER_ANSWERS_DATA"})
  void beginOfAnAnswerIsNone(Fate fate) {
    rig.host("huey").fate = fate;
    StoreCapacity.Claim other = rig.capacity.party(new Object()).claim();
    List<Boolean> silent = new ArrayList<>();
    rig.whenPassed(
        3,
        () -> {
          rig.drip("2");
          silent.add(rig.capacity.isSilent(other, RelayRig.place("huey"), rig.clock.now()));
        });
    rig.say("MAIL FROM:<s@test>");
    rig.say("RCPT TO:<alice@test>");
    rig.clock.pass(Duration.ofMillis(1));
    rig.say("DATA");
    rig.say("x", ".");
    assertEquals(List.of(true), silent);
  }

  @Test
  void storeThatAnswersIsAskedFirstAgain() {
    StoreKey waiting = waitsAt("huey");
    assertEquals("250 2.0.0 dewey has it for alice@test", delivers());
    rig.capacity.heard(waiting, rig.clock.now());
    assertEquals("250 2.0.0 huey has it for alice@test", delivers());
  }

  @Test
  void storeIsAskedFirstAgainOnceNobodyWaitsThere() {
    StoreKey waiting = waitsAt("huey");
    rig.capacity.closed(waiting, rig.clock.now());
    assertEquals("250 2.0.0 huey has it for alice@test", delivers());
  }

  @Test
  void whereNobodyElseTakesTheMessageItIsAskedAllTheSame() {
    waitsAt("huey");
    rig.host("dewey").fate = Fate.REFUSES_CONNECTIONS;
    rig.host("louie").fate = Fate.REFUSES_MAIL_FOR_NOW;
    assertEquals("250 2.0.0 huey has it for alice@test", delivers());
  }

  /** As many of the group wait as may, and another group has mail. */
  private void crowded() {
    for (int delivery = 0; delivery < 3; delivery++) {
      Bulkheads.Berth berth = rig.bulkheads.enter("ducks", rig.clock.now());
      assertTrue(berth.begins(10, rig.clock.now()));
      berth.owes(true, rig.clock.now());
    }
    rig.bulkheads.enter("mice", rig.clock.now());
    rig.clock.pass(Duration.ofSeconds(4));
  }

  @Test
  void soAreThoseThatMayNotWaitThere() {
    crowded();
    waitsAt("huey");
    assertEquals("250 2.0.0 dewey has it for alice@test", delivers());
    assertEquals(0, rig.host("huey").connects);
  }

  @Test
  void whoMayNotWaitIsPutOffWhereNobodyElseTakesTheMessage() {
    crowded();
    waitsAt("huey");
    rig.host("dewey").fate = Fate.REFUSES_CONNECTIONS;
    rig.host("louie").greeting = "220 replica LMTP [REFERRAL lmtp://huey/]";
    rig.say("MAIL FROM:<s@test>");
    long began = rig.clock.now();
    assertTrue(rig.say("RCPT TO:<alice@test>").get(0).startsWith("451 4.3.2 "));
    assertEquals(began, rig.clock.now());
    assertEquals(List.of("ducks"), rig.stuck);
    assertEquals(0, rig.host("huey").connects);
  }

  @Test // B5.6
  void masterThatReplicasNameIsAskedAllTheSame() {
    waitsAt("huey");
    rig.host("dewey").greeting = "220 replica LMTP [REFERRAL lmtp://huey/]";
    rig.host("louie").greeting = "220 replica LMTP [REFERRAL lmtp://huey/]";
    assertEquals("250 2.0.0 huey has it for alice@test", delivers());
  }

  @Test
  void masterThatReplicasNameNextIsFound() {
    waitsAt("huey");
    rig.host("huey").fate = Fate.NEVER_ANSWERS_MAIL;
    rig.host("dewey").greeting = "220 replica LMTP [REFERRAL lmtp://louie/]";
    assertEquals("250 2.0.0 louie has it for alice@test", delivers());
    assertEquals(0, rig.host("huey").connects);
  }
}
