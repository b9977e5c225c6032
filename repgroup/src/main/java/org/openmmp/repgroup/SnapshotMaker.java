package org.openmmp.repgroup;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the values that the dashboard prints from a memory. */
final class SnapshotMaker {
  private SnapshotMaker() {}

  static GroupSnapshot of(GroupMemory memory, RememberedGroup owner, long nowNanos) {
    ReplicationGroup group = owner.group();
    GroupHealth health = memory.health();
    List<GroupSnapshot.HostSnapshot> hosts =
        group.hosts().stream().map(host -> host(memory, group, health, host, nowNanos)).toList();
    return new GroupSnapshot(
        group.name(),
        memory.service(),
        memory.kind(),
        group.implicit(),
        affinity(health.affinity(), nowNanos),
        hosts,
        memory.waiters().waiting(),
        health.masterPause() != null,
        owner.siteActive());
  }

  private static GroupSnapshot.@Nullable AffinitySnapshot affinity(
      @Nullable Affinity affinity, long nowNanos) {
    return affinity == null
        ? null
        : new GroupSnapshot.AffinitySnapshot(
            affinity.host(), nowNanos - affinity.sinceNanos(), affinity.why());
  }

  private static GroupSnapshot.HostSnapshot host(
      GroupMemory memory,
      ReplicationGroup group,
      GroupHealth health,
      StoreHost host,
      long nowNanos) {
    HostHealth own = health.host(host);
    HostHealth.Failure failure = own.failure();
    AttemptReport.LastOutcome last = own.last();
    return new GroupSnapshot.HostSnapshot(
        host,
        state(own, nowNanos),
        Math.max(0, own.coolDownLeft(nowNanos)),
        failure == null ? 0 : failure.inARow(),
        last == null ? null : last.outcome(),
        last == null ? "" : last.reason(),
        own.traffic().started(),
        own.traffic().underWay(),
        memory.waiters().waiting(host),
        group.standbySite().contains(host));
  }

  private static GroupSnapshot.HostState state(HostHealth host, long nowNanos) {
    if (host.cooling(nowNanos)) {
      return GroupSnapshot.HostState.COOLING;
    }
    if (host.failure() != null) {
      return GroupSnapshot.HostState.HALF_OPEN;
    }
    return host.confirmedNanos() == null
        ? GroupSnapshot.HostState.UNKNOWN
        : GroupSnapshot.HostState.WORKING;
  }
}
