package org.openmmp.shared;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who lives is seen by numbers that grow, by one's own clock (B10.1). */
class NeighboursTest {
  private static final long START = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(3);

  private final Neighbours neighbours = new Neighbours(1);
  private long sent;

  private static long at(int seconds) {
    return START + TimeUnit.SECONDS.toNanos(seconds);
  }

  private static Beacon beacon(String node, long boot, long number) {
    return new Beacon(
        node, boot, number, Map.of(), List.of(), 0, new NodeFacts("f", "1", 0, false));
  }

  private static Beacon of(String fingerprint, String node, long number) {
    return new Beacon(
        node,
        node.hashCode(),
        number,
        Map.of(),
        List.of(),
        0,
        new NodeFacts(fingerprint, "1", 0, false));
  }

  /** It stands there, and its front end has read the last one of this front end. */
  private void seen(Beacon beacon, int second) {
    neighbours.sent(++sent, at(second));
    neighbours.seen(having(beacon, sent), at(second));
  }

  private static Beacon having(Beacon beacon, long read) {
    return new Beacon(
        beacon.node(),
        beacon.boot(),
        beacon.number(),
        Map.of(1L, read),
        beacon.shelves(),
        beacon.wordsMillis(),
        beacon.facts());
  }

  private List<String> living(int seconds) {
    return neighbours.living(at(seconds)).stream().map(Beacon::node).toList();
  }

  @Test
  void whatStandsThereAtFirstMayBeAThingOfThePast() {
    seen(beacon("mmp2", 2, 10), 0);
    assertEquals(List.of(), living(0));
    seen(beacon("mmp2", 2, 10), 1);
    assertEquals(List.of(), living(1));
    seen(beacon("mmp2", 2, 11), 2);
    assertEquals(List.of("mmp2"), living(2));
  }

  @Test
  void whoShowsNoSignOfLifeIsAwayAndBackWithTheNext() {
    seen(beacon("mmp2", 2, 1), 0);
    seen(beacon("mmp2", 2, 2), 1);
    assertEquals(List.of("mmp2"), living(6));
    assertEquals(List.of(), living(7));
    assertEquals(1, neighbours.all(at(7)).size());
    seen(beacon("mmp2", 2, 3), 8);
    assertEquals(List.of("mmp2"), living(8));
  }

  @Test
  void anOlderBeaconOfTheSameStartIsNoSignOfLife() { // a stale replica, a replayed value
    seen(beacon("mmp2", 2, 1), 0);
    seen(beacon("mmp2", 2, 9), 1);
    for (int second = 2; second < 8; second++) {
      seen(beacon("mmp2", 2, second), second);
    }
    assertEquals(List.of(), living(7));
    seen(beacon("mmp2", 2, 10), 8);
    assertEquals(List.of("mmp2"), living(8));
  }

  @Test
  void whatSomebodyPutsThereAgainIsNoSignOfLife() { // a start that was over before this one began
    for (int second = 0; second < 10; second++) {
      neighbours.sent(second, at(second));
      neighbours.seen(beacon("mmp2", 2, second), at(second)); // has read nothing of ours
      neighbours.seen(having(beacon("mmp3", 3, second), second + 1_000), at(second));
      neighbours.seen(having(beacon("mmp4", 4, second), -1), at(second));
      assertEquals(List.of(), living(second));
    }
    assertEquals(Map.of(), neighbours.all(at(9)));
    assertEquals(Map.of(2L, 9L, 3L, 9L, 4L, 9L), neighbours.echoes(at(9)), "they are answered");
    neighbours.seen(having(beacon("mmp2", 2, 10), 9), at(10));
    assertEquals(List.of("mmp2"), living(10));
    for (int second = 11; second < 40; second++) { // its recorded beacons of that time
      neighbours.sent(second, at(second));
      neighbours.seen(having(beacon("mmp2", 2, second), 9), at(second));
    }
    assertEquals(List.of(), living(39));
  }

  @Test
  void veryManyThatArePutThereAgainPushNobodyOut() {
    seen(beacon("mmp2", 2, 1), 0);
    seen(beacon("mmp2", 2, 2), 1);
    for (int i = 0; i < 1_000; i++) {
      neighbours.seen(beacon("x", 1_000 + i, 1), at(1));
    }
    assertEquals(Beacon.MOST_ECHOES, neighbours.echoes(at(1)).size());
    assertEquals(2L, neighbours.echoes(at(1)).get(2L));
    assertEquals(Map.of(), neighbours.echoes(at(20)));
  }

