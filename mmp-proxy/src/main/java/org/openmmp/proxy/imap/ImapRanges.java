package org.openmmp.proxy.imap;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A set of numbers up to 32 bits, such as UIDs: ascending ranges that neither meet nor overlap. */
final class ImapRanges {
  private static final int FIRST_SIZE = 4;

  /** So many ranges may be moved in all to make room in front of them, or to close gaps. */
  private static final long MOST_MOVED = 100_000_000;

  /** Few ranges are gone through by one and one. */
  private static final int FEW = 16;

  private static final long NUMBER = 0xffffffffL;

  private final int most;
  private long[] ranges = new long[FIRST_SIZE];
  private int count;
  private long moved;
  private long total;

  /** How many numbers are in front of each range; null while that is not known. */
  private long @Nullable [] inFront;

  /**
   * An empty set.
   *
   * @param most of how many ranges it may consist
   */
  ImapRanges(int most) {
    this.most = most;
  }

  /** How many ranges there are. */
  int count() {
    return count;
  }

  /** How many numbers are in it. */
  long total() {
    return total;
  }

  /** The smallest number of a range. */
  long low(int range) {
    return ranges[range] >>> 32;
  }

  /** The largest number of a range. */
  long high(int range) {
    return ranges[range] & NUMBER;
  }

  /** The largest number of all; 0 if there is none. */
  long largest() {
    return count == 0 ? 0 : high(count - 1);
  }

  boolean has(long number) {
    int at = firstNotBelow(number);
    return at < count && low(at) <= number;
  }

  /** How many of its numbers are smaller. */
  long below(long number) {
    int at = firstNotBelow(number);
    return inFrontOf(at) + (at < count ? Math.max(0, number - low(at)) : 0);
  }

  private long inFrontOf(int range) {
    if (range == count) {
      return total;
    }
    long[] sums = inFront;
    if (sums == null) {
      long sum = 0;
      if (count <= FEW) {
        for (int i = 0; i < range; i++) {
          sum += high(i) - low(i) + 1;
        }
        return sum;
      }
      sums = new long[count];
      for (int i = 0; i < count; i++) {
        sums[i] = sum;
        sum += high(i) - low(i) + 1;
      }
      inFront = sums;
    }
    return sums[range];
  }

  /** How many numbers are in both. */
  long inCommon(ImapRanges other) {
    long common = 0;
    int mine = 0;
    int others = 0;
    while (mine < count && others < other.count) {
      long low = Math.max(low(mine), other.low(others));
      long high = Math.min(high(mine), other.high(others));
      common += Math.max(0, high - low + 1);
      if (high(mine) < other.high(others)) {
        mine++;
      } else {
        others++;
      }
    }
    return common;
  }

  /** Adds the numbers from one to another; whether there was room for them. */
  boolean add(long low, long high) {
    inFront = null;
    int from = count > 0 && low > high(count - 1) + 1 ? count : firstNotBelow(low - 1);
    int to = from;
    long first = low;
    long last = high;
    while (to < count && low(to) <= high + 1) {
      first = Math.min(first, low(to));
      last = Math.max(last, high(to));
      total -= high(to) - low(to) + 1;
      to++;
    }
    if (to == from) {
      if (count == most || moves(count - from)) {
        return false;
      }
      if (count == ranges.length) {
        ranges = Arrays.copyOf(ranges, count * 2);
      }
      System.arraycopy(ranges, from, ranges, from + 1, count - from);
      count++;
    } else if (to > from + 1) {
      if (moves(count - to)) {
        return false;
      }
      System.arraycopy(ranges, to, ranges, from + 1, count - to);
      count -= to - from - 1;
    }
    ranges[from] = first << 32 | last;
    total += last - first + 1;
    return true;
  }

  /** Whether so many ranges are too many to be moved as well. */
  private boolean moves(int behind) {
    moved += behind;
    return moved > MOST_MOVED;
  }

  /** Adds what two others have in common; whether there was room for it. */
  boolean addCommon(ImapRanges one, ImapRanges other) {
    boolean room = true;
    int from = 0;
    for (int i = 0; i < other.count; i++) {
      while (from < one.count && one.high(from) < other.low(i)) {
        from++;
      }
      for (int k = from; k < one.count && one.low(k) <= other.high(i); k++) {
        room &= add(Math.max(one.low(k), other.low(i)), Math.min(one.high(k), other.high(i)));
      }
    }
    return room;
  }

  /** The first range that ends at that number or behind it. */
  private int firstNotBelow(long number) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (high(middle) < number) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** As a sequence set (RFC 9051 section 9). */
  void appendTo(StringBuilder text) {
    for (int i = 0; i < count; i++) {
      text.append(i == 0 ? "" : ",").append(low(i));
      if (high(i) > low(i)) {
        text.append(':').append(high(i));
      }
    }
  }
}
