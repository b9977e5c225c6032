package org.openmmp.guard;

import org.jspecify.annotations.Nullable;

/** A place that was taken within a limit; given back exactly once, however often it is closed. */
public final class Permit implements AutoCloseable {
  /** Of one whom no limit concerns: no place was taken. */
  static final Permit NONE = new Permit(null);

  private volatile @Nullable Runnable giveBack;

  Permit(@Nullable Runnable giveBack) {
    this.giveBack = giveBack;
  }

  /** Gives the place back; on any thread, and again without effect. */
  @Override
  public void close() {
    Runnable first = giveBack;
    if (first != null && isFirst()) {
      first.run();
    }
  }

  private synchronized boolean isFirst() {
    boolean first = giveBack != null;
    giveBack = null;
    return first;
  }
}
