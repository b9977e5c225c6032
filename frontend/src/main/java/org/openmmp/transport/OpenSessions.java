package org.openmmp.transport;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The sessions with clients that are open now, of whatever protocol; on any thread. */
public final class OpenSessions {
  private final Set<OpenSession> sessions = ConcurrentHashMap.newKeySet();
  private final Object noneLeft = new Object();

  /** A client was let in. */
  public void add(OpenSession session) {
    sessions.add(session);
  }

  /** A client is gone. */
  public void remove(OpenSession session) {
    sessions.remove(session);
    synchronized (noneLeft) {
      if (sessions.isEmpty()) {
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
        while (!sessions.isEmpty() && left > 0) {
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
    return sessions.size();
  }

  /** Ends all of them with their protocols' words; returns before they are gone. */
  public void endAll() {
    sessions.forEach(OpenSession::end);
  }
}
