package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** In which order those who wait get places (rule B2.10). */
class PlaceQueueTest {
  private final PlaceQueue<String> queue = new PlaceQueue<>();
  private long number;

  private static Caller known(int name) {
    return new Caller(name, true, true, "198.51.100.0/24");
  }

  private static Caller other(int network) {
    return new Caller(7, false, false, "192.0.2." + network + "/32");
  }

  private void add(Caller caller, String who) {
    queue.add(caller, false, number++, who);
  }

  /** All of them, each leaving its place before the next takes it. */
  private List<String> order() {
    List<String> order = new ArrayList<>();
    for (String next = next(); next != null; next = next()) {
      order.add(next);
    }
    return order;
  }

  private @Nullable String next() {
    return queue.next(Places.EMPTY, 4, false, 0);
  }

  // B2.10
  @Test
  void knownLoginsComeFirst() {
    add(other(1), "stranger");
    add(known(1), "alice");
    add(known(2), "bob");
    assertEquals(List.of("alice", "bob", "stranger"), order());
  }

  /** Who is called, each taking its place before the next is. */
  private List<String> counted(int turns) {
    List<String> order = new ArrayList<>();
    for (int i = 0; i < turns; i++) {
      String next = String.valueOf(queue.next(Places.EMPTY, 4, true, 0));
      order.add(next);
      queue.took(next.startsWith("stranger") ? other(0) : known(0), next.startsWith("back"));
    }
    return order;
  }

  // B2.28: several may be called to one place, and one of them gets it
  @Test
  void whoIsCalledInVainHasHadNoTurn() {
    crowd(100);
    for (int i = 0; i < 60; i++) {
      add(known(i), "new" + i);
    }
    for (int i = 0; i < 40; i++) {
      assertEquals("new" + i, queue.next(Places.EMPTY, 4, true, 0));
    }
  }

  private void crowd(int people) {
    for (int i = 0; i < people; i++) {
      queue.add(known(100 + i), true, number++, "back" + i);
    }
  }

  // B2.28: where a rate allows so many a second
  @Test
  void nobodyWaitsForTheEndOfACrowdThatComesBack() {
    crowd(6);
    add(known(1), "alice");
    add(known(2), "bob");
    add(other(1), "stranger");
    assertEquals(
        List.of("alice", "bob", "back0", "back1", "stranger", "back2", "back3", "back4", "back5"),
        counted(9));
  }

  // B2.28: those who lost no session have saved their turns up, and have every fourth then
  @Test
  void fewWhoLostNoSessionAreNextAndManyHaveEveryFourthTurn() {
    crowd(100);
    for (int i = 0; i < 60; i++) {
      add(known(i), "new" + i);
    }
    List<String> first = counted(21);
    assertEquals(List.of(), first.stream().filter(who -> who.startsWith("back")).toList());
    List<String> behind = counted(80);
    assertEquals(20, behind.stream().filter(who -> who.startsWith("new")).count());
    assertTrue(behind.subList(0, 4).stream().anyMatch(who -> who.startsWith("back")));
  }

  // B2.28: strangers save nothing up, however long none came
  @Test
  void strangersHaveEveryFourthTurnFromTheFirstOn() {
    crowd(40);
    counted(20);
    for (int i = 0; i < 10; i++) {
      add(other(i), "stranger" + i);
    }
    List<String> order = counted(16);
    assertEquals(4, order.stream().filter(who -> who.startsWith("stranger")).count());
  }

  // B2.10
  @Test
  void networksTakeTurnsHoweverManyOfOneWait() {
    for (int i = 0; i < 3; i++) {
      add(other(66), "guess" + i);
    }
    add(other(1), "carol");
    add(other(2), "dave");
    assertEquals(List.of("guess0", "carol", "dave", "guess1", "guess2"), order());
  }

  // B2.10
  @Test
  void namesOfKnownLoginsTakeTurns() {
    for (int i = 0; i < 3; i++) {
      add(known(13), "hung" + i);
    }
    add(known(1), "alice");
    assertEquals(List.of("hung0", "alice", "hung1", "hung2"), order());
  }

  // B2.10
  @Test
  void whoeverHasNoPlaceIsPassedOverByThoseWhoHave() {
    Places full = Places.EMPTY.asked(known(1), 0);
    for (int i = 0; i < 3; i++) {
      full = full.taking(other(i));
    }
    add(other(9), "stranger");
    assertNull(queue.next(full, 4, false, 0), "the last place is kept");
    add(known(1), "alice");
    assertEquals("alice", queue.next(full, 4, false, 0));
    assertEquals(1, queue.size());
  }

  // B2.10
  @Test
  void aNetworkThatHoldsPlacesWaitsForItself() {
    Places taken = Places.EMPTY.taking(other(66)).taking(other(66));
    add(other(66), "guess");
    add(other(1), "carol");
    assertEquals("carol", queue.next(taken, 4, false, 0));
    assertNull(queue.next(taken, 4, false, 0));
  }

  // B2.10
  @Test
  void whoLeavesIsGoneAndWhoComesBackHasItsOldTurn() {
    queue.add(other(1), false, 5, "carol");
    queue.add(other(1), false, 6, "dave");
    queue.remove(other(1), false, 5, "carol");
    queue.remove(other(1), false, 5, "carol");
    assertEquals(1, queue.size());
    queue.add(other(1), false, 5, "carol");
    assertEquals(List.of("carol", "dave"), order());
    assertEquals(0, queue.size());
  }

  // B2.10
  @Test
  void whoLeavesTwiceDoesNotTakeOutWhoCameWithItsNumberMeanwhile() {
    queue.add(other(1), false, 5, "carol");
    queue.remove(other(1), false, 5, "carol");
    queue.add(other(1), false, 5, "carol again");
    queue.remove(other(1), false, 5, "carol");
    assertEquals(List.of("carol again"), order());
    assertEquals(0, queue.size());
  }
}
