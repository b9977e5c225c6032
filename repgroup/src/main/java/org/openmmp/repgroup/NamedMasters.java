package org.openmmp.repgroup;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which master each host of a group has named of late, and whether they contradict each other (rule
 * B2.37).
 *
 * <p>While a master changes, a replica may name the former one for a moment. So it is a
 * contradiction only if a host repeats a name behind the other's word, and if neither of the hosts
 * that are named says that it is not the master. On any thread.
 */
final class NamedMasters {
  /** A word that is older counts for nothing; nor is a contradiction told again sooner. */
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(60);

  /**
   * Two hosts that name different masters.
   *
   * @param by who named a master now
   * @param master whom it named
   * @param otherBy who named another one
   * @param otherMaster that one
   */
  record Contradiction(StoreHost by, StoreHost master, StoreHost otherBy, StoreHost otherMaster) {}

  /** Whom a host named, since when without a change, and when it did so last. */
  private record Word(StoreHost master, long firstNanos, long lastNanos) {}

  private final Map<StoreHost, Word> words = new HashMap<>();
  private @Nullable Long toldNanos;

  /**
   * A host referred to another of its group.
   *
   * @return the contradiction, if it is there and was not told within the last minute
   */
  synchronized @Nullable Contradiction named(StoreHost by, StoreHost master, long nowNanos) {
    words.values().removeIf(word -> nowNanos - word.lastNanos > WINDOW_NANOS);
    Word before = words.get(by);
    if (before == null || !before.master.equals(master)) {
      words.put(by, new Word(master, nowNanos, nowNanos));
      return null;
    }
    words.put(by, new Word(master, before.firstNanos, nowNanos));
    if (words.containsKey(master) || (toldNanos != null && nowNanos - toldNanos < WINDOW_NANOS)) {
      return null;
    }
    for (Map.Entry<StoreHost, Word> other : words.entrySet()) {
      Word word = other.getValue();
      boolean within = word.lastNanos - before.firstNanos >= 0;
      if (within && !word.master.equals(master) && !words.containsKey(word.master)) {
        toldNanos = nowNanos;
        return new Contradiction(by, master, other.getKey(), word.master);
      }
    }
    return null;
  }

  /** The host let somebody in without a referral: it names nobody any more. */
  synchronized void serves(StoreHost host) {
    words.remove(host);
  }
}
