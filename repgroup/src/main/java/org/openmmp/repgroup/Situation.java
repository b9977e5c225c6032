package org.openmmp.repgroup;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All that a decision looks at besides the walk itself.
 *
 * @param group as it is configured now
 * @param settings of the group and service
 * @param siteActive whether the standby site was activated by hand
 * @param withdrawn the hosts that an administrator has taken out of use
 * @param preferred where an administrator wants logins to begin while no master is known; null: at
 *     the first of the list
 * @param hint the affinity of the group's writers, for a client that has another; null if none
 * @param hearsay what other front ends say of the group
 * @param services what is remembered for all services and kinds of client
 * @param health what is remembered for the service and kind of client that it is about
 * @param paces what is usual of its hosts
 * @param wantedSinceNanos since when its failed hosts are asked whether they are back; null: they
 *     are not asked, and one may be back
 * @param nowNanos the time
 */
record Situation(
    ReplicationGroup group,
    SelectorSettings settings,
    boolean siteActive,
    Withdrawn withdrawn,
    @Nullable StoreHost preferred,
    @Nullable Affinity hint,
    Hearsay hearsay,
    List<GroupHealth> services,
    GroupHealth health,
    Map<StoreHost, HostPace> paces,
    @Nullable Long wantedSinceNanos,
    long nowNanos) {

  /** The service that it is about. */
  Service service() {
    return health.key().service();
  }

  /** Whether the host may be used at all: it is listed and not retired, and its site is in use. */
  boolean eligible(StoreHost host) {
    return group.contains(host) && withdrawn.permits(host, group, siteActive);
  }

  /** Whether the host is drained, and another one may take over. */
  boolean setAside(StoreHost host) {
    return withdrawn.drainedSince(host) != null
        && group.hosts().stream().anyMatch(this::maySucceed);
  }

  /**
   * Whether the host may take over from one that is drained: as far as is known it greets, and does
   * not say that another is the master.
   */
  private boolean maySucceed(StoreHost host) {
    return eligible(host)
        && withdrawn.drainedSince(host) == null
        && !failed(host)
        && !health.host(host).role().refers();
  }

  /** Whether another host has let somebody in since this one was drained. */
  boolean succeeded(StoreHost drained) {
    Long since = withdrawn.drainedSince(drained);
    return since != null
        && group.hosts().stream()
            .anyMatch(
                host ->
                    maySucceed(host)
                        && (health.host(host).letInSince(since) || letInElsewhere(host, since)));
  }

  /** Whether a drained host serves because nobody takes over (rule B2.26). */
  boolean keepsDrained() {
    if (withdrawn.drained().isEmpty()) {
      return false;
    }
    for (StoreHost host : withdrawn.drained().keySet()) {
      if (eligible(host) && !failed(host) && !setAside(host)) {
        return true;
      }
    }
    return false;
  }

  boolean cooling(StoreHost host) {
    return health.host(host).cooling(nowNanos);
  }

  /** Whether the host has failed since its last answer, in cool-down or not. */
  boolean failed(StoreHost host) {
    return health.host(host).failure() != null;
  }

  /** Whether nobody comes through the opening at any host that may be used (rule B2.9). */
  boolean everyHostFailed() {
    for (StoreHost host : group.hosts()) {
      if (eligible(host) && health.host(host).greets()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Since when the group has no master, although its hosts are asked whether one is back. Empty if
   * it may have one.
   */
  OptionalLong withoutMasterSince() {
    OptionalLong since = health.withoutMasterSince(group.hosts(), this::eligible);
    Long asked = wantedSinceNanos;
    if (asked == null || since.isEmpty()) {
      return OptionalLong.empty();
    }
    return asked - since.getAsLong() > 0 ? OptionalLong.of(asked) : since;
  }

  /**
   * From when on nobody who has promised nothing waits for the master of this group (rule B5.17).
   * Empty if it may have one.
   */
  OptionalLong hopelessFrom() {
    OptionalLong since = withoutMasterSince();
    return since.isEmpty()
        ? since
        : OptionalLong.of(since.getAsLong() + settings.waitForStore().toNanos());
  }

  /** Whether hosts of this group refer to its master (a replicated group). */
  boolean refers() {
    if (health.refers()) {
      return true;
    }
    for (GroupHealth other : services) {
      if (other.refers()) {
        return true;
      }
    }
    return false;
  }

  /** Whether the host let writers of another service in by an attempt since that moment. */
  boolean letInElsewhere(StoreHost host, long momentNanos) {
    for (GroupHealth other : services) {
      if (!other.key().equals(health.key())
          && other.key().sharesAffinity(health.key())
          && other.host(host).letInSince(momentNanos)) {
        return true;
      }
    }
    return false;
  }

  boolean confirmed(StoreHost host) {
    return health.host(host).confirmed(settings.confirmWindow().toNanos(), nowNanos)
        && !owesGreetings(host);
  }

  /** Whether several attempts wait for the host's greeting for longer than most do. */
  boolean owesGreetings(StoreHost host) {
    return health.host(host).owesGreetings(host, paces, nowNanos);
  }

  /** Whether an affinity is known whose host may be used and has not failed. */
  boolean affinityServes() {
    Affinity affinity = health.affinity();
    return affinity != null
        && eligible(affinity.host())
        && !failed(affinity.host())
        && !setAside(affinity.host())
        && !downByHearsay(affinity.host());
  }

  /**
   * Whether other front ends say that the host has failed, and another one is not said to have:
   * logins go there first.
   */
  boolean downByHearsay(StoreHost host) {
    return saidToBeDown(host)
        && group.hosts().stream()
            .anyMatch(
                other ->
                    !other.equals(host)
                        && eligible(other)
                        && !failed(other)
                        && !saidToBeDown(other));
  }

  private boolean saidToBeDown(StoreHost host) {
    return !hearsay.failed().isEmpty()
        && hearsay.isDown(service(), host, health.host(host), nowNanos);
  }

  /** The common pause of a round that found no master, if it concerns that caller. */
  @Nullable MasterPause pauseFor(Caller caller) {
    MasterPause pause = health.masterPause();
    return pause != null && pause.rounds() > 0 && pause.concerns(caller) ? pause : null;
  }

  /** Whether the group's last round found no master, and that still tells this caller something. */
  boolean masterless(Caller caller) {
    MasterPause pause = pauseFor(caller);
    return pause != null
        && (health.heldFrom(-1, caller.proven(), nowNanos)
            || !pause.forgotten(settings.retry(), nowNanos));
  }

  /** Whether every host of the main site has failed and the standby site may not be used. */
  boolean onlyStandbySiteLeft() {
    return !siteActive
        && !group.standbySite().isEmpty()
        && group.hosts().stream().allMatch(host -> !eligible(host) || failed(host));
  }

  /** Why a host may not be used at all. */
  Reason.Kind whyNotEligible(StoreHost host) {
    return withdrawn.retired().contains(host) ? Reason.Kind.RETIRED : Reason.Kind.STANDBY_SITE;
  }

  /** How the last attempt at each host ended and when, in one line. */
  String howHostsFailed() {
    return group.hosts().stream().map(this::howItFailed).collect(Collectors.joining("; "));
  }

  private String howItFailed(StoreHost host) {
    AttemptReport last = health.host(host).last();
    if (!eligible(host)) {
      return host + " " + whyNotEligible(host).sentence();
    }
    if (last == null) {
      return host + " was not asked";
    }
    long ago = Duration.ofNanos(nowNanos - last.atNanos()).toMillis();
    return host + " " + last.outcome() + " " + ago + " ms ago (" + last.reason() + ")";
  }

  Situation with(GroupHealth other) {
    return new Situation(
        group,
        settings,
        siteActive,
        withdrawn,
        preferred,
        hint,
        hearsay,
        services,
        other,
        paces,
        wantedSinceNanos,
        nowNanos);
  }
}
