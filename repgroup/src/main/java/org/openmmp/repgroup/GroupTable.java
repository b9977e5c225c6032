package org.openmmp.repgroup;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The configured replication groups, and which of them a mail host leads to (rule B2.1). */
public final class GroupTable {
  private static final int FINGERPRINT_OCTETS = 8;

  private final Map<String, ReplicationGroup> byName;
  private final Map<StoreHost, List<ReplicationGroup>> byHost;

  private GroupTable(Map<String, ReplicationGroup> byName) {
    this.byName = byName;
    this.byHost =
        byName.values().stream()
            .flatMap(group -> group.hosts().stream().map(host -> Map.entry(host, group)))
            .collect(
                Collectors.groupingBy(
                    Map.Entry::getKey,
                    Collectors.mapping(Map.Entry::getValue, Collectors.toUnmodifiableList())));
  }

  /**
   * A table of these groups.
   *
   * @throws IllegalArgumentException if two groups have one name, or a group is named like a host
   *     of another group and does not list it itself
   */
  public static GroupTable of(List<ReplicationGroup> groups) {
    Map<String, ReplicationGroup> byName = new LinkedHashMap<>();
    for (ReplicationGroup group : groups) {
      if (byName.put(group.name(), group) != null) {
        throw new IllegalArgumentException("two groups are named " + group.name());
      }
    }
    GroupTable table = new GroupTable(byName);
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
   * The group that a mail host leads to: first the group of that name, then the group that lists
   * it, else an implicit group of that one host (rule B2.1).
   */
  public GroupMatch groupOf(String mailHost) {
    Optional<ReplicationGroup> named = named(mailHost);
    if (named.isPresent()) {
      return new GroupMatch(GroupMatch.Kind.FOUND, named.get(), "the group has that name");
    }
    if (!StoreHost.isName(mailHost)) {
      return new GroupMatch(GroupMatch.Kind.INVALID, null, "the mail host is no host name");
    }
    StoreHost host = new StoreHost(mailHost);
    List<ReplicationGroup> listing = byHost.getOrDefault(host, List.of());
    if (listing.size() > 1) {
      String names =
          listing.stream().map(ReplicationGroup::name).collect(Collectors.joining(" and "));
      return new GroupMatch(
          GroupMatch.Kind.AMBIGUOUS, null, "host " + host + " stands in the groups " + names);
    }
    return listing.isEmpty()
        ? new GroupMatch(
            GroupMatch.Kind.FOUND, ReplicationGroup.implicit(host), "no group names that host")
        : new GroupMatch(GroupMatch.Kind.FOUND, listing.get(0), "the group lists that host");
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
