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

  private static long at(int seconds) {
    return START + TimeUnit.SECONDS.toNanos(seconds);
  }

  private static Beacon beacon(String node, long boot, long number) {
    return new Beacon(node, boot, number, List.of(), 0, new NodeFacts("f", "1", 0, false));
  }

  private static Beacon of(String fingerprint, String node, long number) {
    return new Beacon(
        node, node.hashCode(), number, List.of(), 0, new NodeFacts(fingerprint, "1", 0, false));
  }

  private List<String> living(int seconds) {
    return neighbours.living(at(seconds)).stream().map(Beacon::node).toList();
  }

  @Test
  void whatStandsThereAtFirstMayBeAThingOfThePast() {
    neighbours.seen(beacon("mmp2", 2, 10), at(0));
    assertEquals(List.of(), living(0));
    neighbours.seen(beacon("mmp2", 2, 10), at(1));
    assertEquals(List.of(), living(1));
    neighbours.seen(beacon("mmp2", 2, 11), at(2));
    assertEquals(List.of("mmp2"), living(2));
  }

  @Test
  void whoShowsNoSignOfLifeIsAwayAndBackWithTheNext() {
    neighbours.seen(beacon("mmp2", 2, 1), at(0));
    neighbours.seen(beacon("mmp2", 2, 2), at(1));
    assertEquals(List.of("mmp2"), living(6));
    assertEquals(List.of(), living(7));
    assertEquals(1, neighbours.all(at(7)).size());
    neighbours.seen(beacon("mmp2", 2, 3), at(8));
    assertEquals(List.of("mmp2"), living(8));
  }

  @Test
  void anOlderBeaconOfTheSameStartIsNoSignOfLife() { // a stale replica, a replayed value
    neighbours.seen(beacon("mmp2", 2, 1), at(0));
    neighbours.seen(beacon("mmp2", 2, 9), at(1));
    for (int second = 2; second < 8; second++) {
      neighbours.seen(beacon("mmp2", 2, second), at(second));
    }
    assertEquals(List.of(), living(7));
    neighbours.seen(beacon("mmp2", 2, 10), at(8));
    assertEquals(List.of("mmp2"), living(8));
  }

  @Test
  void twoOfOneNameAreToldAndBothLive() {
    for (int i = 0; i < 2; i++) {
      neighbours.seen(beacon("mmp1", 1, i), at(i)); // this front end itself
      neighbours.seen(beacon("mmp2", 2, i), at(i));
      neighbours.seen(beacon("mmp2", 3, i), at(i));
    }
    assertEquals(List.of("mmp2", "mmp2"), living(1));
    assertEquals(Set.of("mmp2"), neighbours.names("mmp1", at(1)));
    assertEquals(Set.of("mmp2"), neighbours.names("mmp2", at(1)));
  }

  @Test
  void whoIsStartedAnewIsNoTwinAndStandsThereOnce() { // as a restart, or a new installation, is
    neighbours.seen(beacon("mmp2", 2, 1), at(0));
    neighbours.seen(beacon("mmp2", 2, 2), at(1));
    neighbours.seen(beacon("mmp2", 2, 3), at(2));
    neighbours.seen(beacon("mmp2", 3, 1), at(2)); // its last sign of life is read as late
    assertEquals(List.of(2L), boots(2));
    neighbours.seen(beacon("mmp2", 3, 2), at(3));
    assertEquals(List.of(3L), boots(3));
    assertEquals(Set.of(), neighbours.names("mmp1", at(3)));
    assertEquals(1, neighbours.all(at(3)).size());
    assertEquals(1, neighbours.serving(at(3)).size());
    neighbours.seen(beacon("mmp2", 2, 4), at(4)); // it was stopped and goes on
    neighbours.seen(beacon("mmp2", 3, 3), at(4));
    assertEquals(Set.of("mmp2"), neighbours.names("mmp1", at(4)));
    assertEquals(2, neighbours.all(at(4)).size());
  }

  private List<Long> boots(int seconds) {
    return neighbours.living(at(seconds)).stream().map(Beacon::boot).toList();
  }

  @Test
  void whoHasOtherGroupsForAMinuteIsToldOfAndWhoHasThemAgain() { // B10.4
    for (int second = 0; second < 200; second++) {
      neighbours.seen(of("f", "mmp2", second), at(second));
      neighbours.seen(of(second < 10 || second > 150 ? "f" : "g", "mmp3", second), at(second));
      neighbours.seen(of(second < 50 ? "f" : "h", "mmp4", second), at(second));
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
    neighbours.seen(beacon("mmp2", 2, 1), at(0));
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
