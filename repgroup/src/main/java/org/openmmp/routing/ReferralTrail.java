package org.openmmp.routing;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.ReferralTrust;
import org.openmmp.repgroup.ReferralTrust.Verdict;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;

/**
 * The referrals of one login or delivery: which hosts gave one, which were followed, and what holds
 * for the hosts that are tried from then on (rules B3.6 to B3.8).
 */
public final class ReferralTrail {
  /**
   * The last referral that was followed.
   *
   * @param host the target; null: any host of its group
   */
  private record Followed(@Nullable StoreHost host, int port, String user) {
    boolean leadsTo(StoreHost other) {
      return host == null || host.equals(other);
    }
  }

  private final Routing routing;
  private final Set<StoreHost> visited = new HashSet<>();
  private TlsPolicy floor = TlsPolicy.OFF;
  private @Nullable Followed followed;
  private boolean amongStrangers;
  private int hopsOfRound;
  private int hops;

  /** A trail without a referral. */
  public ReferralTrail(Routing routing) {
    this.routing = routing;
  }

  /**
   * What a referral is worth.
   *
   * @param from the host that gave it
   * @param group the group that this host was tried for
   */
  public Verdict judge(StoreHost from, ReplicationGroup group, Referral referral) {
    visited.add(from);
    return routing
        .trust()
        .judge(
            routing.table(),
            group,
            new ReferralTrust.Claim(from, visited, referral.host(), referral.port(), hopsOfRound),
            target -> routing.accessTo(target).port());
  }

  /**
   * Takes note of a referral that is followed.
   *
   * @param referring how the connection to the host that gave it was protected
   */
  public void follow(TlsPolicy referring, Referral referral, Verdict verdict) {
    hops++;
    hopsOfRound++;
    floor = referring;
    if (verdict.kind() != ReferralTrust.Kind.IN_GROUP) {
      amongStrangers = verdict.kind() == ReferralTrust.Kind.TRUSTED;
    }
    String user = routing.referralsUser() ? referral.user() : "";
    followed = new Followed(verdict.host(), verdict.port(), user);
  }

  /** Begins a new round, in which a host may be asked and referred to again. */
  public void beginRound() {
    visited.clear();
    hopsOfRound = 0;
  }

  /**
   * How a host of that group is reached: never with less protection than the hosts that led there,
   * and at the port that a followed referral named for it.
   */
  public StoreAccess accessTo(ReplicationGroup group, StoreHost host) {
    StoreAccess access = routing.accessTo(group).noWeakerThan(floor);
    Followed last = followed;
    return last != null && last.leadsTo(host) && last.port() != 0
        ? access.atPort(last.port())
        : access;
  }

  /** Whether a referral asks more protection of a group's hosts than the group itself does. */
  public boolean asksMoreThan(ReplicationGroup group) {
    StoreAccess own = routing.accessTo(group);
    return !own.noWeakerThan(floor).equals(own);
  }

  /** The name to log in with there: the referral's for the host it names, if that is configured. */
  public String storeName(StoreHost host, String ofDirectory) {
    Followed last = followed;
    return last != null && last.leadsTo(host) && !last.user().isEmpty() ? last.user() : ofDirectory;
  }

  /** Whether the hosts tried now stand in no configured group and are trusted by a pattern. */
  public boolean amongStrangers() {
    return amongStrangers;
  }

  /** Referrals followed so far. */
  public int hops() {
    return hops;
  }
}
