package org.openmmp.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What takes over when a group's primary, its first host, fails, as the order of the hosts in all
 * groups says it (HA, "About High Availability Models"). Hosts with an address in common in {@code
 * openmmp.resolver.hosts} are one machine; hosts of a standby site take nothing over by themselves.
 */
public enum AvailabilityModel {
  /** Nothing does. */
  NONE,
  /** A host with no other task. */
  ASYMMETRIC,
  /** The primary of another group, which falls back on this group's primary in turn. */
  SYMMETRIC,
  /** A host with no task but to stand behind several primaries. */
  N_PLUS_ONE,
  /** The primary of another group, which does not fall back on this group's primary. */
  ONE_WAY;

  /** As operators write it: {@code asymmetric}, {@code N+1}. */
  public String written() {
    return this == N_PLUS_ONE ? "N+1" : name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The model of each group, by its name. */
  public static Map<String, AvailabilityModel> of(OpenMmpConfig config) {
    Map<String, List<String>> groups = machines(config);
    Map<String, AvailabilityModel> models = new TreeMap<>();
    groups.forEach((group, hosts) -> models.put(group, model(hosts, groups)));
    return models;
  }

  /**
   * A sentence for each group, then one for each host that has to carry more when another fails.
   */
  public static List<String> sentences(OpenMmpConfig config) {
    Map<String, List<String>> groups = machines(config);
    List<String> all = new ArrayList<>();
    Map<String, Map<String, List<String>>> burdens = new LinkedHashMap<>();
    groups.forEach(
        (group, hosts) -> {
          all.add("group " + group + ": " + model(hosts, groups).sentence(hosts));
          if (hosts.size() > 1) {
            burdens
                .computeIfAbsent(hosts.get(1), any -> new LinkedHashMap<>())
                .computeIfAbsent(hosts.get(0), any -> new ArrayList<>())
                .add(group);
          }
        });
    burdens.forEach((host, of) -> all.add(burden(host, own(host, groups), of)));
    return all;
  }

  /** The hosts of each group that take over by themselves; those of one machine are its first. */
  private static Map<String, List<String>> machines(OpenMmpConfig config) {
    Map<String, String> machineOf = new LinkedHashMap<>();
    Map<String, String> firstAt = new LinkedHashMap<>();
    config
        .resolver()
        .hosts()
        .forEach(
            (host, addresses) -> {
              String machine =
                  addresses.stream()
                      .filter(firstAt::containsKey)
                      .map(firstAt::get)
                      .findFirst()
                      .orElse(host);
              addresses.forEach(each -> firstAt.putIfAbsent(each, machine));
              machineOf.put(host, machine);
            });
    Map<String, List<String>> groups = new LinkedHashMap<>();
    for (GroupConfig group : config.groups()) {
      List<String> hosts =
          group.hosts().stream()
              .filter(host -> !group.standbySite().contains(host))
              .map(host -> machineOf.getOrDefault(host, host))
              .distinct()
              .toList();
      if (!hosts.isEmpty()) {
        groups.put(group.name(), hosts);
      }
    }
    return groups;
  }

  private static AvailabilityModel model(List<String> hosts, Map<String, List<String>> groups) {
    if (hosts.size() < 2) {
      return NONE;
    }
    String secondary = hosts.get(1);
    if (!own(secondary, groups).isEmpty()) {
      return fallsBackOn(secondary, hosts.get(0), groups.values()) ? SYMMETRIC : ONE_WAY;
    }
    long primaries =
        groups.values().stream()
            .filter(each -> each.size() > 1 && each.get(1).equals(secondary))
            .map(each -> each.get(0))
            .distinct()
            .count();
    return primaries > 1 ? N_PLUS_ONE : ASYMMETRIC;
  }

  /** Whether what one host is primary of comes to the other one, at once or over others. */
  private static boolean fallsBackOn(String from, String to, Collection<List<String>> groups) {
    Set<String> seen = new HashSet<>();
    Deque<String> next = new ArrayDeque<>(List.of(from));
    while (!next.isEmpty()) {
      String at = next.pop();
      for (List<String> each : groups) {
        if (each.get(0).equals(at)) {
          each.stream().skip(1).filter(seen::add).forEach(next::push);
        }
      }
    }
    return seen.contains(to);
  }

  /** The groups that a host is primary of. */
  private static List<String> own(String host, Map<String, List<String>> groups) {
    return groups.keySet().stream()
        .filter(group -> host.equals(groups.getOrDefault(group, List.of("")).get(0)))
        .toList();
  }

  private String sentence(List<String> hosts) {
    String line = written() + ": " + hosts.get(0);
    if (this == NONE) {
      return line + " is alone; nothing takes over when it fails";
    }
    String words =
        switch (this) {
          case NONE, ASYMMETRIC -> "which has no other task, takes over";
          case SYMMETRIC -> "which serves other groups and falls back on it in turn, takes over";
          case N_PLUS_ONE -> "which stands behind several, takes over";
          case ONE_WAY -> "which serves other groups, takes over, and does not fall back on it";
        };
    return line
        + " is the primary; "
        + hosts.get(1)
        + ", "
        + words
        + (hosts.size() == 2 ? "" : "; then " + String.join(", ", hosts.subList(2, hosts.size())));
  }

  private static String burden(String host, List<String> own, Map<String, List<String>> of) {
    List<String> parts = new ArrayList<>();
    of.forEach(
        (primary, groups) ->
            parts.add(String.join(" and ", groups) + " when " + primary + " fails"));
    int most = own.size() + of.values().stream().mapToInt(Collection::size).sum();
    return "host "
        + host
        + " would carry "
        + String.join(", ", parts)
        + (own.isEmpty() ? "" : ", besides its own " + String.join(" and ", own))
        + (of.size() > 1 || !own.isEmpty() ? ": up to " + most + " groups at once" : "");
  }
}
