package org.openmmp.guard;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openmmp.wire.Network;

/**
 * How many lines of the log may tell of clients that were refused (rule B8.8): so many in a second
 * for one network, so many in all, and what stays untold is counted by kind for a summary. Safe for
 * any thread.
 *
 * @param <K> kinds of refusal
 */
public final class LinePace<K extends Enum<K>> {
  /** Lines in a second about clients of one network. */
  static final int OF_ONE_NETWORK = 10;

  /** Lines in a second in all. */
  static final int IN_ALL = 100;

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long SUMMARY_EVERY = TimeUnit.MINUTES.toNanos(1);
  private static final int NETWORKS_REMEMBERED = 4_096;

  private final Class<K> kinds;
  private final Cache<Network, Window> networks =
      Caffeine.newBuilder().maximumSize(NETWORKS_REMEMBERED).executor(Runnable::run).build();
  private final Window all;
  private EnumMap<K, Long> untold;
  private long untoldSinceNanos;

  /** Begins with nothing told. */
  public LinePace(Class<K> kinds, long nowNanos) {
    this.kinds = kinds;
    this.all = new Window(nowNanos);
    this.untold = new EnumMap<>(kinds);
  }

  /** Whether this refusal may have its line; if not, it is counted for the next summary. */
  public boolean mayTell(K kind, Network network, long nowNanos) {
    Window ofNetwork = networks.get(network, key -> new Window(nowNanos));
    synchronized (this) {
      // A line that the whole has no room for costs its network nothing, and the other way round.
      if (ofNetwork.room(OF_ONE_NETWORK, nowNanos) && all.room(IN_ALL, nowNanos)) {
        ofNetwork.used++;
        all.used++;
        return true;
      }
      if (untold.isEmpty()) {
        untoldSinceNanos = nowNanos;
      }
      untold.merge(kind, 1L, Long::sum);
      return false;
    }
  }

  /**
   * What was left untold, once a minute has passed since the first of it; empty before, and when
   * nothing was. Each refusal is in one summary only.
   */
  public synchronized Map<K, Long> summary(long nowNanos) {
    if (untold.isEmpty() || nowNanos - untoldSinceNanos < SUMMARY_EVERY) {
      return Map.of();
    }
    return rest();
  }

  /** Everything still untold, however recent; for the end of the process. */
  public synchronized Map<K, Long> rest() {
    Map<K, Long> told = untold;
    untold = new EnumMap<>(kinds);
    return told;
  }

  /** The second under way; guarded by the pace. */
  private static final class Window {
    private long beganNanos;
    private int used;

    Window(long nowNanos) {
      beganNanos = nowNanos;
    }

    boolean room(int limit, long nowNanos) {
      if (nowNanos - beganNanos >= SECOND) {
        beganNanos = nowNanos;
        used = 0;
      }
      return used < limit;
    }
  }
}
