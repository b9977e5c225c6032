package org.openmmp.admin;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.repgroup.GroupSnapshot.AffinitySnapshot;
import org.openmmp.repgroup.GroupSnapshot.HostSnapshot;
import org.openmmp.repgroup.GroupSnapshot.HostState;
import org.openmmp.repgroup.GroupSnapshot.Use;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.HostTraits;
import org.openmmp.routing.Recovery;
import org.openmmp.text.Json;
import org.openmmp.text.SafeText;

/**
 * Groups as the live feed tells them, all services of a group in one object: the same text for as
 * long as nothing happens to the group, so times are points in time, and what each login changes is
 * left out.
 */
final class LiveGroups {
  /** Names that no configuration has are many where a directory gives hosts' names. */
  static final int MOST_IMPLICIT = 200;

  private LiveGroups() {}

  /**
   * The JSON of each group, by its name.
   *
   * @param snapshots as of {@code nowNanos}
   * @param recovery what is being restored
   * @param differences in what hosts of a group differ for a service
   * @param wallMillis the milliseconds since 1970 of a point in {@link System#nanoTime}
   */
  static Map<String, String> of(
      List<GroupSnapshot> snapshots,
      Recovery recovery,
      BiFunction<String, String, Map<HostTraits.Kind, String>> differences,
      long nowNanos,
      LongUnaryOperator wallMillis) {
    Map<String, List<GroupSnapshot>> byGroup = new TreeMap<>();
    int implicit = 0;
    for (GroupSnapshot each : snapshots) {
      List<GroupSnapshot> known = byGroup.get(each.group());
      if (known == null) {
        if (each.implicit() && ++implicit > MOST_IMPLICIT) {
          continue;
        }
        known = new ArrayList<>();
        byGroup.put(each.group(), known);
      }
      known.add(each);
    }
    Map<String, String> told = new TreeMap<>();
    byGroup.forEach(
        (name, services) -> {
          Map<String, Object> tree = group(name, services, nowNanos, wallMillis);
          tree.put("recovery", recovery.has(name));
          Map<String, Object> unlike = new LinkedHashMap<>();
          for (GroupSnapshot each : services) {
            String service = each.service().name();
            Map<String, String> its = Explanation.byWord(differences.apply(name, service));
            if (!its.isEmpty()) {
              unlike.put(service, its);
            }
          }
          tree.put("differences", unlike);
          told.put(name, Json.write(tree));
        });
    return told;
  }

  private static Map<String, Object> group(
      String name, List<GroupSnapshot> services, long nowNanos, LongUnaryOperator wallMillis) {
    Map<String, Object> byService = new LinkedHashMap<>();
    Map<String, Map<String, Object>> statesByHost = new LinkedHashMap<>();
    Map<String, Map<String, Object>> hosts = new LinkedHashMap<>();
    for (GroupSnapshot each : services) {
      byService.put(each.service().name(), service(each, nowNanos, wallMillis));
      for (HostSnapshot host : each.hosts()) {
        String hostName = host.host().name();
        Map<String, Object> states =
            statesByHost.computeIfAbsent(hostName, any -> new LinkedHashMap<>());
        Map<String, Object> tree = hosts.computeIfAbsent(hostName, any -> host(host, states));
        states.put(each.service().name(), state(host, nowNanos, wallMillis));
        if (host.use() != Use.IN_USE) {
          tree.put("duty", Explanation.word(host.use()));
        }
      }
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("group", SafeText.of(name));
    tree.put("implicit", services.get(0).implicit());
    tree.put("services", byService);
    tree.put("hosts", List.copyOf(hosts.values()));
    return tree;
  }

  private static Map<String, Object> service(
      GroupSnapshot group, long nowNanos, LongUnaryOperator wallMillis) {
    Map<String, Object> tree = new LinkedHashMap<>();
    @Nullable AffinitySnapshot affinity = group.affinity();
    if (affinity != null) {
      tree.put("master", SafeText.of(affinity.host().name()));
      tree.put("since", wallMillis.applyAsLong(nowNanos - affinity.sinceNanosAgo()));
      tree.put("why", SafeText.of(affinity.why().text()));
    }
    tree.put("failsOver", group.kind() != ClientKind.SINGLE);
    tree.put("noMaster", group.noMaster());
    tree.put("standbySiteActive", group.standbySiteActive());
    tree.put("onlyStandbySiteLeft", onlyStandbySiteLeft(group));
    StoreHost preferred = group.preferred();
    if (preferred != null) {
      tree.put("preferred", SafeText.of(preferred.name()));
    }
    tree.put("waiting", group.waiting());
    tree.put("used", group.hosts().stream().anyMatch(each -> each.attemptsStarted() > 0));
    return tree;
  }

  private static boolean onlyStandbySiteLeft(GroupSnapshot group) {
    return !group.standbySiteActive()
        && group.hosts().stream().anyMatch(HostSnapshot::standbySite)
        && group.hosts().stream().allMatch(each -> each.standbySite() || fails(each));
  }

  private static Map<String, Object> host(HostSnapshot host, Map<String, Object> states) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("host", SafeText.of(host.host().name()));
    tree.put("duty", Explanation.word(Use.IN_USE));
    tree.put("standbySite", host.standbySite());
    tree.put("services", states);
    return tree;
  }

  private static Map<String, Object> state(
      HostSnapshot host, long nowNanos, LongUnaryOperator wallMillis) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("state", Explanation.word(host.state()));
    if (fails(host)) {
      tree.put("failures", host.failures());
      if (host.lastOutcome() != null) {
        tree.put("lastOutcome", Explanation.word(host.lastOutcome()));
        tree.put("lastReason", SafeText.of(host.lastReason()));
      }
    }
    if (host.coolDownLeftNanos() > 0) {
      tree.put("coolDownUntil", wallMillis.applyAsLong(nowNanos + host.coolDownLeftNanos()));
    }
    if (host.waiting() > 0) {
      tree.put("waiting", host.waiting());
    }
    return tree;
  }

  private static boolean fails(HostSnapshot host) {
    return host.state() == HostState.COOLING || host.state() == HostState.HALF_OPEN;
  }
}
