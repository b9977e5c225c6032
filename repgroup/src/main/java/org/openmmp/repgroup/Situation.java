package org.openmmp.repgroup;

import java.time.Duration;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All that a decision looks at besides the walk itself.
 *
 * @param group as it is configured now
 * @param settings of the group and service
 * @param siteActive whether the standby site was activated by hand
 * @param hint the freshest affinity of another service, null if there is none
 * @param health what is remembered
 * @param nowNanos the time
 */
record Situation(
    ReplicationGroup group,
    SelectorSettings settings,
    boolean siteActive,
    @Nullable Affinity hint,
    GroupHealth health,
    long nowNanos) {

  /** Whether the host may be used at all: it is listed, and its site is in use. */
  boolean eligible(StoreHost host) {
    return group.contains(host) && (siteActive || !group.standbySite().contains(host));
  }

  boolean cooling(StoreHost host) {
    return health.host(host).cooling(nowNanos);
  }

  /** Whether the host has failed since its last answer, in cool-down or not. */
  boolean failed(StoreHost host) {
    return health.host(host).failure() != null;
  }

  boolean confirmed(StoreHost host) {
    return health.host(host).confirmed(settings.confirmWindow().toNanos(), nowNanos);
  }

  /** Whether an affinity is known whose host may be used and has not failed. */
  boolean affinityServes() {
    Affinity affinity = health.affinity();
    return affinity != null && eligible(affinity.host()) && !failed(affinity.host());
  }

  /** Whether the group's last round found no master, and that still tells something. */
  boolean masterless() {
    MasterPause pause = health.masterPause();
    return pause != null
        && (health.heldFrom(-1, nowNanos) || !pause.forgotten(settings.retry(), nowNanos));
  }

  /** Whether every host of the main site has failed and the standby site may not be used. */
  boolean onlyStandbySiteLeft() {
    return !siteActive
        && !group.standbySite().isEmpty()
        && group.hosts().stream().allMatch(host -> !eligible(host) || failed(host));
  }

  /** How the last attempt at each host ended and when, in one line. */
  String howHostsFailed() {
    return group.hosts().stream().map(this::howItFailed).collect(Collectors.joining("; "));
  }

  private String howItFailed(StoreHost host) {
    HostHealth.LastOutcome last = health.host(host).last();
    if (!eligible(host)) {
      return host + " " + Reason.Kind.STANDBY_SITE.sentence();
    }
    if (last == null) {
      return host + " was not asked";
    }
    long ago = Duration.ofNanos(nowNanos - last.atNanos()).toMillis();
    return host + " " + last.outcome() + " " + ago + " ms ago (" + last.reason() + ")";
  }

  Situation with(GroupHealth other) {
    return new Situation(group, settings, siteActive, hint, other, nowNanos);
  }
}
