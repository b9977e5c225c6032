package org.openmmp.repgroup;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The hosts that an administrator has taken out of use, in whatever group they stand (rule B2.26).
 *
 * @param drained chosen only while no other host of the group takes over; since when
 * @param retired never chosen
 */
record Withdrawn(Map<StoreHost, Long> drained, Set<StoreHost> retired) {
  /** None of them. */
  static final Withdrawn NONE = new Withdrawn(Map.of(), Set.of());

  Withdrawn {
    drained = Map.copyOf(drained);
    retired = Set.copyOf(retired);
  }

  /** Since when the host is drained; null if it is not. */
  @Nullable Long drainedSince(StoreHost host) {
    return drained.get(host);
  }

  /**
   * Whether that host of the group may be used at all: it is not retired, and its site is in use.
   */
  boolean permits(StoreHost host, ReplicationGroup group, boolean siteActive) {
    return !retired.contains(host) && (siteActive || !group.standbySite().contains(host));
  }

  Withdrawn draining(StoreHost host, long nowNanos) {
    Map<StoreHost, Long> more = new HashMap<>(drained);
    more.put(host, nowNanos);
    return new Withdrawn(more, retired);
  }

  Withdrawn retiring(StoreHost host) {
    Set<StoreHost> more = new HashSet<>(retired);
    more.add(host);
    return new Withdrawn(without(host).drained, more);
  }

  /** The host is in use again. */
  Withdrawn without(StoreHost host) {
    Map<StoreHost, Long> fewer = new HashMap<>(drained);
    fewer.remove(host);
    Set<StoreHost> left = new HashSet<>(retired);
    left.remove(host);
    return new Withdrawn(fewer, left);
  }

  /** Whoever was retired stands in the new configuration because he is wanted again. */
  Withdrawn afterReload() {
    return retired.isEmpty() ? this : new Withdrawn(drained, Set.of());
  }
}
