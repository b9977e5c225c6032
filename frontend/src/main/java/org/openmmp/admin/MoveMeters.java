package org.openmmp.admin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import org.openmmp.repgroup.Service;

/**
 * The meters of one service's sessions that are to outlive their store (rule B9.3).
 *
 * @param <E> why one could not be moved
 */
public final class MoveMeters<E extends Enum<E>> {
  /** The service whose sessions may go on at another store. */
  public static final String SERVICE = "imap";

  /** Under which sessions are counted that could be moved. */
  private static final String COULD = "";

  private final Counter moved;
  private final Timer took;
  private final EnumCounters<E> ended;
  private final EnumCounters<E> stayed;

  MoveMeters(MeterRegistry registry, Service service, Class<E> reasons, DoubleSupplier waiting) {
    Tags tags = Tags.of("service", service.name());
    moved =
        SessionMeters.counter(
            registry, "openmmp.moves", "Sessions that went on at another store", tags);
    took =
        SessionMeters.timer(
            registry, "openmmp.move", "Time from the loss of a store to going on", tags);
    ended =
        new EnumCounters<>(
            registry,
            "openmmp.moves.ended",
            "Sessions that could not be moved and ended, by reason",
            tags,
            "reason",
            reasons);
    stayed =
        new EnumCounters<>(
            registry,
            "openmmp.moves.stayed",
            "Sessions that were to leave a living store and could not, by reason",
            tags,
            "reason",
            reasons);
    Gauge.builder("openmmp.moves.waiting", waiting, DoubleSupplier::getAsDouble)
        .description("Sessions that wait for their turn to be moved")
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  /** What became of the sessions so far, as a tree for JSON; empty if there was none. */
  Map<String, Object> counts() {
    Map<String, Long> ends = only(ended);
    Map<String, Long> stays = only(stayed);
    Map<String, Object> counts = new LinkedHashMap<>();
    if (moved.count() > 0 || !ends.isEmpty() || !stays.isEmpty()) {
      counts.put("moved", (long) moved.count());
      counts.put("ended", ends);
      counts.put("stayed", stays);
    }
    return counts;
  }

  private Map<String, Long> only(EnumCounters<E> reasons) {
    Map<String, Long> counts = new TreeMap<>(reasons.counts());
    counts.values().removeIf(count -> count == 0);
    return counts;
  }

  /**
   * How many sessions could be moved now, and why the others could not, in words.
   *
   * @param counts under an empty word those that could, the others by the word for the reason
   */
  public static String words(Map<String, Integer> counts) {
    Map<String, Integer> others = new TreeMap<>(counts);
    others.remove(COULD);
    String could = could(counts) + " could be moved now";
    return others.isEmpty()
        ? could
        : could
            + "; not: "
            + others.entrySet().stream()
                .map(each -> each.getKey() + " " + each.getValue())
                .collect(Collectors.joining(", "));
  }

  private static int could(Map<String, Integer> counts) {
    return counts.getOrDefault(COULD, 0);
  }

  /** The same of groups, as a tree for JSON. */
  public static Map<String, Object> tree(Map<String, Map<String, Integer>> groups) {
    Map<String, Object> tree = new TreeMap<>();
    groups.forEach(
        (group, counts) -> {
          Map<String, Integer> others = new TreeMap<>(counts);
          others.remove(COULD);
          Map<String, Object> told = new LinkedHashMap<>();
          told.put("movable", could(counts));
          told.put("not", others);
          tree.put(group, told);
        });
    return tree;
  }

  /** A session went on, so long after it had lost its store. */
  public void moved(long tookNanos) {
    moved.increment();
    took.record(tookNanos, TimeUnit.NANOSECONDS);
  }

  /** A session could not. */
  public void stranded(E why, boolean stays) {
    (stays ? stayed : ended).count(why);
  }
}
