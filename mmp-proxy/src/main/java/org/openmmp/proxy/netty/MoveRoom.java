package org.openmmp.proxy.netty;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.openmmp.guard.MoveQueue;

/**
 * What the moves of all sessions share: the key that told messages are remembered by, and whose
 * turn it is in each group (rule B9.5). On any thread.
 */
public final class MoveRoom {
  private static final long STEP_MILLIS = 20;

  private final byte[] key;
  private final ScheduledExecutorService clock;
  private final Map<String, Queue> queues = new ConcurrentHashMap<>();
  private volatile String sufficient = "";

  /**
   * Nobody waits yet.
   *
   * @param key 16 octets or more of chance
   * @param clock where turns are given
   */
  public MoveRoom(byte[] key, ScheduledExecutorService clock) {
    this.key = key.clone();
    this.clock = clock;
  }

  /** Whether that is what was found to suffice last: it is looked at once, not at each login. */
  boolean suffices(String offered) {
    return offered.equals(sufficient);
  }

  /** Those capabilities are all that a move needs. */
  void foundSufficient(String offered) {
    sufficient = offered;
  }

  byte[] key() {
    return key;
  }

  /** How many sessions wait for their turn. */
  public int waiting() {
    return queues.values().stream().mapToInt(queue -> queue.turns.size()).sum();
  }

  /**
   * Waits for a turn in that group.
   *
   * @param perSecond how many there are in a second
   * @param wake run on any thread once it has come, and perhaps at once
   */
  void await(String group, int perSecond, Runnable wake) {
    Queue queue = queues.computeIfAbsent(group, first -> new Queue());
    queue.perSecond = perSecond;
    queue.turns.add(wake);
    queue.give();
  }

  /** Its client waits. */
  void hurry(String group, Runnable wake) {
    Queue queue = queues.get(group);
    if (queue != null) {
      queue.turns.hurry(wake);
    }
  }

  /** It waits no more. */
  void leave(String group, Runnable wake) {
    Queue queue = queues.get(group);
    if (queue != null) {
      queue.turns.leave(wake);
    }
  }

  /** The queue of one group. */
  private final class Queue {
    private final MoveQueue turns = new MoveQueue();
    private volatile int perSecond = 1;
    private boolean ticking;

    void give() {
      turns.due(perSecond, System.nanoTime()).forEach(Runnable::run);
      synchronized (this) {
        if (ticking || turns.size() == 0 || clock.isShutdown()) {
          return;
        }
        ticking = true;
      }
      clock.schedule(this::tick, STEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void tick() {
      synchronized (this) {
        ticking = false;
      }
      give();
    }
  }
}
