package org.openmmp.repgroup;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * The names whose sessions a group's stores ended within the last minutes: they come back at once,
 * and have the turns that others leave (rule B2.28). Nothing is kept where no store ends sessions,
 * and of so many names at the most that no more than a large site has. Safe for any thread.
 */
final class LatelyEnded {
  /** They are remembered for once to twice as long. */
  static final Duration REMEMBERED = Duration.ofMinutes(2);

  /** Of each half of that time; who is one too many is taken for one that lost no session. */
  static final int MOST = 200_000;

  private Set<Long> young = Set.of();
  private Set<Long> old = Set.of();
  private long sinceNanos;

  synchronized void add(long name, long nowNanos) {
    turn(nowNanos);
    if (young.isEmpty()) {
      young = new HashSet<>();
      sinceNanos = nowNanos;
    }
    if (young.size() < MOST) {
      young.add(name);
    }
  }

  synchronized boolean has(long name, long nowNanos) {
    if (young.isEmpty() && old.isEmpty()) {
      return false;
    }
    turn(nowNanos);
    return young.contains(name) || old.contains(name);
  }

  private void turn(long nowNanos) {
    boolean any = !(young.isEmpty() && old.isEmpty());
    if (any && nowNanos - sinceNanos >= REMEMBERED.toNanos()) {
      boolean late = nowNanos - sinceNanos >= 2 * REMEMBERED.toNanos();
      old = late ? Set.of() : young;
      young = Set.of();
      sinceNanos = nowNanos;
    }
  }
}
