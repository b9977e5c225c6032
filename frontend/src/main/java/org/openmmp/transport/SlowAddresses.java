package org.openmmp.transport;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Addresses of hosts with several that did not answer while another one did: for a minute they are
 * asked last, so that not every login waits for a dead one. It is no verdict on the host. On any
 * thread.
 */
final class SlowAddresses {
  private static final int MOST = 10_000;
  private static final long MEMORY_NANOS = Duration.ofMinutes(1).toNanos();

  private final Cache<InetSocketAddress, Long> since =
      Caffeine.newBuilder().maximumSize(MOST).build();

  /** The same addresses: those that were slow stand last, in the same order otherwise. */
  List<InetAddress> last(List<InetAddress> addresses, int port, long nowNanos) {
    if (addresses.size() < 2) {
      return addresses;
    }
    List<InetAddress> ordered = new ArrayList<>(addresses.size());
    List<InetAddress> behind = new ArrayList<>();
    for (InetAddress address : addresses) {
      Long slow = since.getIfPresent(new InetSocketAddress(address, port));
      (slow != null && nowNanos - slow < MEMORY_NANOS ? behind : ordered).add(address);
    }
    ordered.addAll(behind);
    return ordered;
  }

  /** These did not answer while another did. */
  void remembered(Collection<InetSocketAddress> addresses, long nowNanos) {
    addresses.forEach(each -> since.put(each, nowNanos));
  }

  /** This one answered. */
  void forget(InetSocketAddress address) {
    since.invalidate(address);
  }
}
