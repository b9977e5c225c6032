package org.openmmp.repgroup;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tells a listener what differs between two memories of one group.
 *
 * @param listener who is told
 * @param service the service of the memory
 */
record SelectionNews(SelectionListener listener, Service service) {

  void tell(ReplicationGroup group, GroupHealth before, GroupHealth after, String why) {
    for (StoreHost host : group.hosts()) {
      tellOfHost(group, before, after, host);
    }
    StoreHost from = master(before);
    StoreHost to = master(after);
    if (!Objects.equals(from, to)) {
      listener.affinityChanged(group, service, from, to, why);
    }
    GroupHealth.Detour detour = after.detour();
    if (detour != null && to != null && !detour.equals(before.detour())) {
      listener.servedElsewhere(group, service, to, detour.host(), detour.rival());
    }
    MasterPause pause = after.masterPause();
    if (pause != null && !pause.equals(before.masterPause())) {
      listener.noMaster(group, service, Duration.ofNanos(pause.lengthNanos()));
    }
    if (after.siteAlerted() && !before.siteAlerted()) {
      listener.onlyStandbySiteLeft(group, service, group.standbySite());
    }
  }

  private void tellOfHost(
      ReplicationGroup group, GroupHealth before, GroupHealth after, StoreHost host) {
    HostHealth.Failure failure = after.host(host).failure();
    AttemptReport.LastOutcome last = after.host(host).last();
    if (failure == null && before.host(host).failure() != null) {
      listener.recovered(group, service, host);
    }
    if (failure == null || failure.equals(before.host(host).failure()) || last == null) {
      return;
    }
    boolean groupServes =
        group.hosts().stream()
            .anyMatch(
                other ->
                    !group.standbySite().contains(other) && after.host(other).failure() == null);
    listener.coolDownBegan(
        group,
        service,
        host,
        new SelectionListener.CoolDownNews(
            last.outcome(),
            last.reason(),
            failure.inARow(),
            Duration.ofNanos(failure.coolDownNanos()),
            groupServes));
  }

  private static @Nullable StoreHost master(GroupHealth health) {
    Affinity affinity = health.affinity();
    return affinity == null ? null : affinity.host();
  }
}
