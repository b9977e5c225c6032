package org.openmmp.program;

import java.util.ArrayList;
import java.util.List;

/**
 * What a reload has made ready and nobody uses yet: all of it is taken over, or all is given back.
 * Used once, on one thread.
 */
public final class Takeover {
  private final List<Runnable> taking = new ArrayList<>();
  private final List<Runnable> dropping = new ArrayList<>();
  private final boolean trial;

  /**
   * Nothing yet.
   *
   * @param trial whether it will be given back whatever comes: what others could notice is tried
   *     and not done
   */
  Takeover(boolean trial) {
    this.trial = trial;
  }

  boolean trial() {
    return trial;
  }

  /** Something that is done if all is taken over, in this order; it must not fail. */
  void onTake(Runnable step) {
    taking.add(step);
  }

  /** Something that is undone if not, the last first. */
  void onDrop(Runnable step) {
    dropping.add(0, step);
  }

  void take() {
    taking.forEach(Runnable::run);
  }

  void drop() {
    dropping.forEach(Runnable::run);
  }
}
