package org.openmmp.admin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.HedgeResult;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.StoreHost;

/** The meters of one group for one service. */
final class GroupMeters {
  final Counter referrals;
  final Counter roundsWithoutMaster;
  final Counter onlyStandbySiteLeft;
  final Counter servedElsewhere;
  final Counter rivals;
  final Counter mastersDiffer;
  final EnumCounters<HedgeResult> hedges;
  final Counter turnedAway;
  private final Counter affinityChanges;
  private final Counter failovers;
  private final MeterRegistry registry;
  private final Tags tags;
  private final Map<String, HostMeters> hosts = new ConcurrentHashMap<>();
  private final HostMeters otherHost;
  private @Nullable StoreHost master;
  private long masterSinceNanos;
  private @Nullable StoreHost lastMaster;

  GroupMeters(MeterRegistry registry, Service service, String group, Set<String> hostNames) {
    this.registry = registry;
    tags = Tags.of("service", service.name(), "group", group);
    referrals =
        SessionMeters.counter(
            registry, "openmmp.referrals", "Referrals to another host of the group", tags);
    roundsWithoutMaster =
        SessionMeters.counter(
            registry,
            "openmmp.rounds.without.master",
            "Times that every host was asked and none was master",
            tags);
    onlyStandbySiteLeft =
        SessionMeters.counter(
            registry,
            "openmmp.only.standby.site.left",
            "Times that only a standby site that is not activated was left",
            tags);
    servedElsewhere =
        SessionMeters.counter(
            registry,
            "openmmp.served.elsewhere",
            "Times that one service went to another host than the group's master",
            tags);
    rivals =
        SessionMeters.counter(
            registry,
            "openmmp.rival.masters",
            "Times that another host took logins as a master while the master had not failed",
            tags);
    mastersDiffer =
        SessionMeters.counter(
            registry,
            "openmmp.masters.differ",
            "Minutes in which hosts of the group named different masters",
            tags);
    hedges =
        new EnumCounters<>(
            registry,
            "openmmp.hedges",
            "Second connections that logins began beside a host that was late, by result",
            tags,
            "result",
            HedgeResult.class);
    turnedAway =
        SessionMeters.counter(
            registry,
            "openmmp.logins.turned.away",
            "Logins refused for now because too many waited, or their turn did not come in time",
            tags);
    affinityChanges =
        SessionMeters.counter(
            registry, "openmmp.affinity.changes", "Times the affinity began, moved or ended", tags);
    failovers =
        SessionMeters.counter(
            registry, "openmmp.failovers", "Times another host became the master", tags);
    TimeGauge.builder(
            "openmmp.group.master.age",
            this,
            TimeUnit.NANOSECONDS,
            meters -> meters.ageNanos(System.nanoTime()))
        .description("For how long the group's master is that; NaN if none is known")
        .tags(tags)
        .strongReference(true)
        .register(registry);
    otherHost = new HostMeters(registry, tags.and("host", KnownNames.OTHER));
    followHosts(hostNames);
  }

  /** Has meters of the hosts that the group has now, and none of others. */
  void followHosts(Set<String> names) {
    for (String host : List.copyOf(hosts.keySet())) {
      if (!names.contains(host)) {
        hosts.remove(host);
        SessionMeters.forget(
            registry, tags.and("host", host), name -> !SessionMeters.OWN.contains(name));
      }
    }
    for (String host : names) {
      hosts.computeIfAbsent(host, this::register);
    }
  }

  private HostMeters register(String host) {
    Tags hostTags = tags.and("host", host);
    Gauge.builder("openmmp.group.master", this, meters -> meters.isMaster(host) ? 1 : 0)
        .description("1 for the host that is the group's master")
        .tags(hostTags)
        .strongReference(true)
        .register(registry);
    return new HostMeters(registry, hostTags);
  }

  HostMeters host(StoreHost host) {
    return hosts.getOrDefault(host.name(), otherHost);
  }

  /** The affinity began, moved, or ended with null. */
  synchronized void masterIs(@Nullable StoreHost host) {
    affinityChanges.increment();
    if (hosts.isEmpty()) {
      return; // these are many groups, each with a master of its own
    }
    if (host != null) {
      if (lastMaster != null && !lastMaster.equals(host)) {
        failovers.increment();
      }
      lastMaster = host;
    }
    master = host;
    masterSinceNanos = System.nanoTime();
  }

  private synchronized boolean isMaster(String host) {
    return master != null && master.name().equals(host);
  }

  private synchronized double ageNanos(long nowNanos) {
    return master == null ? Double.NaN : nowNanos - masterSinceNanos;
  }

  /** What is counted by host. */
  static final class HostMeters {
    final EnumCounters<AttemptOutcome> outcomes;
    private final Counter probesGreeted;
    private final Counter probesFailed;
    final Counter coolDowns;
    final Counter recoveries;

    private static Counter probes(MeterRegistry registry, Tags tags, String result) {
      return SessionMeters.counter(
          registry,
          "openmmp.store.probes",
          "Probes of a store whose greeting logins or deliveries waited for",
          tags.and("result", result));
    }

    /** A probe ended. */
    void probed(AttemptOutcome outcome) {
      (outcome == AttemptOutcome.GREETED ? probesGreeted : probesFailed).increment();
    }

    HostMeters(MeterRegistry registry, Tags tags) {
      outcomes =
          new EnumCounters<>(
              registry,
              "openmmp.store.attempts",
              "Attempts at a store that ended, by outcome",
              tags,
              "outcome",
              AttemptOutcome.class);
      probesGreeted = probes(registry, tags, "greeted");
      probesFailed = probes(registry, tags, "failed");
      coolDowns =
          SessionMeters.counter(
              registry, "openmmp.store.cool.downs", "Cool-downs begun or lengthened", tags);
      recoveries =
          SessionMeters.counter(
              registry, "openmmp.store.recoveries", "Times a failed store answered again", tags);
    }
  }
}
