package org.openmmp.repgroup;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The names whose sessions a group's stores ended within the last minutes: they come back at once,
 * and are served before others (rule B2.28). A bit for each name, so that it takes no more room for
 * thousands; a few others may be taken for one. Nothing is kept where no store ends sessions. Safe
 * for any thread.
 */
final class LatelyEnded {
  private static final int WORDS = 1_024;

  /** They are remembered for once to twice as long. */
  static final Duration REMEMBERED = Duration.ofMinutes(2);

  private long @Nullable [] young;
  private long @Nullable [] old;
  private long sinceNanos;

  synchronized void add(long name, long nowNanos) {
    turn(nowNanos);
    long[] bits = young;
    if (bits == null) {
      bits = new long[WORDS];
      young = bits;
      sinceNanos = nowNanos;
    }
    bits[word(name)] |= 1L << name;
  }

  synchronized boolean has(long name, long nowNanos) {
    if (young == null && old == null) {
      return false;
    }
    turn(nowNanos);
    return has(young, name) || has(old, name);
  }

  private static boolean has(long @Nullable [] bits, long name) {
    return bits != null && (bits[word(name)] & 1L << name) != 0;
  }

  private static int word(long name) {
    return (int) (name >>> 6) & WORDS - 1;
  }

  private void turn(long nowNanos) {
    if ((young != null || old != null) && nowNanos - sinceNanos >= REMEMBERED.toNanos()) {
      boolean late = nowNanos - sinceNanos >= 2 * REMEMBERED.toNanos();
      old = late ? null : young;
      young = null;
      sinceNanos = nowNanos;
    }
  }
}
