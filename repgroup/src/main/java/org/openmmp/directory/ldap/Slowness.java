package org.openmmp.directory.ldap;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whether it is the directory that is slow, or single names are: then these few must not hold what
 * all others need (rule B1.13). On any thread.
 */
final class Slowness {
  /** So many late answers without a quick one between them, and it is the directory. */
  static final int MANY = 8;

  private final AtomicInteger lateInARow = new AtomicInteger();

  /** Somebody was answered quickly. */
  void quick() {
    lateInARow.set(0);
  }

  /** Somebody was not answered quickly. */
  void late() {
    lateInARow.accumulateAndGet(1, (row, one) -> Math.min(row + one, MANY));
  }

  /** Whether nobody is answered quickly. */
  boolean general() {
    return lateInARow.get() >= MANY;
  }
}
