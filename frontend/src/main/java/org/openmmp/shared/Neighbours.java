package org.openmmp.shared;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The front ends of the site as their beacons tell of them. Who lives is seen by his number
 * growing, by this process's own clock, and by his having read a late one of ours: what others'
 * clocks say, how late the engine is, and what of the past is put there again, does not matter.
 * Pure; of one thread.
 */
final class Neighbours {
  /** Who has shown no sign of life for longer is away. */
  static final long LIVING_NANOS = Duration.ofSeconds(5).toNanos();

  /** Whose sign of life is missing for longer may have lost its sessions. */
  private static final long SERVING_NANOS = Duration.ofMillis(2_500).toNanos();

  /** Who lives has read one of our beacons that is no older. */
  private static final long ECHOED_NANOS = Duration.ofSeconds(15).toNanos();

  /** A reload goes from one front end to the next; what differs for longer is no reload. */
  private static final long TABLES_MAY_DIFFER_NANOS = Duration.ofSeconds(60).toNanos();

  /** What is left of one that was away for longer is cleared away. */
  private static final long FORGOTTEN_NANOS = Duration.ofMinutes(10).toNanos();

  private static final int MOST_STRANGE = 1_000;
  private static final int MOST_AT_ONCE = 32;

  /** One of them. */
  private static final class Known {
    private Beacon newest;

    /**
     * When its number was seen to have grown, it having read a late one of ours; null: not yet, and
     * it may be a thing of the past.
     */
    private @Nullable Long grownNanos;

    private final long firstNanos;

    /** When another number was seen. */
    private long movedNanos;

    private Known(Beacon first, long nowNanos) {
      newest = first;
      firstNanos = nowNanos;
      movedNanos = nowNanos;
    }
  }

  private final long ownBoot;
  private final Map<String, Known> known = new HashMap<>();

  /** By name, since when. */
  private final Map<String, Long> otherTables = new HashMap<>();

  private Set<String> toldOfTables = Set.of();

  /** What nobody of the site has written, by where it stands: its hash, and since when. */
  private final Map<String, Map.Entry<Integer, Long>> strange = new HashMap<>();

  /** Where of these something else stood before. */
  private final Set<String> strangeMoving = new HashSet<>();

  /** This front end's own beacons of late, by their numbers, and when each was written. */
  private final Map<Long, Long> sent = new LinkedHashMap<>();

  Neighbours(long ownBoot) {
    this.ownBoot = ownBoot;
  }

  /** This front end writes that one of its beacons. */
  void sent(long number, long nowNanos) {
    sent.put(number, nowNanos);
    sent.values().removeIf(at -> nowNanos - at > ECHOED_NANOS);
  }

  /** What of the others was read of late, for this front end's beacon. */
  Map<Long, Long> echoes(long nowNanos) {
    return known.values().stream()
        .filter(one -> nowNanos - one.movedNanos <= ECHOED_NANOS)
        .sorted(Comparator.comparing(one -> one.grownNanos == null))
        .limit(Beacon.MOST_ECHOES)
        .collect(Collectors.toMap(one -> one.newest.boot(), one -> one.newest.number(), Math::max));
  }

