package org.openmmp.repgroup;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What other front ends say of a group; immutable. It reorders the hosts that are configured, and
 * starts probes. An own word that is newer outweighs it, and no host has failed by hearsay alone
 * (rule B2.18).
 *
 * @param master where the site's newest master is; null if nobody knows one
 * @param masterNanos since when it is that
 * @param failed the hosts that failed elsewhere
 * @param recovered those that had failed elsewhere and answered again, as of when
 */
record Hearsay(
    @Nullable StoreHost master,
    long masterNanos,
    Map<Place, Failure> failed,
    Map<Place, Long> recovered) {
  static final Hearsay NONE = new Hearsay(null, 0, Map.of(), Map.of());

  /** In that time a probe of ours finds out about a host that is said to have failed. */
  private static final long GRACE_NANOS = Duration.ofMillis(300).toNanos();

  /** Nobody looks into what was heard longer ago. */
  private static final long PROBED_NANOS = Duration.ofSeconds(60).toNanos();

  /** Two tellings of one failure do not differ by more. */
  private static final long SAME_NANOS = Duration.ofSeconds(2).toNanos();

  /** One service of one host. */
  record Place(Service service, StoreHost host) {}

  /**
   * A host failed elsewhere.
   *
   * @param asOfNanos as of when that speaks
   * @param heardNanos when it was heard here
   */
  record Failure(long asOfNanos, long heardNanos) {}

  /** What is heard now, by the same group's words of all others. */
  static Hearsay of(Collection<GroupWord> words, Hearsay before, long nowNanos) {
    StoreHost master = null;
    long masterNanos = 0;
    Map<Place, Failure> failed = new HashMap<>();
    for (GroupWord word : words) {
      if (word.master() != null && (master == null || word.masterNanos() - masterNanos > 0)) {
        master = word.master();
        masterNanos = word.masterNanos();
      }
      for (GroupWord.FailedHost each : word.failed()) {
        Place place = new Place(each.service(), each.host());
        Failure known = failed.get(place);
        if (known == null || each.asOfNanos() - known.asOfNanos() > 0) {
          failed.put(place, heard(each.asOfNanos(), before.failed().get(place), nowNanos));
        }
      }
    }
    Map<Place, Long> recovered = new HashMap<>(before.recovered());
    recovered.values().removeIf(asOf -> nowNanos - asOf > PROBED_NANOS);
    for (Place place : before.failed().keySet()) {
      if (!failed.containsKey(place)) {
        recovered.put(place, nowNanos);
      }
    }
    recovered.keySet().removeAll(failed.keySet());
    return new Hearsay(master, masterNanos, Map.copyOf(failed), Map.copyOf(recovered));
  }

  private static Failure heard(long asOfNanos, @Nullable Failure before, long nowNanos) {
    return before != null && asOfNanos - before.asOfNanos() <= SAME_NANOS
        ? new Failure(Math.min(asOfNanos, nowNanos), before.heardNanos())
        : new Failure(Math.min(asOfNanos, nowNanos), nowNanos);
  }

  /** Whether a host is said to have failed, and nothing of our own is newer. */
  private boolean outweighs(Failure said, HostHealth own) {
    Long confirmed = own.confirmedNanos();
    return own.failure() == null && (confirmed == null || confirmed - said.asOfNanos() <= 0);
  }

  /** Whether logins go to other hosts first: our own probe has not found out better in time. */
  boolean isDown(Service service, StoreHost host, HostHealth own, long nowNanos) {
    Failure said = failed.get(new Place(service, host));
    return said != null && outweighs(said, own) && nowNanos - said.heardNanos() >= GRACE_NANOS;
  }

  /** Whether a probe is to ask the host what there is in what others say. */
  boolean wantsProbe(Service service, StoreHost host, HostHealth own, long nowNanos) {
    Place place = new Place(service, host);
    Failure said = failed.get(place);
    if (said != null) {
      return outweighs(said, own) && nowNanos - said.heardNanos() <= PROBED_NANOS;
    }
    Long back = recovered.get(place);
    HostHealth.Failure failure = own.failure();
    return back != null
        && failure != null
        && failure.closed()
        && back - failure.beganNanos() > 0
        && nowNanos - back <= PROBED_NANOS;
  }

  /** The host to begin with where no own master serves; null: nothing is known, or known better. */
  @Nullable StoreHost masterFor(GroupHealth own) {
    StoreHost there = master;
    if (there == null) {
      return null;
    }
    HostHealth health = own.host(there);
    Long confirmed = health.confirmedNanos();
    boolean refersSince =
        health.role().refers() && confirmed != null && confirmed - masterNanos > 0;
    return health.failure() != null || refersSince ? null : there;
  }
}
