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
   * @param host the target; there if the text names one host, and not a group
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

  /** The kinds of referral; the first three may be followed. */
  public enum Kind {
    /** To another host of the same group: report REFERRED with that host to the walk. */
    IN_GROUP(true),
    /**
     * To another configured group, or a host of it: a walk there, which begins at that host if
     * there is one.
     */
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
    /**
     * To the group that it stands in, by the group's name, which says no more than "not I", or to a
     * host of it that cannot be followed to: report REFERRED without a host, and ask the others.
     */
    PASSED_OVER(false),
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

    /** Whether it leads away from the group, followed or not: the directory's word is old. */
    public boolean leavesGroup() {
      return switch (this) {
        case OTHER_GROUP, TRUSTED, UNTRUSTED, TOO_MANY_HOPS, PORT_NOT_FOLLOWED -> true;
        case IN_GROUP, NOT_A_REFERRAL, VISITED, PASSED_OVER -> false;
      };
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
    // A host of the group at hand comes before a group of the same name.
    StoreHost own = StoreHost.isName(claim.host()) ? new StoreHost(claim.host()) : null;
    if (own != null && current.contains(own)) {
      return toHost(table, current, own, claim, portOf);
    }
    Optional<ReplicationGroup> group = table.named(claim.host());
    if (group.isPresent()) {
      return toGroup(group.get(), current, claim, portOf);
    }
    Set<StoreHost> hosts = table.hostsCalled(claim.host());
    return switch (hosts.size()) {
      case 0 -> verdict(Kind.UNTRUSTED, null, "what it names is no host name");
      case 1 -> toHost(table, current, hosts.iterator().next(), claim, portOf);
      default ->
          verdict(
              hosts.stream().anyMatch(current::contains) ? Kind.PASSED_OVER : Kind.UNTRUSTED,
              null,
              "it may mean any of several hosts");
    };
  }

  private Verdict toGroup(
      ReplicationGroup target,
      ReplicationGroup current,
      Claim claim,
      ToIntFunction<ReplicationGroup> portOf) {
    if (target.name().equals(current.name())) {
      return verdict(Kind.PASSED_OVER, null, "it names the group that it stands in");
    }
    return claim.hops() >= maxHops
        ? tooManyHops(Kind.TOO_MANY_HOPS, null)
        : follow(Kind.OTHER_GROUP, null, target, claim.port(), portOf);
  }

  private Verdict toHost(
      GroupTable table,
      ReplicationGroup current,
      StoreHost target,
      Claim claim,
      ToIntFunction<ReplicationGroup> portOf) {
    if (target.equals(claim.by())) {
      return verdict(Kind.NOT_A_REFERRAL, target, "it names the host itself");
    }
    if (claim.visited().contains(target)) {
      return verdict(Kind.VISITED, target, "this login has been at " + target);
    }
    if (claim.hops() >= maxHops) {
      return tooManyHops(current.contains(target) ? Kind.PASSED_OVER : Kind.TOO_MANY_HOPS, target);
    }
    return trust(table, current, target, claim.port(), portOf);
  }

  private Verdict tooManyHops(Kind kind, @Nullable StoreHost target) {
    return verdict(kind, target, maxHops + " referrals were followed already");
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
      @Nullable StoreHost target,
      ReplicationGroup group,
      int port,
      ToIntFunction<ReplicationGroup> portOf) {
    String whom = target == null ? "the group " + group.name() : target.name();
    if (port == 0 || port == portOf.applyAsInt(group)) {
      return new Verdict(kind, target, group, 0, "referred to " + whom);
    }
    if (followPorts.contains(port)) {
      return new Verdict(kind, target, group, port, "referred to " + whom + " port " + port);
    }
    Kind instead = kind == Kind.IN_GROUP ? Kind.PASSED_OVER : Kind.PORT_NOT_FOLLOWED;
    return verdict(instead, target, "port " + port + " is not followed");
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
