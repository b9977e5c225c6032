package org.openmmp.transport;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * The order in which the addresses of a host are tried (RFC 8305, section 4): the families take
 * turns, and those that did not answer, or failed, while another one answered are for a minute
 * asked last, so that not every login waits for a dead one. It is no verdict on the host. On any
 * thread.
 */
final class SlowAddresses {
  private static final int MOST = 10_000;
  private static final long MEMORY_NANOS = Duration.ofMinutes(1).toNanos();

  private final Cache<InetSocketAddress, Long> since =
      Caffeine.newBuilder().maximumSize(MOST).build();

  /** The same addresses in the order in which they are to be tried. */
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
    List<InetAddress> all = interleaved(ordered);
    all.addAll(interleaved(behind));
    return all;
  }

  /** The families by turns, beginning with the first address's; each in its own order. */
  private static List<InetAddress> interleaved(List<InetAddress> addresses) {
    Deque<InetAddress> first = new ArrayDeque<>();
    Deque<InetAddress> second = new ArrayDeque<>();
    for (InetAddress address : addresses) {
      boolean same = first.isEmpty() || address.getClass() == first.getFirst().getClass();
      (same ? first : second).add(address);
    }
    List<InetAddress> turns = new ArrayList<>(addresses.size());
    while (!first.isEmpty() || !second.isEmpty()) {
      Stream.of(first, second).filter(each -> !each.isEmpty()).map(Deque::poll).forEach(turns::add);
    }
    return turns;
  }

  /** These did not answer, or failed, while another answered. */
  void remembered(Collection<InetSocketAddress> addresses, long nowNanos) {
    addresses.forEach(each -> since.put(each, nowNanos));
  }

  /** This one answered. */
  void forget(InetSocketAddress address) {
    if (since.asMap().containsKey(address)) {
      since.invalidate(address);
    }
  }
}
