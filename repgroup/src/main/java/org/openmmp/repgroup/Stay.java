package org.openmmp.repgroup;

import java.time.Duration;

/**
 * A session at a store from its hand-over to its end, which shows whether the store keeps those it
 * lets in (rule B2.20). Ended once; on any thread.
 */
public final class Stay {
  /** A session that ends sooner may have been thrown out. */
  static final Duration AT_ONCE = Duration.ofSeconds(2);

  /** A session that lasts this long shows that its store keeps those it lets in. */
  public static final Duration LASTING = Duration.ofSeconds(10);

  /** How a session ended. */
  public enum End {
    /** The store ended it, and the client had not asked to leave. */
    BY_STORE,
    /** The client ended it, or had asked the store to. */
    BY_CLIENT,
    /** This front end ended it: drained, kicked, over a limit. */
    BY_US
  }

  private final GroupMemory memory;
  private final SelectorSettings settings;
  private final StoreHost host;
  private final long guest;
  private final boolean proven;
  private final long beganNanos;
  private boolean over;

  Stay(
      GroupMemory memory,
      SelectorSettings settings,
      StoreHost host,
      Caller caller,
      long beganNanos) {
    this.memory = memory;
    this.settings = settings;
    this.host = host;
    this.guest = caller.name();
    this.proven = caller.proven();
    this.beganNanos = beganNanos;
    memory.owner().guestCame(guest, host);
  }

  /**
   * Whether {@link #lasted} is to be called once the session has lasted for {@link #LASTING}: only
   * where that could clear its store.
   */
  public boolean wantsToLast() {
    return !memory.keepsItsGuests(host);
  }

  /** Whether it has lasted for {@link #LASTING}. */
  public boolean hasLasted(long nowNanos) {
    return nowNanos - beganNanos >= LASTING.toNanos();
  }

  /** The session has lasted for {@link #LASTING}. */
  public void lasted(long nowNanos) {
    memory.guestLasted(settings, host, beganNanos, nowNanos);
  }

  /**
   * The store has ended it, and its client hears of that next: it may be back before the session is
   * over (rule B2.28).
   */
  public void lost(long nowNanos) {
    memory.owner().endsByStore(guest, nowNanos);
  }

  /** The session is over; a second call does nothing. */
  public void ended(End how, long nowNanos) {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
    }
    memory.owner().guestLeft(guest, host);
    if (how == End.BY_STORE) {
      memory.owner().endsByStore(guest, nowNanos);
    }
    long lastedNanos = nowNanos - beganNanos;
    if (how == End.BY_STORE && lastedNanos <= AT_ONCE.toNanos() && proven) {
      memory.guestThrownOut(settings, host, new Doubts.Doubt(guest, beganNanos, nowNanos));
    } else if (lastedNanos >= LASTING.toNanos() && wantsToLast()) {
      lasted(nowNanos);
    }
  }
}