  private boolean hasReadUs(Beacon beacon, long nowNanos) {
    Long read = beacon.echoes().get(ownBoot);
    Long at = read == null ? null : sent.get(read);
    return at != null && nowNanos - at <= ECHOED_NANOS;
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
      before.movedNanos = nowNanos;
      if (hasReadUs(beacon, nowNanos)) {
        before.grownNanos = nowNanos;
      }
    }
  }

  /** Something stands there that cannot be read, as of a front end that had another key. */
  void strange(String field, byte[] value, long nowNanos) {
    int hash = Arrays.hashCode(value);
    Map.Entry<Integer, Long> before = strange.get(field);
    if (before == null ? strange.size() < MOST_STRANGE : before.getKey() != hash) {
      strange.put(field, Map.entry(hash, nowNanos));
      if (before != null) {
        strangeMoving.add(field);
      }
    }
  }

  /** The names under which somebody who has another key shows signs of life. */
  Set<String> strangers(long nowNanos) {
    Set<String> names = new TreeSet<>();
    strange.forEach(
        (field, seen) -> {
          if (strangeMoving.contains(field) && nowNanos - seen.getValue() <= LIVING_NANOS) {
            names.add(field.substring(0, Math.max(0, field.lastIndexOf('/'))));
          }
        });
    return names;
  }

  /**
   * Forgets those that are away for long, and what cannot be read and has not changed as long;
   * tells where they stood, a part of them if they are many.
   */
  List<String> forgotten(long nowNanos) {
    List<String> fields = new ArrayList<>();
    for (Known each : known.values()) {
      long last = each.grownNanos == null ? each.firstNanos : each.grownNanos;
      if (nowNanos - last > FORGOTTEN_NANOS) {
        fields.add(each.newest.field());
      }
    }
    strange.forEach(
        (field, seen) -> {
          if (nowNanos - seen.getValue() > FORGOTTEN_NANOS) {
            fields.add(field);
          }
        });
    List<String> some = List.copyOf(fields.subList(0, Math.min(fields.size(), MOST_AT_ONCE)));
    some.forEach(known::remove);
    some.forEach(strange::remove);
    some.forEach(strangeMoving::remove);
    return some;
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
        .filter(one -> !followed(one))
        .map(one -> one.newest)
        .sorted(Comparator.comparing(Beacon::node).thenComparing(Beacon::boot))
        .toList();
  }

  /** Whether it is over: a start of the same name has come since its last sign of life. */
  private boolean followed(Known one) {
    Long last = one.grownNanos;
    return last != null
        && known.values().stream()
            .filter(other -> other != one && other.grownNanos != null)
            .filter(other -> other.newest.node().equals(one.newest.node()))
            .anyMatch(other -> other.firstNanos - last >= 0);
  }

  /**
   * All others that were seen to live, with how long ago; those that live still are among them, and
   * of a name that was started anew the last start.
   */
  Map<Beacon, Long> all(long nowNanos) {
    Map<Beacon, Long> all = new HashMap<>();
    for (Known one : known.values()) {
      if (one.grownNanos != null && !followed(one)) {
        all.put(one.newest, nowNanos - one.grownNanos);
      }
    }
    return all;
  }

  /** The same without those that are away while another one that has their name lives. */
  Map<Beacon, Long> shown(long nowNanos) {
    Set<String> living =
        living(nowNanos).stream().map(Beacon::node).collect(Collectors.toUnmodifiableSet());
    Map<Beacon, Long> shown = all(nowNanos);
    shown
        .entrySet()
        .removeIf(each -> each.getValue() > LIVING_NANOS && living.contains(each.getKey().node()));
    return shown;
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

  /**
   * Compares the others' group tables with the own one.
   *
   * @return whose have differed for long, where that is news, also if nobody's do any more
   */
  Optional<Set<String>> otherTables(String fingerprint, long nowNanos) {
    Set<String> others = new TreeSet<>();
    for (Beacon each : living(nowNanos)) {
      if (!each.facts().fingerprint().equals(fingerprint)) {
        others.add(each.node());
        otherTables.putIfAbsent(each.node(), nowNanos);
      }
    }
    otherTables.keySet().retainAll(others);
    others.removeIf(
        node -> nowNanos - otherTables.getOrDefault(node, nowNanos) <= TABLES_MAY_DIFFER_NANOS);
    if (others.equals(toldOfTables)) {
      return Optional.empty();
    }
    toldOfTables = others;
    return Optional.of(others);
  }

  /** Nobody is compared for now. */
  void compareNone() {
    otherTables.clear();
    toldOfTables = Set.of();
  }
}
