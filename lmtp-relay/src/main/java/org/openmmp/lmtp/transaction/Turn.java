package org.openmmp.lmtp.transaction;

import java.util.ArrayList;
import java.util.List;

/** One event's turn: its time, its chance, and what it wants of the adapter. */
final class Turn {
  private final long nowNanos;
  private final double random;
  private final List<RelayStep> steps = new ArrayList<>();

  /**
   * A turn in which nothing is wanted yet.
   *
   * @param random in [0,1), for jitter
   */
  Turn(long nowNanos, double random) {
    this.nowNanos = nowNanos;
    this.random = random;
  }

  long nowNanos() {
    return nowNanos;
  }

  double random() {
    return random;
  }

  void want(RelayStep step) {
    steps.add(step);
  }

  List<RelayStep> steps() {
    return steps;
  }
}
