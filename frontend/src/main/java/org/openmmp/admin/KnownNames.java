package org.openmmp.admin;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;

/**
 * The names that may become values of a label: those of the configuration. Any other group or host
 * was named by the directory or by a store and counts as {@code other}, so that nobody outside
 * decides how many meters there are.
 */
final class KnownNames {
  static final String OTHER = "other";

  private volatile Map<String, Set<String>> hostsByGroup = Map.of();

  KnownNames(Collection<ReplicationGroup> groups) {
    become(groups);
  }

  /** The configuration has these groups from now on. */
  void become(Collection<ReplicationGroup> groups) {
    Map<String, Set<String>> all = new LinkedHashMap<>();
    for (ReplicationGroup group : groups) {
      all.put(
          group.name(),
          group.hosts().stream().map(StoreHost::name).collect(Collectors.toUnmodifiableSet()));
    }
    hostsByGroup = Collections.unmodifiableMap(all);
  }

  Set<String> groups() {
    return hostsByGroup.keySet();
  }

  boolean has(String group) {
    return hostsByGroup.containsKey(group);
  }

  Set<String> hosts(String group) {
    return hostsByGroup.getOrDefault(group, Set.of());
  }

  /** The group's label. */
  String group(String name) {
    return hostsByGroup.containsKey(name) ? name : OTHER;
  }
}
