package org.openmmp.repgroup;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What other front ends say of a group; immutable. It reorders the hosts that are configured, and
 * starts probes. An own word that is newer outweighs it, and no host has failed by hearsay alone
 * (rule B2.18).
 *
 * @param master where the site's newest master is; null if nobody knows one
 * @param masterNanos since when it is that
 * @param failed the hosts that failed elsewhere, and of which nobody says anything better since
 * @param recovered those that had failed elsewhere and were heard again there since
 */
record Hearsay(
    @Nullable StoreHost master,
    long masterNanos,
    Map<Place, Said> failed,
    Map<Place, Said> recovered) {
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
   * A word on a host.
   *
   * @param asOfNanos as of when it speaks
   * @param heardNanos when it was heard here
   */
  record Said(long asOfNanos, long heardNanos) {}

  /** What is heard now, by the same group's words of all others; of each host the newest counts. */
  static Hearsay of(Collection<GroupWord> words, Hearsay before, long nowNanos) {
    StoreHost master = null;
    long masterNanos = 0;
    Map<Place, Said> failed = new HashMap<>();
    Map<Place, Said> recovered = new HashMap<>();
    for (GroupWord word : words) {
      if (word.master() != null && (master == null || word.masterNanos() - masterNanos > 0)) {
        master = word.master();
        masterNanos = word.masterNanos();
      }
      word.failed().forEach(each -> hear(each, before.failed(), failed, nowNanos));
      word.recovered().forEach(each -> hear(each, before.recovered(), recovered, nowNanos));
    }
    recovered.entrySet().removeIf(each -> isNewer(failed.get(each.getKey()), each.getValue()));
    failed.keySet().removeAll(recovered.keySet());
    return new Hearsay(master, masterNanos, Map.copyOf(failed), Map.copyOf(recovered));
  }

  private static boolean isNewer(@Nullable Said one, Said other) {
    return one != null && one.asOfNanos() - other.asOfNanos() > 0;
  }

  private static void hear(
      GroupWord.HostWord word, Map<Place, Said> before, Map<Place, Said> all, long nowNanos) {
    Place place = new Place(word.service(), word.host());
    long asOf = nowNanos - word.asOfNanos() > 0 ? word.asOfNanos() : nowNanos;
    Said known = all.get(place);
    if (known == null || asOf - known.asOfNanos() > 0) {
      Said then = before.get(place);
      long heard =
          then != null && asOf - then.asOfNanos() <= SAME_NANOS ? then.heardNanos() : nowNanos;
      all.put(place, new Said(asOf, heard));
    }
  }

  /** Whether a host is said to have failed, and nothing of our own is newer. */
  private boolean outweighs(Said said, HostHealth own) {
    Long confirmed = own.confirmedNanos();
    return own.failure() == null && (confirmed == null || confirmed - said.asOfNanos() <= 0);
  }

  /** Whether logins go to other hosts first: our own probe has not found out better in time. */
  boolean isDown(Service service, StoreHost host, HostHealth own, long nowNanos) {
    Said said = failed.get(new Place(service, host));
    return said != null && outweighs(said, own) && nowNanos - said.heardNanos() >= GRACE_NANOS;
  }

  /**
   * When that was heard of a host which a probe of our own has to find out about. That it is back
   * is tried once: a probe that fails behind such a word is newer.
   */
  OptionalLong asksToProbe(Service service, StoreHost host, HostHealth own, long nowNanos) {
    Place place = new Place(service, host);
    Said said = failed.get(place);
    Said back = recovered.get(place);
    boolean asks =
        (said != null && outweighs(said, own)) || (back != null && contradicts(back, own));
    Said heard = said == null ? back : said;
    return asks && heard != null && nowNanos - heard.heardNanos() <= PROBED_NANOS
        ? OptionalLong.of(heard.heardNanos())
        : OptionalLong.empty();
  }

  private static boolean contradicts(Said back, HostHealth own) {
    HostHealth.Failure failure = own.failure();
    AttemptReport last = own.last();
    return failure != null
        && failure.closed()
        && back.asOfNanos() - failure.beganNanos() > 0
        && (last == null || last.atNanos() - back.heardNanos() < 0);
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
