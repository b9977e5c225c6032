package org.openmmp.routing;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How long something that goes from state to state spent in each, in nanoseconds of the caller's
 * clock.
 *
 * @param <S> the states
 */
public final class Timeline<S extends Enum<S>> {
  private @Nullable Map<S, Long> spentNanos;
  private final long begunNanos;
  private S state;
  private long sinceNanos;
  private boolean stopped;
  private boolean counts = true;

  /** It begins in that state. */
  public Timeline(S first, long nowNanos) {
    begunNanos = nowNanos;
    state = first;
    sinceNanos = nowNanos;
  }

  /** The state that was entered last. */
  public S state() {
    return state;
  }

  /** The time until now belongs to the state before. */
  public void enter(S next, long nowNanos) {
    stop(nowNanos);
    stopped = false;
    state = next;
    sinceNanos = nowNanos;
  }

  /** The state that was entered last ends now; what follows belongs to none. */
  public void stop(long nowNanos) {
    if (!stopped) {
      stopped = true;
      if (!counts) {
        return;
      }
      if (spentNanos == null) {
        spentNanos = new EnumMap<>(state.getDeclaringClass());
      }
      spentNanos.merge(state, nowNanos - sinceNanos, Long::sum);
    }
  }

  /** How long ago it began. */
  public long sinceBeginNanos(long nowNanos) {
    return nowNanos - begunNanos;
  }

  /** The states that took time, with what they took. */
  public Map<S, Long> spentNanos() {
    return spentNanos == null ? Map.of() : spentNanos;
  }

  /** Starts to count anew. */
  public void clear() {
    counts = true;
    spentNanos = null;
  }

  /** Forgets what was counted, and counts no more until {@link #clear}. */
  public void forget() {
    counts = false;
    spentNanos = null;
  }
}
