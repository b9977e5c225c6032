package org.openmmp.admin;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.HedgeResult;
import org.openmmp.repgroup.StoreHost;

/** What is counted of one group for one service. */
@SuppressWarnings("EnumOrdinal") // arrays: thousands of groups count so
final class GroupMeters {
  /** What is counted of the group as a whole, in this order. */
  private static final List<GroupMetric> COUNTED =
      List.of(
          GroupMetric.REFERRALS,
          GroupMetric.ROUNDS_WITHOUT_MASTER,
          GroupMetric.ONLY_STANDBY_SITE_LEFT,
          GroupMetric.SERVED_ELSEWHERE,
          GroupMetric.RIVAL_MASTERS,
          GroupMetric.MASTERS_DIFFER,
          GroupMetric.LOGINS_TURNED_AWAY,
          GroupMetric.GREETINGS_OVERDUE,
          GroupMetric.AFFINITY_CHANGES,
          GroupMetric.FAILOVERS);

  private final AtomicLongArray counts = new AtomicLongArray(COUNTED.size());
  private final AtomicIntegerArray hedges = new AtomicIntegerArray(HedgeResult.values().length);
  private final Map<String, HostMeters> hosts = new ConcurrentHashMap<>(4);
  private volatile Set<String> hostNames;
  private @Nullable StoreHost master;
  private long masterSinceNanos;
  private @Nullable StoreHost lastMaster;

  /**
   * Nothing is counted yet.
   *
   * @param hostNames the group's; none if these are many groups
   */
  GroupMeters(Set<String> hostNames) {
    this.hostNames = hostNames;
  }

  /** The group has these hosts now: what was counted of others is gone. */
  void followHosts(Set<String> names) {
    hostNames = names;
    hosts.keySet().removeIf(host -> !names.contains(host) && !host.equals(KnownNames.OTHER));
  }

  /** One more of these. */
  void count(GroupMetric metric) {
    counts.incrementAndGet(COUNTED.indexOf(metric));
  }

  /** One more second connection ended so. */
  void hedged(HedgeResult result) {
    hedges.incrementAndGet(result.ordinal());
  }

  HostMeters host(StoreHost host) {
    String name = hostNames.contains(host.name()) ? host.name() : KnownNames.OTHER;
    HostMeters known = hosts.get(name);
    return known != null ? known : hosts.computeIfAbsent(name, first -> new HostMeters());
  }

  /** The affinity began, moved, or ended with null. */
  synchronized void masterIs(@Nullable StoreHost host) {
    count(GroupMetric.AFFINITY_CHANGES);
    if (hostNames.isEmpty()) {
      return; // these are many groups, each with a master of its own
    }
    if (host != null) {
      if (lastMaster != null && !lastMaster.equals(host)) {
        count(GroupMetric.FAILOVERS);
      }
      lastMaster = host;
    }
    master = host;
    masterSinceNanos = System.nanoTime();
  }

  /** Tells all of it. */
  void tell(GroupPage page, String service, String group) {
    for (int i = 0; i < COUNTED.size(); i++) {
      page.add(COUNTED.get(i), service, group, counts.get(i));
    }
    for (HedgeResult each : HedgeResult.values()) {
      String word = Explanation.word(each);
      page.add(GroupMetric.HEDGES, service, group, "", word, hedges.get(each.ordinal()));
    }
    if (page.alone(group)) {
      tellMaster(page, service, group);
      for (String host : hostNames) {
        if (!hosts.containsKey(host)) {
          HostMeters.NOTHING.tell(page, service, group, host);
        }
      }
    }
    hosts.forEach((host, meters) -> meters.tell(page, service, group, host));
  }

  private synchronized void tellMaster(GroupPage page, String service, String group) {
    for (String host : hostNames) {
      int is = master != null && master.name().equals(host) ? 1 : 0;
      page.add(GroupMetric.GROUP_MASTER, service, group, host, "", is);
    }
    double age = master == null ? Double.NaN : (System.nanoTime() - masterSinceNanos) / 1e9;
    page.add(GroupMetric.GROUP_MASTER_AGE_SECONDS, service, group, age);
  }

  /** What is counted by host. An outcome that never was is not told. */
  static final class HostMeters {
    private static final HostMeters NOTHING = new HostMeters();

    private final AtomicLongArray outcomes = new AtomicLongArray(AttemptOutcome.values().length);

    /** Greeted, failed; cool-downs, recoveries. */
    private final AtomicLongArray others = new AtomicLongArray(4);

    void ended(AttemptOutcome outcome) {
      outcomes.incrementAndGet(outcome.ordinal());
    }

    /** A probe ended. */
    void probed(AttemptOutcome outcome) {
      others.incrementAndGet(outcome == AttemptOutcome.GREETED ? 0 : 1);
    }

    void cooledDown() {
      others.incrementAndGet(2);
    }

    void recovered() {
      others.incrementAndGet(3);
    }

    private void tell(GroupPage page, String service, String group, String host) {
      for (AttemptOutcome each : AttemptOutcome.values()) {
        long count = outcomes.get(each.ordinal());
        if (count > 0) {
          String word = Explanation.word(each);
          page.add(GroupMetric.STORE_ATTEMPTS, service, group, host, word, count);
        }
      }
      page.add(GroupMetric.STORE_PROBES, service, group, host, "greeted", others.get(0));
      page.add(GroupMetric.STORE_PROBES, service, group, host, "failed", others.get(1));
      page.add(GroupMetric.STORE_COOL_DOWNS, service, group, host, "", others.get(2));
      page.add(GroupMetric.STORE_RECOVERIES, service, group, host, "", others.get(3));
    }
  }
}
