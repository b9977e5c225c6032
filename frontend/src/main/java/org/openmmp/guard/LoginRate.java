package org.openmmp.guard;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.concurrent.TimeUnit;
import org.openmmp.wire.Network;

/**
 * A token bucket for each client network: it holds one second's worth of logins and fills evenly.
 *
 * <p>A bucket is one number, the time at which it will be full again. A network that the bounded
 * table forgot begins with a full one.
 */
final class LoginRate {
  private final Cache<Network, Long> fullAt;
  private final long nanosPerLogin;

  LoginRate(int loginsPerSecond, int tableSize) {
    nanosPerLogin = Math.max(1, TimeUnit.SECONDS.toNanos(1) / loginsPerSecond);
    fullAt = Caffeine.newBuilder().maximumSize(tableSize).executor(Runnable::run).build();
  }

  /** Takes one login out of the network's bucket, unless it is empty. */
  boolean take(Network client, long nowNanos) {
    boolean[] taken = new boolean[1];
    fullAt
        .asMap()
        .compute(
            client,
            (network, full) -> {
              long from = full == null || full - nowNanos < 0 ? nowNanos : full;
              long after = from + nanosPerLogin;
              taken[0] = after - nowNanos <= TimeUnit.SECONDS.toNanos(1);
              return taken[0] ? Long.valueOf(after) : full;
            });
    return taken[0];
  }

  long size() {
    fullAt.cleanUp();
    return fullAt.estimatedSize();
  }
}
