package org.openmmp.lmtp.transaction;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.store.StoreCapacity;
import org.openmmp.lmtp.store.StorePlace;

/**
 * How one delivery waits for a connection to a store whose connections are all in use (rule B5.18).
 * It may come to this several times, at one store or another; all its waits together have one end.
 */
final class ConnectionWait {
  private final StoreCapacity capacity;
  private final StoreCapacity.Claim claim;
  private @Nullable StorePlace full;

  /** The end of all waits; null: there was none yet. */
  private @Nullable Long untilNanos;

  /** Whether it hears of connections that become free. */
  private boolean hears;

  /** Of a delivery that waits for nothing yet. */
  ConnectionWait(StoreCapacity capacity, StoreCapacity.Claim claim) {
    this.capacity = capacity;
    this.claim = claim;
  }

  /** Whether a connection is waited for. */
  boolean underWay() {
    return full != null;
  }

  /**
   * Waits for a connection there.
   *
   * @param longest of all waits together; counts from the first
   * @return false: it is of no use, or there is no time left
   */
  boolean begin(StorePlace place, Duration longest, Turn turn) {
    long until = untilNanos == null ? turn.nowNanos() + longest.toNanos() : untilNanos;
    untilNanos = until;
    if (turn.nowNanos() - until >= 0 || !capacity.await(claim, place, turn.nowNanos())) {
      return false;
    }
    full = place;
    if (!hears) {
      hears = true;
      turn.want(new RelayStep.Await(claim.party(), claim.party()::onNews));
    }
    return true;
  }

  /** Whether it is of use to try again. */
  boolean mayGoOn(long nowNanos) {
    return full != null && capacity.mayGoOn(claim, nowNanos);
  }

  /** The store that gave no connection in time; null: there is still time, or no wait. */
  @Nullable StorePlace failed(long nowNanos) {
    return untilNanos != null && nowNanos - untilNanos >= 0 ? full : null;
  }

  /** It is over; the delivery keeps its turn among those who wait, until it leaves the store. */
  void end() {
    full = null;
  }

  /** When {@link #mayGoOn} or {@link #failed} may be true, or that other time if it is earlier. */
  @Nullable Long earliest(@Nullable Long other) {
    if (full == null) {
      return other;
    }
    Long grows = capacity.growsNext(claim);
    Long next = untilNanos == null ? other : DeliveryClock.earlier(other, untilNanos);
    return grows == null ? next : DeliveryClock.earlier(next, grows);
  }
}
