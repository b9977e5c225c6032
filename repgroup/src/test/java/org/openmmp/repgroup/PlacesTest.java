package org.openmmp.repgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets the places at one store (rule B2.10). */
class PlacesTest {
  private static final long MINUTE = 60_000_000_000L;

  private static Caller known(int name) {
    return new Caller(name, true, true, "198.51.100.0/24");
  }

  private static Caller other(int network) {
    return new Caller(7, false, false, "192.0.2." + network + "/32");
  }

  /** Who would get a place each time takes it, one after another; how many got one. */
  private static int fill(Places[] places, int limit, List<Caller> callers) {
    int got = 0;
    for (Caller caller : callers) {
      places[0] = places[0].asked(caller, 0);
      if (places[0].free(caller, limit, 0)) {
        places[0] = places[0].taking(caller);
        got++;
      }
    }
    return got;
  }

  private static List<Caller> many(int count, IntFunction<Caller> caller) {
    List<Caller> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(caller.apply(i));
    }
    return all;
  }

  // B2.10
  @ParameterizedTest
  @CsvSource({"64, 48", "100, 75", "4, 3", "3, 2", "2, 1", "1, 1"})
  void othersLeaveAQuarterToKnownLoginsThatCame(int limit, int most) {
    Places[] places = {Places.EMPTY.asked(known(1), 0)};
    assertEquals(most, fill(places, limit, many(1_000, PlacesTest::other)));
    assertEquals(limit - most > 0, places[0].free(known(1), limit, 0));
  }

  // B2.10
  @ParameterizedTest
  @CsvSource({"64, 48", "100, 75", "4, 3", "3, 2", "2, 1", "1, 1"})
  void knownLoginsLeaveAQuarterToOthersThatCame(int limit, int most) {
    Places[] places = {Places.EMPTY.asked(other(1), 0)};
    assertEquals(most, fill(places, limit, many(1_000, i -> known(i + 1))));
    assertEquals(limit - most > 0, places[0].free(other(1), limit, 0));
  }

  // B2.10
  @Test
  void nothingIsKeptForThoseWhoDoNotCome() {
    Places[] places = {Places.EMPTY};
    assertEquals(64, fill(places, 64, many(1_000, PlacesTest::other)));
    Places[] later = {Places.EMPTY.asked(known(1), -5 * MINUTE)};
    assertEquals(64, fill(later, 64, many(1_000, PlacesTest::other)));
  }

  // B2.10
  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE, Long.MIN_VALUE})
  void placesAreKeptForMinutesWhateverTheClock(long now) {
    Places places = Places.EMPTY.asked(known(1), now);
    for (int i = 0; i < 48; i++) {
      places = places.taking(other(i));
    }
    assertFalse(places.free(other(100), 64, now + 5 * MINUTE - 1));
    assertTrue(places.free(other(100), 64, now + 5 * MINUTE));
  }

  // B2.10
  @Test
  void aGuesserWaitsForHimself() {
    Places[] places = {Places.EMPTY.asked(known(1), 0)};
    int guesses = fill(places, 64, many(1_000, i -> other(66)));
    assertTrue(guesses >= 24, "he is not stopped: " + guesses);
    assertTrue(places[0].free(other(1), 64, 0), "another network has a place at once");
    assertTrue(places[0].free(known(1), 64, 0));
    for (int network = 1; network <= 4; network++) {
      Caller more = other(network);
      fill(places, 64, many(100, i -> more));
      assertTrue(places[0].free(other(100), 64, 0), "and whoever else comes");
    }
  }

  // B2.10
  @Test
  void aKnownUserWhoseMailboxHangsHoldsNoOtherKnownUserUp() {
    Places[] places = {Places.EMPTY};
    assertTrue(fill(places, 64, many(1_000, i -> known(13))) < 64);
    assertTrue(places[0].free(known(1), 64, 0));
  }

  // B2.10
  @Test
  void whoIsNobodyInParticularTakesWhatIsLeft() {
    Places[] places = {Places.EMPTY};
    assertEquals(64, fill(places, 64, many(1_000, i -> Caller.UNKNOWN)));
    assertFalse(places[0].free(Caller.UNKNOWN, 64, 0));
    places[0] = places[0].leaving(Caller.UNKNOWN);
    assertTrue(places[0].free(Caller.UNKNOWN, 64, 0));
  }

  // B2.10
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whateverComesAndGoesNoPlaceIsLostOrGivenTwice(long seed) {
    Random random = new Random(seed);
    int limit = 1 + random.nextInt(20);
    Places places = Places.EMPTY;
    List<Caller> inside = new ArrayList<>();
    for (int step = 0; step < 20_000; step++) {
      Caller caller = random.nextBoolean() ? known(random.nextInt(4)) : other(random.nextInt(4));
      places = places.asked(caller, step);
      if (random.nextInt(3) > 0) {
        boolean free = places.free(caller, limit, step);
        assertTrue(!free || inside.size() < limit, "no more than there are");
        if (free) {
          places = places.taking(caller);
          inside.add(caller);
        }
      } else if (!inside.isEmpty()) {
        places = places.leaving(inside.remove(random.nextInt(inside.size())));
      }
      assertEquals(inside.size(), places.taken());
    }
    for (Caller caller : inside) {
      places = places.leaving(caller);
    }
    assertEquals(0, places.taken());
    assertEquals(0, places.byTurn().size());
  }
}
