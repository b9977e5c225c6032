package org.openmmp.repgroup;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one group for one service, at one moment (rule B8.3).
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
    boolean standbySiteActive) {

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

  /**
   * One host.
   *
   * @param host the host
   * @param state see {@link HostState}
   * @param coolDownLeftNanos what is left of its cool-down, 0 if it is not in one
   * @param failures in a row
   * @param lastOutcome null if no attempt ended yet
   * @param lastReason the outcome in words, empty if no attempt ended yet
   * @param attemptsStarted since the memory began
   * @param attemptsUnderWay now
   * @param waiting logins that wait until fewer attempts are under way to it
   * @param standbySite whether it is used only once its site was activated
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
      int waiting,
      boolean standbySite) {}
}
