package org.openmmp.proxy.netty;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.openmmp.proxy.session.Farewell;

/** The sessions that are open now; on any thread. */
public final class OpenSessions {
  private final Set<SessionDriver> drivers = ConcurrentHashMap.newKeySet();
  private final Object noneLeft = new Object();

  void add(SessionDriver driver) {
    drivers.add(driver);
  }

  void remove(SessionDriver driver) {
    drivers.remove(driver);
    synchronized (noneLeft) {
      if (drivers.isEmpty()) {
        noneLeft.notifyAll();
      }
    }
  }

  /** Waits until there is none, at most so long. Blocks: not for an event loop. */
  public void awaitNone(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    try {
      synchronized (noneLeft) {
        long left = limit.toNanos();
        while (!drivers.isEmpty() && left > 0) {
          TimeUnit.NANOSECONDS.timedWait(noneLeft, left);
          left = deadline - System.nanoTime();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How many there are. */
  public int count() {
    return drivers.size();
  }

  /** Ends all of them with their protocol's words; returns before they are gone. */
  public void endAll(Farewell why) {
    drivers.forEach(driver -> driver.end(why));
  }
}
