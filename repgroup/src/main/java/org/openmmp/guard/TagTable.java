package org.openmmp.guard;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A bounded memory of facts, each a name and a tag of 16 bits: too short to search a password with,
 * long enough that a stranger's guess is hardly ever taken for the truth.
 *
 * <p>Of the facts of a few names that share a place the oldest gives way. Places are made as they
 * are needed. Two threads that write at once may lose one fact, which is learnt again.
 */
final class TagTable {
  private static final int WAYS = 4;
  private static final int PLACES_OF_SEGMENT = 1_024;
  private static final long TICK_NANOS = Duration.ofHours(1).toNanos();

  private final AtomicReferenceArray<AtomicIntegerArray> segments;
  private final int places;
  private final long originNanos;
  private final int longestTicks;

  /**
   * Begins with nothing in it.
   *
   * @param facts how many are remembered, about; rounded up to a power of two
   * @param lifetime how long each is, up to a year
   */
  TagTable(int facts, Duration lifetime, long nowNanos) {
    int wanted = Math.max(PLACES_OF_SEGMENT, facts / WAYS);
    places = Integer.highestOneBit(wanted - 1) << 1;
    segments = new AtomicReferenceArray<>(places / PLACES_OF_SEGMENT);
    originNanos = nowNanos;
    longestTicks = (int) (lifetime.toNanos() / TICK_NANOS);
  }

  /** Whether that is remembered of the name. */
  boolean has(long name, short tag, long nowNanos) {
    AtomicIntegerArray segment = segments.get(segmentOf(name));
    return segment != null && find(segment, name, tag, nowNanos) >= 0;
  }

  /** Remembers it from now on. */
  void add(long name, short tag, long nowNanos) {
    AtomicIntegerArray segment = segment(segmentOf(name));
    int at = find(segment, name, tag, nowNanos);
    if (at < 0) {
      at = oldest(segment, name, nowNanos);
    }
    segment.set(at, tag << 16 | tick(nowNanos));
  }

  /** Forgets it; says whether it was remembered. */
  boolean remove(long name, short tag, long nowNanos) {
    AtomicIntegerArray segment = segments.get(segmentOf(name));
    int at = segment == null ? -1 : find(segment, name, tag, nowNanos);
    if (segment == null || at < 0) {
      return false;
    }
    segment.set(at, 0);
    return true;
  }

  private int find(AtomicIntegerArray segment, long name, short tag, long nowNanos) {
    int first = firstOf(name);
    for (int at = first; at < first + WAYS; at++) {
      int fact = segment.get(at);
      if (fact >> 16 == tag && age(fact, nowNanos) <= longestTicks) {
        return at;
      }
    }
    return -1;
  }

  private int oldest(AtomicIntegerArray segment, long name, long nowNanos) {
    int first = firstOf(name);
    int oldest = first;
    for (int at = first + 1; at < first + WAYS; at++) {
      if (age(segment.get(at), nowNanos) > age(segment.get(oldest), nowNanos)) {
        oldest = at;
      }
    }
    return oldest;
  }

  /** In ticks; of nothing longer than of anything. */
  private int age(int fact, long nowNanos) {
    int since = fact & 0xffff;
    return since == 0 ? Integer.MAX_VALUE : (tick(nowNanos) - since) & 0xffff;
  }

  /** Never 0, which stands for nothing. */
  private int tick(long nowNanos) {
    int ticks = (int) ((nowNanos - originNanos) / TICK_NANOS) & 0xffff;
    return ticks == 0 ? 1 : ticks;
  }

  private int segmentOf(long name) {
    return placeOf(name) / PLACES_OF_SEGMENT;
  }

  private int firstOf(long name) {
    return placeOf(name) % PLACES_OF_SEGMENT * WAYS;
  }

  private int placeOf(long name) {
    return (int) (name >>> 32) & (places - 1);
  }

  private AtomicIntegerArray segment(int index) {
    AtomicIntegerArray there = segments.get(index);
    if (there != null) {
      return there;
    }
    AtomicIntegerArray fresh = new AtomicIntegerArray(PLACES_OF_SEGMENT * WAYS);
    return segments.compareAndSet(index, null, fresh) ? fresh : segment(index);
  }
}
