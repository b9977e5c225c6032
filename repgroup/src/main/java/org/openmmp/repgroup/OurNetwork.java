package org.openmmp.repgroup;

import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether this machine's own network is gone (rule B2.25): the system says that there is no way to
 * all hosts of a group, or all hosts of several groups became unreachable within {@value
 * #AT_ONCE_SECONDS} seconds, and none has been heard since. Once one is heard, the failures of that
 * time are taken back before anything else is concluded.
 *
 * <p>Safe for any thread.
 */
final class OurNetwork implements RememberedGroup.Changes {
  private static final int AT_ONCE_SECONDS = 2;
  private static final long AT_ONCE_NANOS = Duration.ofSeconds(AT_ONCE_SECONDS).toNanos();

  /** One host's network that was never there must not fill the log. */
  private static final long BETWEEN_ALARMS_NANOS = Duration.ofMinutes(1).toNanos();

  private final Collection<RememberedGroup> groups;
  private final SelectionListener listener;

  /** Since when it is gone; null if it is not. */
  private volatile @Nullable Long goneNanos;

  /** When somebody was heard after it had gone; null if it never had. */
  private volatile @Nullable Long backNanos;

  private @Nullable Long toldNanos;
  private boolean alarmed;

  /**
   * A group that nobody comes through to.
   *
   * @param sinceNanos as of when the host failed that was heard last; of the first if none was
   * @param lastNanos as of when its last host failed
   * @param kernel whether the system said of every host that there is no way
   */
  private record Outage(ReplicationGroup group, long sinceNanos, long lastNanos, boolean kernel) {
    /** Whether one network's end could have brought both about, and no host's could have. */
    boolean tellsWith(Outage other) {
      return Math.abs(sinceNanos - other.sinceNanos) <= AT_ONCE_NANOS
          && Collections.disjoint(group.hosts(), other.group.hosts());
    }
  }

  /**
   * Nothing has failed yet.
   *
   * @param groups all that are remembered, at any time
   */
  OurNetwork(Collection<RememberedGroup> groups, SelectionListener listener) {
    this.groups = groups;
    this.listener = listener;
  }

  /** Whether it is gone now. */
  boolean isGone() {
    return goneNanos != null;
  }

  @Override
  public void changed(
      GroupMemory memory, GroupHealth before, GroupHealth after, List<StoreHost> touched) {
    boolean failed = false;
    for (int i = 0; i < touched.size(); i++) { // at every step of every login
      StoreHost host = touched.get(i);
      HostHealth then = before.host(host);
      HostHealth now = after.host(host);
      failed |= now.failure() != null && !now.failure().equals(then.failure());
      if (heard(then, now)) {
        back(now.confirmedNanos());
      }
    }
    if (failed && goneNanos == null) {
      look(memory, after);
    }
  }

  @Override
  public AttemptOutcome.Scope scope(AttemptOutcome outcome, AttemptStage stage, long beganNanos) {
    AttemptOutcome.Scope scope = outcome.scope(stage);
    Long back = backNanos;
    boolean ours =
        back != null
            && back - beganNanos > 0
            && scope.blamesHost()
            && (outcome.nobodyAnswered() || outcome == AttemptOutcome.NETWORK_UNREACHABLE);
    return ours ? AttemptOutcome.Scope.OURSELVES : scope;
  }

  private static boolean heard(HostHealth then, HostHealth now) {
    return !Objects.equals(then.confirmedNanos(), now.confirmedNanos());
  }

  private void look(GroupMemory memory, GroupHealth health) {
    Outage own = outage(memory, health);
    if (own == null || (!own.kernel() && !matched(own)) || heardSince(own.lastNanos())) {
      return;
    }
    if (isNews(own)) {
      listener.networkGone(own.kernel());
    }
  }

  private synchronized boolean isNews(Outage own) {
    if (goneNanos != null) {
      return false;
    }
    goneNanos = own.sinceNanos();
    Long told = toldNanos;
    alarmed = told == null || own.lastNanos() - told >= BETWEEN_ALARMS_NANOS;
    toldNanos = alarmed ? Long.valueOf(own.lastNanos()) : told;
    return alarmed;
  }

  private boolean matched(Outage own) {
    for (RememberedGroup group : groups) {
      for (GroupMemory memory : group.memories()) {
        Outage other = outage(memory, memory.health());
        if (other != null && own.tellsWith(other)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean heardSince(long momentNanos) {
    for (RememberedGroup group : groups) {
      for (GroupHealth health : group.state()) {
        for (HostHealth host : health.hosts().values()) {
          Long confirmed = host.confirmedNanos();
          if (confirmed != null && confirmed - momentNanos > 0) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static @Nullable Outage outage(GroupMemory memory, GroupHealth health) {
    ReplicationGroup group = memory.group();
    boolean kernel = true;
    Outage found = null;
    Long heardLast = null;
    for (StoreHost host : group.hosts()) {
      if (!memory.owner().siteActive() && group.standbySite().contains(host)) {
        continue;
      }
      HostHealth known = health.host(host);
      HostHealth.Failure failure = known.failure();
      if (failure == null || !failure.closed() || !failure.unreachable()) {
        return null;
      }
      kernel &= failure.ground() == FailureGround.NETWORK;
      Long heard = known.confirmedNanos();
      boolean later = heard != null && (heardLast == null || heard - heardLast > 0);
      heardLast = later ? heard : heardLast;
      long since = found == null || later ? failure.sinceNanos() : found.sinceNanos();
      long last = found == null ? failure.beganNanos() : later(found.lastNanos(), failure);
      found = new Outage(group, since, last, kernel);
    }
    return found;
  }

  private static long later(long moment, HostHealth.Failure failure) {
    return failure.beganNanos() - moment > 0 ? failure.beganNanos() : moment;
  }

  /** Somebody is heard: what failed because of us has not failed. */
  private void back(@Nullable Long heardNanos) {
    if (goneNanos == null) {
      return; // most often, and without a lock
    }
    Long since;
    boolean told;
    synchronized (this) {
      since = goneNanos;
      if (since == null) {
        return;
      }
      told = alarmed;
      goneNanos = null;
      backNanos = heardNanos;
    }
    long first = since - AT_ONCE_NANOS;
    for (RememberedGroup group : groups) {
      for (GroupMemory memory : group.memories()) {
        memory.change(health -> acquitted(health, first), "our network is back");
      }
    }
    if (told) {
      listener.networkBack();
    }
  }

  private static GroupHealth acquitted(GroupHealth health, long sinceNanos) {
    GroupHealth after = health;
    for (Map.Entry<StoreHost, HostHealth> known : health.hosts().entrySet()) {
      HostHealth acquitted = known.getValue().acquittedSince(sinceNanos);
      if (!acquitted.equals(known.getValue())) {
        after = after.withHost(known.getKey(), acquitted);
      }
    }
    return after.equals(health) ? health : after.withNews();
  }
}
