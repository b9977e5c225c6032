package org.openmmp.repgroup;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one group for one service at one moment (rule B8.3).
 *
 * @param group the group's name
 * @param service the service
 * @param kind the kind of client that the memory belongs to
 * @param implicit whether the group is one of a single host that no configuration names
 * @param affinity the master and since when, null if none is known
 * @param hosts in list order
 * @param waiting logins that wait for another login's answer, not counted at a host
 * @param noMaster whether stores answered and none was master when they were last asked
 * @param standbySiteActive whether the standby site was activated by hand
 * @param preferred the host at which an administrator has logins begin, null if none
 */
public record GroupSnapshot(
    String group,
    Service service,
    ClientKind kind,
    boolean implicit,
    @Nullable AffinitySnapshot affinity,
    List<HostSnapshot> hosts,
    int waiting,
    boolean noMaster,
    boolean standbySiteActive,
    @Nullable StoreHost preferred) {

  /** Copies the hosts. */
  public GroupSnapshot {
    hosts = List.copyOf(hosts);
  }

  /**
   * The affinity of a group.
   *
   * @param host the last successful master
   * @param sinceNanosAgo how long it has been that
   * @param why why it was tried when it became that
   */
  public record AffinitySnapshot(StoreHost host, long sinceNanosAgo, Reason why) {}

  /** The states of a host. */
  public enum HostState {
    /** Nothing is known of it. */
    UNKNOWN,
    /** It greeted or answered, and has not failed since. */
    WORKING,
    /** It failed and is passed over. */
    COOLING,
    /** Its cool-down is over and it has not answered yet: one login at a time asks it. */
    HALF_OPEN
  }

  /** What an administrator wants of a host, and what came of it (rule B2.26). */
  public enum Use {
    /** Nothing was asked. */
    IN_USE,
    /** It was drained, and no login has shown yet that another host takes over. */
    TO_BE_DRAINED,
    /** It was drained, and another host takes over. */
    DRAINED,
    /** It was drained, but no other host takes over: logins go there all the same. */
    DRAINED_AND_NEEDED,
    /** It is never chosen. */
    RETIRED
  }

  /**
   * One host.
   *
   * @param host the host
   * @param state see {@link HostState}
   * @param coolDownLeftNanos the rest of its cool-down, 0 if it is not in one
   * @param failures in a row
   * @param lastOutcome null if no attempt ended yet
   * @param lastReason the outcome in words, empty if no attempt ended yet
   * @param attemptsStarted since the memory began
   * @param attemptsUnderWay now
   * @param mostUnderWay how many may be under way now (rule B2.28)
   * @param mostPerSecond how many may begin in a second; 0 if nothing limits that
   * @param waiting logins that wait for their turn there
   * @param standbySite whether it is used only once its site was activated
   * @param use what an administrator wants of it
   * @param usualGreetingNanos 99.9 % of its recent greetings came sooner; 0 if little is known
   */
  public record HostSnapshot(
      StoreHost host,
      HostState state,
      long coolDownLeftNanos,
      int failures,
      @Nullable AttemptOutcome lastOutcome,
      String lastReason,
      long attemptsStarted,
      int attemptsUnderWay,
      int mostUnderWay,
      int mostPerSecond,
      int waiting,
      boolean standbySite,
      Use use,
      long usualGreetingNanos) {}

  /** A snapshot of that memory. */
  static GroupSnapshot of(GroupMemory memory, Situation situation) {
    ReplicationGroup group = situation.group();
    GroupHealth health = situation.health();
    long nowNanos = situation.nowNanos();
    List<HostSnapshot> hosts =
        group.hosts().stream().map(host -> host(memory, situation, host)).toList();
    return new GroupSnapshot(
        group.name(),
        memory.service(),
        memory.kind(),
        group.implicit(),
        affinity(health.affinity(), nowNanos),
        hosts,
        memory.waiters().waiting(),
        health.masterPause() != null,
        situation.siteActive(),
        situation.preferred());
  }

  private static @Nullable AffinitySnapshot affinity(@Nullable Affinity affinity, long nowNanos) {
    return affinity == null
        ? null
        : new AffinitySnapshot(affinity.host(), nowNanos - affinity.sinceNanos(), affinity.why());
  }

  private static HostSnapshot host(GroupMemory memory, Situation situation, StoreHost host) {
    HostHealth own = situation.health().host(host);
    long nowNanos = situation.nowNanos();
    HostHealth.Failure failure = own.failure();
    AttemptReport last = own.last();
    return new HostSnapshot(
        host,
        state(own, nowNanos),
        Math.max(0, own.coolDownLeft(nowNanos)),
        failure == null ? 0 : failure.inARow(),
        last == null ? null : last.outcome(),
        last == null ? "" : last.reason(),
        own.traffic().started(),
        own.traffic().underWay(),
        own.traffic().admission().limit(situation.settings()),
        mostPerSecond(own, situation),
        memory.waiters().waiting(host),
        situation.group().standbySite().contains(host),
        use(situation, host),
        memory.usualGreetingNanos(host, nowNanos));
  }

  private static int mostPerSecond(HostHealth host, Situation situation) {
    double rate = host.traffic().admission().rate(situation.settings().admission());
    return Double.isInfinite(rate) ? 0 : (int) Math.ceil(rate);
  }

  private static Use use(Situation situation, StoreHost host) {
    if (situation.withdrawn().retired().contains(host)) {
      return Use.RETIRED;
    }
    if (situation.withdrawn().drainedSince(host) == null) {
      return Use.IN_USE;
    }
    if (!situation.setAside(host)) {
      return Use.DRAINED_AND_NEEDED;
    }
    return situation.succeeded(host) ? Use.DRAINED : Use.TO_BE_DRAINED;
  }

  private static HostState state(HostHealth host, long nowNanos) {
    if (host.cooling(nowNanos)) {
      return HostState.COOLING;
    }
    if (host.failure() != null) {
      return HostState.HALF_OPEN;
    }
    return host.confirmedNanos() == null ? HostState.UNKNOWN : HostState.WORKING;
  }
}
