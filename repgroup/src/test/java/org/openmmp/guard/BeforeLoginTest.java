package org.openmmp.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.openmmp.wire.NetworkSet;

class BeforeLoginTest {
  private static final int HEAP = 64 * 1024 * 1024;

  private static BeforeLogin room(int connections, int octets) {
    LimitsConfig.Penalty none =
        new LimitsConfig.Penalty(Duration.ZERO, Duration.ZERO, Duration.ofHours(1), 1_000);
    return new BeforeLogin(
        new LimitsConfig(0, 0, 0, 0, NetworkSet.NONE, none, connections, octets), HEAP);
  }

  private static BeforeLogin.Place entered(BeforeLogin room) {
    return Objects.requireNonNull(room.enter(), "there is room");
  }

  // B6.1
  @Test
  void oneOverTheNumberIsTurnedAwayUntilAnotherHasGone() {
    BeforeLogin room = room(2, 0);
    BeforeLogin.Place first = entered(room);
    assertNotNull(room.enter());
    assertNull(room.enter());
    first.close();
    first.close();
    assertNotNull(room.enter());
    assertNull(room.enter());
  }

  // B6.1
  @Test
  void silentClientsTakeAQuarterOfTheHeapAtTheMost() {
    BeforeLogin room = room(0, 0);
    int inside = 0;
    while (room.enter() != null) {
      inside++;
    }
    assertEquals(HEAP / 4 / BeforeLogin.OCTETS_OF_A_CLIENT, inside);
  }

  // B6.1
  @Test
  void whoSendsTooMuchHasToGoAndTheOthersStay() {
    BeforeLogin room = room(0, 3 * BeforeLogin.OCTETS_OF_A_CLIENT);
    BeforeLogin.Place quiet = entered(room);
    BeforeLogin.Place talker = entered(room);
    assertTrue(talker.holds(BeforeLogin.OCTETS_OF_A_CLIENT / 2));
    assertFalse(talker.holds(BeforeLogin.OCTETS_OF_A_CLIENT));
    assertFalse(quiet.holds(1));
    assertTrue(talker.holds(0), "what was used is counted no more");
    assertTrue(quiet.holds(1));
    talker.close();
    quiet.close();
    assertEquals(0, room.octets());
  }

  // B6.3
  @Test
  void whoMayBeGoneMakesRoomForTheNextOldestFirst() {
    for (BeforeLogin room : List.of(room(3, 0), room(0, 3 * BeforeLogin.OCTETS_OF_A_CLIENT))) {
      List<Integer> ended = new ArrayList<>();
      entered(room);
      BeforeLogin.Place oldest = entered(room);
      oldest.mayBeGone(() -> ended.add(1));
      BeforeLogin.Place newer = entered(room);
      newer.mayBeGone(() -> ended.add(2));
      assertEquals(List.of(), ended, "while there is room nobody has to go");

      entered(room);
      assertEquals(List.of(1), ended);
      oldest.close();
      assertEquals(3, room.connections(), "a place is given back once");
      newer.close(); // it was let in
      newer.mayBeGone(() -> ended.add(3));
      entered(room);
      assertNull(room.enter());
      assertEquals(List.of(1), ended);
      assertEquals(3L * BeforeLogin.OCTETS_OF_A_CLIENT, room.octets());
    }
  }

  // B6.1
  @Test
  void nothingStaysCountedHoweverClientsComeAndGo() {
    Random random = new Random(4);
    BeforeLogin room = room(40, 50 * BeforeLogin.OCTETS_OF_A_CLIENT);
    List<BeforeLogin.Place> inside = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      BeforeLogin.Place place =
          random.nextInt(3) == 0 || inside.isEmpty()
              ? room.enter()
              : inside.get(random.nextInt(inside.size()));
      if (place != null && !inside.contains(place)) {
        inside.add(place);
      } else if (place != null && !place.holds(random.nextInt(100_000))) {
        place.close();
        inside.remove(place);
      }
      assertTrue(room.octets() <= 50L * BeforeLogin.OCTETS_OF_A_CLIENT);
      assertEquals(inside.size(), room.connections());
    }
    inside.forEach(BeforeLogin.Place::close);
    assertEquals(0, room.octets());
    assertEquals(0, room.connections());
  }
}