  @Test
  void aFormerTwinIsNotShownWhileTheOtherOneLives() {
    for (int second = 0; second < 12; second++) {
      if (second < 4) {
        seen(beacon("mmp2", 2, second), second);
      }
      seen(beacon("mmp2", 3, second), second);
    }
    assertEquals(2, neighbours.shown(at(4)).size());
    assertEquals(2, neighbours.all(at(11)).size());
    assertEquals(
        List.of(3L), neighbours.shown(at(11)).keySet().stream().map(Beacon::boot).toList());
    assertEquals(2, neighbours.shown(at(30)).size(), "both are away: nobody knows which is");
  }

  @Test
  void whoWritesWithAnotherKeyIsKnownByItsName() {
    for (int second = 0; second < 10; second++) {
      neighbours.strange("mmp2/2", new byte[] {(byte) second}, at(second));
      neighbours.strange("mmp3/3", new byte[] {7}, at(second)); // of the past
      neighbours.strange("", new byte[] {(byte) second}, at(second));
    }
    assertEquals(Set.of("", "mmp2"), neighbours.strangers(at(9)));
    assertEquals(Set.of(), neighbours.strangers(at(20)));
  }

  @Test
  void twoOfOneNameAreToldAndBothLive() {
    for (int i = 0; i < 2; i++) {
      seen(beacon("mmp1", 1, i), i); // this front end itself
      seen(beacon("mmp2", 2, i), i);
      seen(beacon("mmp2", 3, i), i);
    }
    assertEquals(List.of("mmp2", "mmp2"), living(1));
    assertEquals(Set.of("mmp2"), neighbours.names("mmp1", at(1)));
    assertEquals(Set.of("mmp2"), neighbours.names("mmp2", at(1)));
  }

  @Test
  void whoIsStartedAnewIsNoTwinAndStandsThereOnce() { // as a restart, or a new installation, is
    seen(beacon("mmp2", 2, 1), 0);
    seen(beacon("mmp2", 2, 2), 1);
    seen(beacon("mmp2", 2, 3), 2);
    seen(beacon("mmp2", 3, 1), 2); // its last sign of life is read as late
    assertEquals(List.of(2L), boots(2));
    seen(beacon("mmp2", 3, 2), 3);
    assertEquals(List.of(3L), boots(3));
    assertEquals(Set.of(), neighbours.names("mmp1", at(3)));
    assertEquals(1, neighbours.all(at(3)).size());
    assertEquals(1, neighbours.serving(at(3)).size());
    seen(beacon("mmp2", 2, 4), 4); // it was stopped and goes on
    seen(beacon("mmp2", 3, 3), 4);
    assertEquals(Set.of("mmp2"), neighbours.names("mmp1", at(4)));
    assertEquals(2, neighbours.all(at(4)).size());
  }

  private List<Long> boots(int seconds) {
    return neighbours.living(at(seconds)).stream().map(Beacon::boot).toList();
  }

  @Test
  void whoHasOtherGroupsForAMinuteIsToldOfAndWhoHasThemAgain() { // B10.4
    for (int second = 0; second < 200; second++) {
      seen(of("f", "mmp2", second), second);
      seen(of(second < 10 || second > 150 ? "f" : "g", "mmp3", second), second);
      seen(of(second < 50 ? "f" : "h", "mmp4", second), second);
      Optional<Set<String>> told = neighbours.otherTables("f", at(second));
      Map<Integer, Set<String>> due =
          Map.of(71, Set.of("mmp3"), 111, Set.of("mmp3", "mmp4"), 151, Set.of("mmp4"));
      assertEquals(Optional.ofNullable(due.get(second)), told, "after " + second + " s");
    }
    assertEquals(Optional.of(Set.of()), neighbours.otherTables("h", at(200)));
    neighbours.compareNone();
    assertEquals(Optional.empty(), neighbours.otherTables("h", at(200)));
  }

  @Test
  void whatIsLeftOfAStartIsClearedAwayAfterALongTime() {
    seen(beacon("mmp2", 2, 1), 0);
    assertTrue(neighbours.forgotten(at(500)).isEmpty());
    assertEquals(List.of("mmp2/2"), neighbours.forgotten(at(700)));
    assertTrue(neighbours.all(at(700)).isEmpty());
  }

  @Test
  void whatNobodyOfTheSiteWroteIsClearedAwayOnceNobodyWritesItAnyMore() { // a key of before
    for (int second = 0; second < 650; second++) {
      neighbours.strange("mmp2/2", new byte[] {7}, at(second));
      neighbours.strange("mmp3/3", new byte[] {(byte) second}, at(second));
      for (int i = 0; i < 3_000; i++) {
        neighbours.strange("x" + i, new byte[0], at(650)); // no more than it has room for
      }
    }
    List<String> gone = neighbours.forgotten(at(650));
    assertEquals(List.of("mmp2/2"), gone);
    assertEquals(32, neighbours.forgotten(at(1_300)).size());
  }
}
