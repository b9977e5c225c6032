package org.openmmp.repgroup;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many second connections the logins of a group may begin (rule B2.31): a share of the logins,
 * a few of which may be saved up, and a few at once. On any thread.
 */
final class HedgeBudget {
  /** What one costs, where each login brings its share in percent. */
  private static final long PRICE = 100;

  /** So many may be saved up. */
  static final int MOST_SAVED = 5;

  /** So many may be under way at once. */
  static final int MOST_AT_ONCE = 16;

  private final AtomicLong saved = new AtomicLong(MOST_SAVED * PRICE);
  private final AtomicInteger underWay = new AtomicInteger();

  /** A login began; credit that is lost to another thread is lost. */
  void loginBegan(int percent) {
    long before = saved.get();
    if (before < MOST_SAVED * PRICE) {
      saved.compareAndSet(before, Math.min(MOST_SAVED * PRICE, before + percent));
    }
  }

  /** Whether one may begin; then {@link #ended} follows. */
  boolean take() {
    if (underWay.incrementAndGet() <= MOST_AT_ONCE) {
      long before = saved.get();
      while (before >= PRICE) {
        if (saved.compareAndSet(before, before - PRICE)) {
          return true;
        }
        before = saved.get();
      }
    }
    underWay.decrementAndGet();
    return false;
  }

  /** One is under way no longer. */
  void ended() {
    underWay.decrementAndGet();
  }
}
