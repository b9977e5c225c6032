package org.openmmp.admin;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.HedgeResult;
import org.openmmp.repgroup.Reason;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.SelectionListener;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;

/**
 * Counts what selection decides, by service and group, and by host where it is one host's doing.
 */
final class SelectionMeters implements SelectionListener {
  private final KnownNames names;
  private final Map<Service, Map<String, GroupMeters>> meters = new ConcurrentHashMap<>();
  private final AtomicLong networkGone = new AtomicLong();

  SelectionMeters(MeterRegistry registry, KnownNames names) {
    this.names = names;
    SessionMeters.gauge(
        registry,
        "openmmp.network.gone",
        "1 while this machine's own network seems to be gone",
        Tags.empty(),
        networkGone);
  }

  @Override
  public void networkGone(boolean kernel) {
    networkGone.set(1);
  }

  @Override
  public void networkBack() {
    networkGone.set(0);
  }

  @Override
  public void attemptEnded(
      ReplicationGroup group, Service service, StoreHost host, AttemptOutcome outcome) {
    of(group, service).host(host).ended(outcome);
  }

  @Override
  public void affinityChanged(
      ReplicationGroup group,
      Service service,
      @Nullable StoreHost from,
      @Nullable StoreHost to,
      String why) {
    of(group, service).masterIs(to);
  }

  @Override
  public void coolDownBegan(
      ReplicationGroup group, Service service, StoreHost host, CoolDownNews news) {
    of(group, service).host(host).cooledDown();
  }

  @Override
  public void recovered(ReplicationGroup group, Service service, StoreHost host) {
    of(group, service).host(host).recovered();
  }

  @Override
  public void servedElsewhere(
      ReplicationGroup group, Service service, StoreHost master, StoreHost at, boolean rival) {
    of(group, service).count(rival ? GroupMetric.RIVAL_MASTERS : GroupMetric.SERVED_ELSEWHERE);
  }

  @Override
  public void mastersDiffer(
      ReplicationGroup group,
      Service service,
      StoreHost by,
      StoreHost master,
      StoreHost otherBy,
      StoreHost otherMaster) {
    of(group, service).count(GroupMetric.MASTERS_DIFFER);
  }

  @Override
  public void referred(
      ReplicationGroup group, Service service, StoreHost from, @Nullable StoreHost to) {
    of(group, service).count(GroupMetric.REFERRALS);
  }

  @Override
  public void hedged(ReplicationGroup group, Service service, StoreHost host, HedgeResult result) {
    of(group, service).hedged(result);
  }

  @Override
  public void probed(
      ReplicationGroup group,
      Service service,
      StoreHost host,
      AttemptOutcome outcome,
      String reason) {
    of(group, service).host(host).probed(outcome);
  }

  @Override
  public void greetingsOverdue(ReplicationGroup group, Service service, Reason which) {
    of(group, service).count(GroupMetric.GREETINGS_OVERDUE);
  }

  @Override
  public void noMaster(ReplicationGroup group, Service service, Duration pause) {
    of(group, service).count(GroupMetric.ROUNDS_WITHOUT_MASTER);
  }

  @Override
  public void turnedAway(ReplicationGroup group, Service service) {
    of(group, service).count(GroupMetric.LOGINS_TURNED_AWAY);
  }

  @Override
  public void onlyStandbySiteLeft(
      ReplicationGroup group, Service service, Set<StoreHost> standbySite) {
    of(group, service).count(GroupMetric.ONLY_STANDBY_SITE_LEFT);
  }

  /** Keeps what was counted of the groups and hosts that there are now, and nothing of others. */
  void followNames() {
    for (Map<String, GroupMeters> groups : meters.values()) {
      groups.keySet().removeIf(group -> !names.group(group).equals(group));
      groups.forEach((group, its) -> its.followHosts(names.hosts(group)));
    }
  }

  /** Tells of the groups for which a service asked for a store. */
  void tell(GroupPage page) {
    meters.forEach(
        (service, groups) -> {
          if (page.ofMany()) {
            new GroupMeters(Set.of()).tell(page, service.name(), GroupPage.REST);
          }
          groups.forEach((group, its) -> its.tell(page, service.name(), group));
        });
  }

  private GroupMeters of(ReplicationGroup group, Service service) {
    String named = names.group(group.name());
    Map<String, GroupMeters> groups =
        meters.computeIfAbsent(service, first -> new ConcurrentHashMap<>());
    GroupMeters known = groups.get(named);
    return known != null
        ? known
        : groups.computeIfAbsent(named, first -> new GroupMeters(names.hosts(named)));
  }
}
