package org.openmmp.storesim;

import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Who is master of a group, who was, and why. Safe for any thread. */
final class MasterSeat {
  private @Nullable StoreNode master;
  private @Nullable StoreNode last;
  private Election.Decision decision = new Election.Decision(null, "the group was not started");

  /** The master, or null while there is none. */
  synchronized @Nullable StoreNode master() {
    return master;
  }

  /** The master, or the one that was lost while no other was found. */
  synchronized @Nullable StoreNode last() {
    return last;
  }

  /** How the last election or appointment ended. */
  synchronized Election.Decision decision() {
    return decision;
  }

  /** Gives the seat to a node; the one that believed to hold it becomes replica. */
  synchronized void take(StoreNode next, String reason) {
    StoreNode old = last;
    if (old != null && old != next && old.role() == NodeRole.MASTER) {
      old.become(NodeRole.REPLICA);
    }
    next.become(NodeRole.MASTER);
    master = next;
    last = next;
    decision = new Election.Decision(next.name(), reason);
    notifyAll();
  }

  /** The master is lost. */
  synchronized void vacate() {
    master = null;
  }

  /** An election found nobody. */
  synchronized void stayEmpty(Election.Decision without) {
    decision = without;
  }

  /**
   * Waits for a master of that kind.
   *
   * @throws IllegalStateException after the limit
   */
  synchronized StoreNode await(Predicate<StoreNode> wanted, Duration limit)
      throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    StoreNode current = master;
    while (current == null || !wanted.test(current)) {
      long millis = (end - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new IllegalStateException(
            (current == null ? "nobody" : current.name())
                + " is master after "
                + limit.toSeconds()
                + " s; what happened last: "
                + decision.reason());
      }
      wait(millis);
      current = master;
    }
    return current;
  }
}
