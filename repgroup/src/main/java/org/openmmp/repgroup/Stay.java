package org.openmmp.repgroup;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

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
  private final Caller caller;
  private final long beganNanos;
  private final AtomicBoolean over = new AtomicBoolean();

  Stay(
      GroupMemory memory,
      SelectorSettings settings,
      StoreHost host,
      Caller caller,
      long beganNanos) {
    this.memory = memory;
    this.settings = settings;
    this.host = host;
    this.caller = caller;
    this.beganNanos = beganNanos;
    memory.owner().guestCame(caller.name(), host);
  }

  /**
   * Whether {@link #lasted} is to be called once the session has lasted for {@link #LASTING}: only
   * where that could clear its store.
   */
  public boolean wantsToLast() {
    return !memory.keepsItsGuests(host);
  }

  /** The session has lasted for {@link #LASTING}. */
  public void lasted(long nowNanos) {
    memory.guestLasted(settings, host, beganNanos, nowNanos);
  }

  /** The session is over; a second call does nothing. */
  public void ended(End how, long nowNanos) {
    if (!over.compareAndSet(false, true)) {
      return;
    }
    memory.owner().guestLeft(caller.name(), host);
    long lastedNanos = nowNanos - beganNanos;
    if (how == End.BY_STORE && lastedNanos <= AT_ONCE.toNanos() && caller.proven()) {
      memory.guestThrownOut(settings, host, new Doubts.Doubt(caller.name(), beganNanos, nowNanos));
    } else if (lastedNanos >= LASTING.toNanos() && wantsToLast()) {
      lasted(nowNanos);
    }
  }
}
