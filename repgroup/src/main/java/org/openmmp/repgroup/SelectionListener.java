package org.openmmp.repgroup;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Hears what selection decides. Called on the thread that brought the news about, after the change
 * is visible to all; it returns soon and throws nothing.
 */
public interface SelectionListener {
  /** A listener that does nothing. */
  SelectionListener NONE = new SelectionListener() {};

  /** An attempt begins. */
  default void attemptBegan(
      ReplicationGroup group, Service service, StoreHost host, Reason reason) {}

  /** An attempt ended. */
  default void attemptEnded(
      ReplicationGroup group, Service service, StoreHost host, AttemptOutcome outcome) {}

  /**
   * The affinity begins, moves (a failover) or ends.
   *
   * @param from null if there was none
   * @param to null if there is none any more
   */
  default void affinityChanged(
      ReplicationGroup group,
      Service service,
      @Nullable StoreHost from,
      @Nullable StoreHost to,
      String why) {}

  /** A host's cool-down begins or is lengthened. */
  default void coolDownBegan(
      ReplicationGroup group, Service service, StoreHost host, CoolDownNews news) {}

  /** A host that had failed answered again. */
  default void recovered(ReplicationGroup group, Service service, StoreHost host) {}

  /**
   * One service is served at another host than the group's master (rule B2.23): an alarm.
   *
   * @param rival whether the master has not failed either, so that two hosts may take writers
   */
  default void servedElsewhere(
      ReplicationGroup group, Service service, StoreHost master, StoreHost at, boolean rival) {}

  /** A host referred to another host of its group. */
  default void referred(
      ReplicationGroup group, Service service, StoreHost from, @Nullable StoreHost to) {}

  /**
   * Two hosts name different masters, and neither of these says that it is none (rule B2.37): an
   * alarm, at most once a minute. Who is master stays as it is.
   *
   * @param by who named {@code master}
   * @param otherBy who named {@code otherMaster}
   */
  default void mastersDiffer(
      ReplicationGroup group,
      Service service,
      StoreHost by,
      StoreHost master,
      StoreHost otherBy,
      StoreHost otherMaster) {}

  /**
   * A second connection beside a host that was late came to this, or was not begun (rule B2.31).
   *
   * @param host where it was begun to, or would have been
   */
  default void hedged(
      ReplicationGroup group, Service service, StoreHost host, HedgeResult result) {}

  /**
   * A login or a delivery waits, because several connections to its store wait for a greeting for
   * longer than most do there (rule B2.9). Told each time that one has to.
   */
  default void greetingsOverdue(ReplicationGroup group, Service service, Reason which) {}

  /** Every host was asked and none is master; the group's next round begins after the pause. */
  default void noMaster(ReplicationGroup group, Service service, Duration pause) {}

  /**
   * A login that had waited for its turn, or had found no room to wait for it, is refused for now
   * (rule B2.28).
   */
  default void turnedAway(ReplicationGroup group, Service service) {}

  /**
   * Only the standby site is left, and it was not activated (rule B2.15). Told once, until a host
   * of the main site answers again.
   */
  default void onlyStandbySiteLeft(
      ReplicationGroup group, Service service, Set<StoreHost> standbySite) {}

  /**
   * This machine's own network is gone, as it seems (rule B2.25): an alarm. Who is master stays as
   * it is, and once anybody greets, no host is passed over for what it failed at since.
   *
   * @param kernel whether the system itself says so; else all hosts of several groups became
   *     unreachable at once
   */
  default void networkGone(boolean kernel) {}

  /** A store was heard again after {@link #networkGone}. */
  default void networkBack() {}

  /** Somebody waits for a host's greeting: a probe is wanted now (rule B2.9). Told often. */
  default void probeWanted(ReplicationGroup group, Service service) {}

  /** A probe of a host ended; told once for all the groups that its answer serves for. */
  default void probed(
      ReplicationGroup group,
      Service service,
      StoreHost host,
      AttemptOutcome outcome,
      String reason) {}

  /**
   * Why and how long a host is passed over.
   *
   * @param outcome of the attempt that failed
   * @param reason the outcome in words
   * @param failures in a row, this one included
   * @param coolDown how long the host is passed over from now
   * @param groupServes whether another usable host of the group has not failed; while it is so this
   *     is no error, for standbys that refuse connections are normal (rule B2.13)
   */
  record CoolDownNews(
      AttemptOutcome outcome,
      String reason,
      int failures,
      Duration coolDown,
      boolean groupServes) {}
}
