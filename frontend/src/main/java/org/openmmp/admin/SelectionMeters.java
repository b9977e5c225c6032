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
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.SelectionListener;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;

/**
 * Counts what selection decides, by service and group, and by host where it is one host's doing.
 */
final class SelectionMeters implements SelectionListener {
  private final MeterRegistry registry;
  private final KnownNames names;
  private final Map<Service, Map<String, GroupMeters>> meters = new ConcurrentHashMap<>();
  private final AtomicLong networkGone = new AtomicLong();

  SelectionMeters(MeterRegistry registry, KnownNames names) {
    this.registry = registry;
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
    of(group, service).host(host).outcomes.count(outcome);
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
    of(group, service).host(host).coolDowns.increment();
  }

  @Override
  public void recovered(ReplicationGroup group, Service service, StoreHost host) {
    of(group, service).host(host).recoveries.increment();
  }

  @Override
  public void servedElsewhere(
      ReplicationGroup group, Service service, StoreHost master, StoreHost at, boolean rival) {
    GroupMeters meters = of(group, service);
    (rival ? meters.rivals : meters.servedElsewhere).increment();
  }

  @Override
  public void mastersDiffer(
      ReplicationGroup group,
      Service service,
      StoreHost by,
      StoreHost master,
      StoreHost otherBy,
      StoreHost otherMaster) {
    of(group, service).mastersDiffer.increment();
  }

  @Override
  public void referred(
      ReplicationGroup group, Service service, StoreHost from, @Nullable StoreHost to) {
    of(group, service).referrals.increment();
  }

  @Override
  public void hedged(ReplicationGroup group, Service service, StoreHost host, HedgeResult result) {
    of(group, service).hedges.count(result);
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
  public void noMaster(ReplicationGroup group, Service service, Duration pause) {
    of(group, service).roundsWithoutMaster.increment();
  }

  @Override
  public void turnedAway(ReplicationGroup group, Service service) {
    of(group, service).turnedAway.increment();
  }

  @Override
  public void onlyStandbySiteLeft(
      ReplicationGroup group, Service service, Set<StoreHost> standbySite) {
    of(group, service).onlyStandbySiteLeft.increment();
  }

  /** Has meters of the groups and hosts that there are now, as far as they were counted. */
  void followNames() {
    meters.forEach(
        (service, groups) ->
            groups.forEach(
                (group, its) -> {
                  if (names.group(group).equals(group)) {
                    its.followHosts(names.hosts(group));
                  } else {
                    groups.remove(group);
                    SessionMeters.forget(
                        registry,
                        Tags.of("service", service.name(), "group", group),
                        name -> !SessionMeters.OWN.contains(name));
                  }
                }));
  }

  private GroupMeters of(ReplicationGroup group, Service service) {
    String named = names.group(group.name());
    Map<String, GroupMeters> groups =
        meters.computeIfAbsent(service, first -> new ConcurrentHashMap<>());
    GroupMeters known = groups.get(named);
    return known != null
        ? known
        : groups.computeIfAbsent(
            named, first -> new GroupMeters(registry, service, named, names.hosts(named)));
  }
}
