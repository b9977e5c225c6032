package org.openmmp.admin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.openmmp.repgroup.Service;

/**
 * The meters of one service's sessions that are to outlive their store (rule B9.3).
 *
 * @param <E> why one could not be moved
 */
public final class MoveMeters<E extends Enum<E>> {
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
