package org.openmmp.proxy.imap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class ImapRangesTest {
  @Test // B9.3
  void rangesHoldWhatASetOfNumbersWould() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      ImapRanges one = new ImapRanges(100);
      ImapRanges other = new ImapRanges(100);
      NavigableSet<Long> numbers = filled(one, random);
      NavigableSet<Long> others = filled(other, random);
      assertEquals(numbers.size(), one.total());
      for (long number = 1; number < 310; number++) {
        assertEquals(numbers.contains(number), one.has(number), "seed " + seed);
        assertEquals(numbers.headSet(number).size(), one.below(number), "seed " + seed);
      }
      numbers.retainAll(others);
      assertEquals(numbers.size(), one.inCommon(other), "seed " + seed);
      assertEquals(numbers.size(), other.inCommon(one), "seed " + seed);
    }
  }

  private static NavigableSet<Long> filled(ImapRanges ranges, Random random) {
    NavigableSet<Long> numbers = new TreeSet<>();
    int most = random.nextBoolean() ? 60 : 300;
    for (int i = random.nextInt(most / 4); i > 0; i--) {
      long low = 1L + random.nextInt(most);
      long high = low + random.nextInt(4);
      assertTrue(ranges.add(low, high));
      for (long number = low; number <= high; number++) {
        numbers.add(number);
      }
    }
    return numbers;
  }

  @Test // B9.3: what a hostile store names in an order of its own costs no minutes
  void rangesAreNotMovedWithoutEnd() {
    ImapRanges ranges = new ImapRanges(500_000);
    for (long odd = 1; odd < 1_000_000; odd += 2) {
      assertTrue(ranges.add(odd, odd));
    }
    int closed = 0;
    while (ranges.add(2L * closed + 2, 2L * closed + 2)) {
      closed++;
    }
    assertTrue(closed > 100 && closed < 1_000, "gaps that were closed: " + closed);
    ImapRanges few = new ImapRanges(256);
    for (int i = 0; i < 300_000; i++) {
      assertTrue(few.add(1000L - i % 500, 1000L - i % 500));
    }
  }

  @Test
  void noMoreRangesThanAllowed() {
    ImapRanges ranges = new ImapRanges(2);
    assertTrue(ranges.add(1, 1));
    assertTrue(ranges.add(9, 4_294_967_295L));
    assertFalse(ranges.add(5, 5));
    assertTrue(ranges.add(2, 8));
    assertEquals(1, ranges.count());
    assertEquals(4_294_967_295L, ranges.total());
  }
}
