package org.openmmp.lmtp.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.openmmp.testkit.FakeClock;

/** One group's trouble leaves the others room (rule B5.17). */
class BulkheadsTest {
  /** What there is for a delivery that would begin. */
  private enum Entry {
    NOW,
    LATER,
    NOT
  }

  private static final int SHARE = 10;
  private static final Duration CALM = Bulkheads.CALM;
  private static final Duration PATIENCE = Bulkheads.PATIENCE;

  private final FakeClock clock = new FakeClock();
  private final Bulkheads bulkheads = new Bulkheads();

  BulkheadsTest() {
    Stream.of("hung", "well").forEach(group -> learn(group, Duration.ofMillis(5)));
    clock.pass(Bulkheads.LATELY);
  }

  /** A group that answers so fast as a rule. */
  private void learn(String group, Duration usual) {
    for (int delivery = 0; delivery < 60; delivery++) {
      Bulkheads.Berth berth = waits(group);
      clock.pass(usual);
      berth.heard(clock.now());
      berth.leave();
    }
  }

  private Entry entry(Bulkheads.Berth berth) {
    if (berth.begins(SHARE, clock.now())) {
      return Entry.NOW;
    }
    return berth.surplus(SHARE, clock.now()) ? Entry.NOT : Entry.LATER;
  }

  /** What a newcomer hears, who does not come then. */
  private Entry entry(String group) {
    Bulkheads.Berth newcomer = bulkheads.enter(group, clock.now());
    Entry entry = entry(newcomer);
    newcomer.leave();
    return entry;
  }

  /** One that was let in, and whose store owes it a word from now on. */
  private Bulkheads.Berth waits(String group) {
    Bulkheads.Berth berth = bulkheads.enter(group, clock.now());
    assertEquals(Entry.NOW, entry(berth));
    berth.owes(true, clock.now());
    return berth;
  }

  private List<Bulkheads.Berth> wait(String group, int count) {
    return Stream.generate(() -> waits(group)).limit(count).toList();
  }

  @Test
  void nextOneWaitsBehindSilenceAndIsTurnedAwayOnceThatLastsLong() {
    waits("well").leave();
    wait("hung", 5);
    assertEquals(Entry.NOW, entry("hung"));
    clock.pass(CALM);
    assertEquals(Entry.LATER, entry("hung"));
    clock.pass(PATIENCE.minus(CALM));
    assertEquals(Entry.NOT, entry("hung"));
    assertEquals(Entry.NOW, entry("well"));
  }

  @Test
  void groupMayHoldEverythingWhileNobodyElseHasMail() {
    wait("hung", 5);
    clock.pass(PATIENCE);
    assertEquals(Entry.NOW, entry("hung"));
    waits("well").leave();
    assertEquals(Entry.NOT, entry("hung"));
    clock.pass(Bulkheads.LATELY);
    assertEquals(Entry.NOW, entry("hung"));
  }

  @Test
  void shareGrowsWithAllThatIsUnderWay() {
    wait("hung", 4);
    for (Bulkheads.Berth well : wait("well", 35)) {
      well.owes(false, clock.now());
    }
    clock.pass(PATIENCE);
    assertEquals(Entry.NOT, entry("hung"), "a tenth of 40");
    wait("well", 10);
    assertEquals(Entry.NOW, entry("hung"), "a tenth of 50");
  }

  @Test
  void whoIsHeldGoesOnWhenTheStoreSpeaks() {
    Bulkheads.Berth first = waits("hung");
    waits("well");
    clock.pass(CALM);
    Bulkheads.Berth held = bulkheads.enter("hung", clock.now());
    assertEquals(Entry.LATER, entry(held));
    assertFalse(held.hasBegun());
    assertEquals(clock.in(Duration.ofMillis(100)), held.judgedNext());
    first.heard(clock.now());
    assertEquals(Entry.NOW, entry(held));
    assertTrue(held.hasBegun());
  }

  @Test
  void surplusIsWhoCameBehindTheShare() {
    List<Bulkheads.Berth> hung = wait("hung", 3);
    waits("well");
    assertFalse(hung.get(2).surplus(SHARE, clock.now()));
    clock.pass(PATIENCE);
    assertEquals(
        List.of(false, true, true),
        hung.stream().map(each -> each.surplus(SHARE, clock.now())).toList());
    hung.get(0).leave();
    hung.get(1).leave();
    assertFalse(hung.get(2).surplus(SHARE, clock.now()));
  }

  @Test
  void everyWordOfAStoreBeginsItsTimeAnew() {
    Bulkheads.Berth slow = waits("hung");
    waits("well");
    for (int word = 0; word < 5; word++) {
      clock.pass(PATIENCE.minusMillis(1));
      assertEquals(Entry.LATER, entry("hung"));
      slow.heard(clock.now());
      assertEquals(Entry.NOW, entry("hung"));
    }
  }

  @Test // B2.6: slow is not down
  void groupThatIsSlowAsARuleHasMorePatience() {
    learn("slow", Duration.ofSeconds(3));
    wait("slow", 20);
    waits("well");
    clock.pass(Duration.ofMillis(11_900));
    assertEquals(Entry.NOW, entry("slow"));
    clock.pass(Duration.ofMillis(200));
    assertEquals(Entry.NOT, entry("slow"));
  }

  @Test
  void groupThatIsNotKnownYetHasSomePatience() {
    waits("new");
    waits("well");
    clock.pass(Duration.ofMillis(3_999));
    assertEquals(Entry.NOW, entry("new"));
    clock.pass(Duration.ofMillis(1));
    assertEquals(Entry.NOT, entry("new"));
  }

  @Test
  void hungStoreThatComesBackHasNotTaughtItsGroupToBePatient() {
    learn("hung", Duration.ofMinutes(10));
    wait("hung", 2);
    waits("well");
    clock.pass(Duration.ofSeconds(41));
    assertEquals(Entry.NOT, entry("hung"));
  }

  @Test
  void clientThatTakesItsTimeIsNoTroubleOfItsGroup() {
    Bulkheads.Berth berth = waits("hung");
    waits("well");
    berth.owes(false, clock.now());
    clock.pass(PATIENCE);
    assertEquals(Entry.NOW, entry("hung"));
    berth.owes(true, clock.now());
    assertEquals(Entry.NOW, entry("hung"));
    clock.pass(PATIENCE);
    assertEquals(Entry.NOT, entry("hung"));
  }

  @Test
  void itIsAskedForItsPlaceWhenItsTimeIsOverAndEverySecondFromThenOn() {
    Bulkheads.Berth berth = waits("hung");
    assertEquals(clock.in(PATIENCE), berth.judgedNext());
    clock.pass(PATIENCE);
    berth.surplus(SHARE, clock.now());
    assertEquals(clock.in(Duration.ofSeconds(1)), berth.judgedNext());
    berth.owes(false, clock.now());
    assertNull(berth.judgedNext());
  }

  @Test
  void whoeverLeavesTwiceLeavesOnce() {
    List<Bulkheads.Berth> others = wait("well", 19);
    Bulkheads.Berth gone = waits("well");
    gone.leave();
    gone.leave();
    others.forEach(each -> each.owes(false, clock.now()));
    waits("hung");
    clock.pass(PATIENCE);
    assertEquals(Entry.NOW, entry("hung"), "with the newcomer there are 21, and a tenth is two");
  }
}
