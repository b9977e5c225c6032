package org.openmmp.admin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A counter for each constant of an enum, resolved once, so that counting looks nothing up.
 *
 * @param <E> the enum; its constants' names become the values of one label
 */
public final class EnumCounters<E extends Enum<E>> {
  private final EnumMap<E, Counter> counters;

  EnumCounters(
      MeterRegistry registry, String name, String help, Tags tags, String label, Class<E> type) {
    counters = new EnumMap<>(type);
    for (E constant : type.getEnumConstants()) {
      counters.put(
          constant,
          Counter.builder(name)
              .description(help)
              .tags(tags.and(label, Explanation.word(constant)))
              .register(registry));
    }
  }

  /** One more of this kind. */
  public void count(E kind) {
    Objects.requireNonNull(counters.get(kind)).increment();
  }

  /** How many of each kind there were, by its word. */
  Map<String, Long> counts() {
    Map<String, Long> counts = new LinkedHashMap<>();
    counters.forEach((kind, counter) -> counts.put(Explanation.word(kind), (long) counter.count()));
    return counts;
  }
}
