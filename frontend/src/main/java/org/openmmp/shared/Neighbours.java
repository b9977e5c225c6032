package org.openmmp.shared;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The front ends of the site as their beacons tell of them. Who lives is seen by his number
 * growing, by this process's own clock: what others' clocks say, and how late the engine is, does
 * not matter. Pure; of one thread.
 */
final class Neighbours {
  /** Who has shown no sign of life for longer is away. */
  static final long LIVING_NANOS = Duration.ofSeconds(5).toNanos();

  /** Whose sign of life is missing for longer may have lost its sessions. */
  private static final long SERVING_NANOS = Duration.ofMillis(2_500).toNanos();

  /** What is left of one that was away for longer is cleared away. */
  private static final long FORGOTTEN_NANOS = Duration.ofMinutes(10).toNanos();

  /** One of them. */
  private static final class Known {
    private Beacon newest;

    /** When its number was seen to have grown; null: not yet, and it may be a thing of the past. */
    private @Nullable Long grownNanos;

    private final long firstNanos;

    private Known(Beacon first, long nowNanos) {
      newest = first;
      firstNanos = nowNanos;
    }
  }

  private final long ownBoot;
  private final Map<String, Known> known = new HashMap<>();

  Neighbours(long ownBoot) {
    this.ownBoot = ownBoot;
  }

  /** A beacon stands there now. Of a start that was seen before an older one is passed over. */
  void seen(Beacon beacon, long nowNanos) {
    if (beacon.boot() == ownBoot) {
      return;
    }
    Known before = known.get(beacon.field());
    if (before == null) {
      known.put(beacon.field(), new Known(beacon, nowNanos));
    } else if (beacon.number() - before.newest.number() > 0) {
      before.newest = beacon;
      before.grownNanos = nowNanos;
    }
  }

  /** Forgets those that are away for long; tells where they stood. */
  List<String> forgotten(long nowNanos) {
    List<String> fields = new ArrayList<>();
    for (Iterator<Known> each = known.values().iterator(); each.hasNext(); ) {
      Known one = each.next();
      long last = one.grownNanos == null ? one.firstNanos : one.grownNanos;
      if (nowNanos - last > FORGOTTEN_NANOS) {
        fields.add(one.newest.field());
        each.remove();
      }
    }
    return fields;
  }

  /** The others that live, by name. */
  List<Beacon> living(long nowNanos) {
    return living(nowNanos, LIVING_NANOS);
  }

  /** Those that showed a sign of life so lately that their sessions are there still, by name. */
  List<Beacon> serving(long nowNanos) {
    return living(nowNanos, SERVING_NANOS);
  }

  private List<Beacon> living(long nowNanos, long within) {
    return known.values().stream()
        .filter(one -> one.grownNanos != null && nowNanos - one.grownNanos <= within)
        .map(one -> one.newest)
        .sorted(Comparator.comparing(Beacon::node).thenComparing(Beacon::boot))
        .toList();
  }

  /** All others that were seen to live, with how long ago; those that live still are among them. */
  Map<Beacon, Long> all(long nowNanos) {
    Map<Beacon, Long> all = new HashMap<>();
    for (Known one : known.values()) {
      if (one.grownNanos != null) {
        all.put(one.newest, nowNanos - one.grownNanos);
      }
    }
    return all;
  }

  /** When that one was last seen to live. */
  OptionalLong grownNanos(Beacon beacon) {
    Known one = known.get(beacon.field());
    return one == null || one.grownNanos == null
        ? OptionalLong.empty()
        : OptionalLong.of(one.grownNanos);
  }

  /** The names that two that live have, this front end's among them. */
  Set<String> names(String own, long nowNanos) {
    Set<String> once = new TreeSet<>(Set.of(own));
    Set<String> twice = new TreeSet<>();
    for (Beacon each : living(nowNanos)) {
      if (!once.add(each.node())) {
        twice.add(each.node());
      }
    }
    return twice;
  }
}
