package org.openmmp.proxy.session;

import java.util.EnumMap;
import java.util.Map;

/** How long one session spent in each state, in nanoseconds of the caller's clock. */
final class Timeline {
  private final long openedNanos;
  private final Map<SessionState, Long> spentNanos = new EnumMap<>(SessionState.class);
  private SessionState state = SessionState.GREETING;
  private long sinceNanos;

  Timeline(long nowNanos) {
    openedNanos = nowNanos;
    sinceNanos = nowNanos;
  }

  SessionState state() {
    return state;
  }

  void enter(SessionState next, long nowNanos) {
    spentNanos.merge(state, nowNanos - sinceNanos, Long::sum);
    state = next;
    sinceNanos = nowNanos;
  }

  long sinceOpenNanos(long nowNanos) {
    return nowNanos - openedNanos;
  }

  /** The states that took time, with what they took. */
  Map<SessionState, Long> spent() {
    return spentNanos;
  }

  /** Starts to count anew, for the next login of the same session. */
  void clear() {
    spentNanos.clear();
  }
}
