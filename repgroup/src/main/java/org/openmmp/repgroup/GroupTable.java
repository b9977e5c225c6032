package org.openmmp.repgroup;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The configured replication groups, and which of them a mail host leads to (rule B2.1). */
public final class GroupTable {
  private static final int FINGERPRINT_OCTETS = 8;

  private static final Comparator<StoreHost> BY_NAME = Comparator.comparing(StoreHost::name);

  private final Map<String, ReplicationGroup> byName;
  private final Map<StoreHost, List<ReplicationGroup>> byHost;

  /** Listed hosts by the other names they go by: the first label, and addresses. */
  private final Map<String, Set<StoreHost>> byOtherName = new HashMap<>();

  private GroupTable(Map<String, ReplicationGroup> byName, Map<String, List<String>> addresses) {
    this.byName = byName;
    this.byHost =
        byName.values().stream()
            .flatMap(group -> group.hosts().stream().map(host -> Map.entry(host, group)))
            .collect(
                Collectors.groupingBy(
                    Map.Entry::getKey,
                    Collectors.mapping(Map.Entry::getValue, Collectors.toUnmodifiableList())));
    for (StoreHost host : byHost.keySet()) {
      int dot = host.name().indexOf('.');
      if (dot > 0 && !host.isAddress()) {
        goesBy(host.name().substring(0, dot), host);
      }
    }
    addresses.forEach(
        (name, itsAddresses) -> {
          StoreHost host = new StoreHost(name);
          if (byHost.containsKey(host)) {
            itsAddresses.forEach(address -> goesBy(StoreHost.fold(address), host));
          }
        });
  }

  private void goesBy(String name, StoreHost host) {
    byOtherName.computeIfAbsent(name, any -> new TreeSet<>(BY_NAME)).add(host);
  }

  /**
   * A table of these groups.
   *
   * @throws IllegalArgumentException if two groups have one name, or a group is named like a host
   *     of another group and does not list it itself
   */
  public static GroupTable of(List<ReplicationGroup> groups) {
    return of(groups, Map.of());
  }

  /**
   * The same.
   *
   * @param addresses of hosts by name, as far as they are configured
   */
  public static GroupTable of(List<ReplicationGroup> groups, Map<String, List<String>> addresses) {
    Map<String, ReplicationGroup> byName = new LinkedHashMap<>();
    for (ReplicationGroup group : groups) {
      if (byName.put(group.name(), group) != null) {
        throw new IllegalArgumentException("two groups are named " + group.name());
      }
    }
    GroupTable table = new GroupTable(byName, addresses);
    byName.values().forEach(table::refuseForeignName);
    return table;
  }

  private void refuseForeignName(ReplicationGroup group) {
    for (ReplicationGroup other : byHost.getOrDefault(new StoreHost(group.name()), List.of())) {
      if (!other.equals(group)) {
        throw new IllegalArgumentException(
            "group " + group.name() + " is named like a host of group " + other.name());
      }
    }
  }

  /** The configured groups, in the order in which they were given. */
  public Collection<ReplicationGroup> groups() {
    return List.copyOf(byName.values());
  }

  /** The configured group of that name; case and one trailing dot do not count. */
  public Optional<ReplicationGroup> named(String name) {
    return Optional.ofNullable(byName.get(StoreHost.fold(name)));
  }

  /** The one configured group that lists the host; none if several do. */
  public Optional<ReplicationGroup> listing(StoreHost host) {
    List<ReplicationGroup> listing = byHost.getOrDefault(host, List.of());
    return listing.size() == 1 ? Optional.of(listing.get(0)) : Optional.empty();
  }

  /** How many configured groups list the host. */
  int listings(StoreHost host) {
    return byHost.getOrDefault(host, List.of()).size();
  }

  /**
   * The hosts that a text can mean: the listed one of that name, else those with that first label
   * or that configured address, else a host of its own (rules B2.1, B2.24); none if it is no host
   * name and no address.
   */
  Set<StoreHost> hostsCalled(String text) {
    if (!StoreHost.isName(text)) {
      return Set.of();
    }
    StoreHost host = new StoreHost(text);
    Set<StoreHost> others = byOtherName.getOrDefault(host.name(), Set.of());
    return others.isEmpty() || byHost.containsKey(host) ? Set.of(host) : others;
  }

  /** The group that a mail host leads to: the one of that name comes first (rule B2.1). */
  public GroupMatch groupOf(String mailHost) {
    ReplicationGroup named = byName.get(StoreHost.fold(mailHost));
    if (named != null) {
      StoreHost host = new StoreHost(mailHost);
      return GroupMatch.found(named, named.contains(host) ? host : null, "the group has that name");
    }
    Set<StoreHost> hosts = hostsCalled(mailHost);
    return switch (hosts.size()) {
      case 0 -> GroupMatch.none(GroupMatch.Kind.INVALID, "the mail host is no host name");
      case 1 -> groupListing(hosts.iterator().next());
      default ->
          GroupMatch.none(
              GroupMatch.Kind.AMBIGUOUS, "the mail host may be any of " + sorted(hosts));
    };
  }

  private GroupMatch groupListing(StoreHost host) {
    List<ReplicationGroup> listing = byHost.getOrDefault(host, List.of());
    if (listing.isEmpty()) {
      return GroupMatch.found(ReplicationGroup.implicit(host), host, "no group names that host");
    }
    if (listing.size() == 1) {
      return GroupMatch.found(listing.get(0), host, "the group lists that host");
    }
    String names =
        listing.stream().map(ReplicationGroup::name).collect(Collectors.joining(" and "));
    return GroupMatch.none(
        GroupMatch.Kind.AMBIGUOUS, "host " + host + " stands in the groups " + names);
  }

  private static String sorted(Set<StoreHost> hosts) {
    return hosts.stream().map(StoreHost::name).sorted().collect(Collectors.joining(", "));
  }

  /**
   * A short text that is the same on every front end with the same groups, in whatever order they
   * stand (rule B7.4): sixteen hexadecimal digits.
   */
  public String fingerprint() {
    String text =
        new TreeMap<>(byName)
            .values().stream().map(GroupTable::canonical).collect(Collectors.joining());
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, FINGERPRINT_OCTETS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String canonical(ReplicationGroup group) {
    String hosts =
        group.hosts().stream()
            .map(host -> host + (group.standbySite().contains(host) ? " standby-site" : ""))
            .collect(Collectors.joining("\n "));
    return group.name() + (group.affinity() ? "" : " no-affinity") + "\n " + hosts + "\n";
  }
}
