package org.openmmp.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

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

  private record Order(String group, List<String> hosts) {
    String primary() {
      return hosts.get(0);
    }

    List<String> secondaries() {
      return hosts.subList(1, hosts.size());
    }
  }

  /** As operators write it: {@code asymmetric}, {@code N+1}. */
  public String written() {
    return this == N_PLUS_ONE ? "N+1" : name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The model of each group, by its name. */
  public static Map<String, AvailabilityModel> of(OpenMmpConfig config) {
    List<Order> orders = orders(config);
    Map<String, AvailabilityModel> models = new TreeMap<>();
    orders.forEach(each -> models.put(each.group(), model(each, orders)));
    return models;
  }

  /**
   * A sentence for each group, then one for each host that has to carry more when another fails.
   */
  public static List<String> sentences(OpenMmpConfig config) {
    List<Order> orders = orders(config);
    List<String> all = new ArrayList<>();
    orders.forEach(each -> all.add(sentence(each, model(each, orders))));
    Map<String, Map<String, List<String>>> burdens = new LinkedHashMap<>();
    for (Order each : orders) {
      if (!each.secondaries().isEmpty()) {
        burdens
            .computeIfAbsent(each.secondaries().get(0), any -> new LinkedHashMap<>())
            .computeIfAbsent(each.primary(), any -> new ArrayList<>())
            .add(each.group());
      }
    }
    burdens.forEach((host, of) -> all.add(burden(host, own(host, orders), of)));
    return all;
  }

  private static List<Order> orders(OpenMmpConfig config) {
    Map<String, String> machines = new LinkedHashMap<>();
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
              machines.put(host, machine);
            });
    List<Order> orders = new ArrayList<>();
    for (GroupConfig group : config.groups()) {
      Set<String> hosts = new LinkedHashSet<>();
      for (String host : group.hosts()) {
        if (!group.standbySite().contains(host)) {
          hosts.add(machines.getOrDefault(host, host));
        }
      }
      if (!hosts.isEmpty()) {
        orders.add(new Order(group.name(), List.copyOf(hosts)));
      }
    }
    return orders;
  }

  private static AvailabilityModel model(Order group, List<Order> orders) {
    if (group.secondaries().isEmpty()) {
      return NONE;
    }
    String secondary = group.secondaries().get(0);
    if (!own(secondary, orders).isEmpty()) {
      return fallsBackOn(secondary, group.primary(), orders) ? SYMMETRIC : ONE_WAY;
    }
    long primaries =
        orders.stream()
            .filter(each -> each.secondaries().stream().limit(1).anyMatch(secondary::equals))
            .map(Order::primary)
            .distinct()
            .count();
    return primaries > 1 ? N_PLUS_ONE : ASYMMETRIC;
  }

  /** Whether what one host is primary of comes to the other one, at once or over others. */
  private static boolean fallsBackOn(String from, String to, List<Order> orders) {
    Set<String> seen = new HashSet<>();
    Deque<String> next = new ArrayDeque<>(List.of(from));
    while (!next.isEmpty()) {
      String at = next.pop();
      for (Order each : orders) {
        if (each.primary().equals(at)) {
          each.secondaries().stream().filter(seen::add).forEach(next::push);
        }
      }
    }
    return seen.contains(to);
  }

  /** The groups that a host is primary of. */
  private static List<String> own(String host, List<Order> orders) {
    return orders.stream()
        .filter(each -> each.primary().equals(host))
        .map(Order::group)
        .collect(Collectors.toList());
  }

  private static String sentence(Order group, AvailabilityModel model) {
    String line = "group " + group.group() + ": " + model.written() + ": " + group.primary();
    if (model == NONE) {
      return line + " is alone; nothing takes over when it fails";
    }
    String secondary = group.secondaries().get(0);
    List<String> behind = group.secondaries().subList(1, group.secondaries().size());
    String words =
        switch (model) {
          case NONE, ASYMMETRIC -> "which has no other task, takes over";
          case SYMMETRIC -> "which serves other groups and falls back on it in turn, takes over";
          case N_PLUS_ONE -> "which stands behind several, takes over";
          case ONE_WAY -> "which serves other groups, takes over, and does not fall back on it";
        };
    return line
        + " is the primary; "
        + secondary
        + ", "
        + words
        + (behind.isEmpty() ? "" : "; then " + String.join(", ", behind));
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
