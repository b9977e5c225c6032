package org.openmmp.guard;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Sessions of one group that wait to be moved to another store: so many go within a second, those
 * first whose client has said something meanwhile, the others in the order in which they came (rule
 * B9.5). A session stands here by what wakes it. Safe for any thread.
 */
public final class MoveQueue {
  private static final double SECOND = TimeUnit.SECONDS.toNanos(1);

  /** What was not used for a while goes at once, but no more than this part of a second's worth. */
  private static final int PART_AT_ONCE = 20;

  private final Set<Runnable> hurried = new LinkedHashSet<>();
  private final Set<Runnable> others = new LinkedHashSet<>();
  private double allowed;
  private boolean used;
  private long lastNanos;

  /** One more waits. */
  public synchronized void add(Runnable wake) {
    others.add(wake);
  }

  /** Its client waits for it: it goes before those whose clients are silent. */
  public synchronized void hurry(Runnable wake) {
    if (others.remove(wake)) {
      hurried.add(wake);
    }
  }

  /** It waits no more. */
  public synchronized void leave(Runnable wake) {
    if (!others.remove(wake)) {
      hurried.remove(wake);
    }
  }

  /** How many wait. */
  public synchronized int size() {
    return hurried.size() + others.size();
  }

  /** Takes those out whose turn it is, at so many in a second. */
  public synchronized List<Runnable> due(int perSecond, long nowNanos) {
    double most = Math.max(1, (double) perSecond / PART_AT_ONCE);
    allowed = used ? Math.min(most, allowed + (nowNanos - lastNanos) / SECOND * perSecond) : most;
    used = true;
    lastNanos = nowNanos;
    List<Runnable> due = new ArrayList<>();
    take(hurried, due);
    take(others, due);
    return due;
  }

  private void take(Set<Runnable> from, List<Runnable> due) {
    for (Iterator<Runnable> each = from.iterator(); allowed >= 1 && each.hasNext(); allowed--) {
      due.add(each.next());
      each.remove();
    }
  }
}
