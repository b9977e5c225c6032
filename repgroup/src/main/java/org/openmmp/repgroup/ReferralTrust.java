package org.openmmp.repgroup;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a referral is one, and whether it may be followed (rules B3.6 to B3.8).
 *
 * @param trusted patterns for names of hosts that no configured group lists; {@code *} stands for
 *     any run of characters. An address is trusted only by a pattern without {@code *}
 * @param followPorts ports other than the group's that may be followed
 * @param maxHops referrals that one login follows at most
 */
public record ReferralTrust(List<String> trusted, Set<Integer> followPorts, int maxHops) {

  /** Copies the lists and folds the patterns. */
  public ReferralTrust {
    trusted = trusted.stream().map(StoreHost::fold).toList();
    followPorts = Set.copyOf(followPorts);
  }

  /**
   * A referral as a store gave it.
   *
   * @param by the store that refers
   * @param visited the hosts that this login has been at, {@code by} included
   * @param host the target as text; may be anything
   * @param port the target's port, 0 if none was named
   * @param hops referrals that this login has followed before
   */
  public record Claim(StoreHost by, Set<StoreHost> visited, String host, int port, int hops) {
    /** Copies the hosts. */
    public Claim {
      visited = Set.copyOf(visited);
    }
  }

  /**
   * What a referral is worth.
   *
   * @param kind see {@link Kind}
   * @param host the target; there if the text names a host
   * @param group the group to log in to; there if the referral may be followed
   * @param port the port to dial, 0 for the group's
   * @param reason one sentence for log and explain
   */
  public record Verdict(
      Kind kind,
      @Nullable StoreHost host,
      @Nullable ReplicationGroup group,
      int port,
      String reason) {}

  /** What a referral can be; the first three may be followed. */
  public enum Kind {
    /** To another host of the same group: report REFERRED with that host to the walk. */
    IN_GROUP(true),
    /** To a host of another configured group: a walk there begins at that host. */
    OTHER_GROUP(true),
    /**
     * To a host that no group lists and a pattern trusts: a walk of an implicit group. The address
     * it resolves to was configured by nobody and is to be checked before it is dialled.
     */
    TRUSTED(true),
    /**
     * No host, or the referring host itself: no referral; the store's answer is taken without it.
     */
    NOT_A_REFERRAL(false),
    /**
     * A host that this login has been at: report REFERRED without a host, the group has no master.
     */
    VISITED(false),
    /** Not trusted, no name at all, or a host of several groups: no credential goes there. */
    UNTRUSTED(false),
    /** One referral more than a login follows. */
    TOO_MANY_HOPS(false),
    /** Another port than the group's, and not one to be followed. */
    PORT_NOT_FOLLOWED(false);

    private final boolean followed;

    Kind(boolean followed) {
      this.followed = followed;
    }

    /** Whether the login goes on at the target. */
    public boolean followed() {
      return followed;
    }
  }

  /**
   * Judges a referral.
   *
   * @param current the group of the login under way
   * @param portOf the port that the login's service has in a group
   */
  public Verdict judge(
      GroupTable table,
      ReplicationGroup current,
      Claim claim,
      ToIntFunction<ReplicationGroup> portOf) {
    if (claim.host().isEmpty()) {
      return verdict(Kind.NOT_A_REFERRAL, null, "it names no host");
    }
    if (!StoreHost.isName(claim.host())) {
      return verdict(Kind.UNTRUSTED, null, "what it names is no host name");
    }
    StoreHost target = new StoreHost(claim.host());
    if (target.equals(claim.by())) {
      return verdict(Kind.NOT_A_REFERRAL, target, "it names the host itself");
    }
    if (claim.visited().contains(target)) {
      return verdict(Kind.VISITED, target, "this login has been at " + target);
    }
    if (claim.hops() >= maxHops) {
      return verdict(Kind.TOO_MANY_HOPS, target, maxHops + " referrals were followed already");
    }
    return trust(table, current, target, claim.port(), portOf);
  }

  private Verdict trust(
      GroupTable table,
      ReplicationGroup current,
      StoreHost target,
      int port,
      ToIntFunction<ReplicationGroup> portOf) {
    Optional<ReplicationGroup> listing = table.listing(target);
    if (current.contains(target)) {
      return follow(Kind.IN_GROUP, target, current, port, portOf);
    }
    if (listing.isPresent()) {
      return follow(Kind.OTHER_GROUP, target, listing.get(), port, portOf);
    }
    if (table.listings(target) > 1) {
      return verdict(Kind.UNTRUSTED, target, target + " stands in several groups");
    }
    return trusted.stream().anyMatch(pattern -> matches(pattern, target))
        ? follow(Kind.TRUSTED, target, ReplicationGroup.implicit(target), port, portOf)
        : verdict(Kind.UNTRUSTED, target, "no group lists " + target + ", no pattern trusts it");
  }

  private Verdict follow(
      Kind kind,
      StoreHost target,
      ReplicationGroup group,
      int port,
      ToIntFunction<ReplicationGroup> portOf) {
    if (port == 0 || port == portOf.applyAsInt(group)) {
      return new Verdict(kind, target, group, 0, "referred to " + target);
    }
    return followPorts.contains(port)
        ? new Verdict(kind, target, group, port, "referred to " + target + " port " + port)
        : verdict(Kind.PORT_NOT_FOLLOWED, target, "port " + port + " is not followed");
  }

  private static Verdict verdict(Kind kind, @Nullable StoreHost host, String reason) {
    return new Verdict(kind, host, null, 0, reason);
  }

  private static boolean matches(String pattern, StoreHost host) {
    return pattern.indexOf('*') < 0
        ? pattern.equals(host.name())
        : !host.isAddress() && globMatches(pattern, host.name());
  }

  /** Matches in time linear in the product of the lengths at worst. */
  private static boolean globMatches(String pattern, String name) {
    int p = 0;
    int n = 0;
    int star = -1;
    int resume = 0;
    while (n < name.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        resume = n;
      } else if (p < pattern.length() && pattern.charAt(p) == name.charAt(n)) {
        p++;
        n++;
      } else if (star >= 0) {
        p = star + 1;
        n = ++resume;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }
}
