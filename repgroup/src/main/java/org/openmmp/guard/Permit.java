package org.openmmp.guard;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A place that was taken within a limit; given back exactly once, however often it is closed. */
public final class Permit implements AutoCloseable {
  /** Of one whom no limit concerns: no place was taken. */
  static final Permit NONE = new Permit(null);

  private final AtomicReference<@Nullable Runnable> giveBack;

  Permit(@Nullable Runnable giveBack) {
    this.giveBack = new AtomicReference<>(giveBack);
  }

  /** Gives the place back; on any thread, and again without effect. */
  @Override
  public void close() {
    Runnable first = giveBack.getAndSet(null);
    if (first != null) {
      first.run();
    }
  }
}
