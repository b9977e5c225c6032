package org.openmmp.repgroup;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A group as it is configured now, and its memories, one for each service and kind of client. */
final class RememberedGroup {
  /** What one memory of a group is for. */
  record Key(Service service, ClientKind kind) {}

  private final Map<Key, GroupMemory> memories = new ConcurrentHashMap<>();
  private volatile ReplicationGroup group;
  private volatile boolean siteActive;

  RememberedGroup(ReplicationGroup group) {
    this.group = group;
  }

  ReplicationGroup group() {
    return group;
  }

  boolean siteActive() {
    return siteActive;
  }

  Collection<GroupMemory> memories() {
    return memories.values();
  }

  GroupMemory memory(Service service, ClientKind kind, SelectionListener listener) {
    return memories.computeIfAbsent(
        new Key(service, kind), key -> new GroupMemory(this, service, kind, listener));
  }

  /** The freshest affinity that writers of other services have found; null if there is none. */
  @Nullable Affinity hintFor(GroupMemory asking) {
    Affinity freshest = null;
    for (GroupMemory other : memories.values()) {
      Affinity affinity = other.health().affinity();
      if (other != asking
          && affinity != null
          && other.kind() == ClientKind.WRITER
          && (freshest == null || affinity.sinceNanos() - freshest.sinceNanos() > 0)) {
        freshest = affinity;
      }
    }
    return freshest;
  }

  /** The configuration changed: the affinity of a host that left ends (rule B2.12). */
  void replace(ReplicationGroup other) {
    if (!group.equals(other)) {
      group = other;
      changeAll(health -> health.keeping(other.hosts()), "the configuration changed");
    }
  }

  /** An administrator opens or closes the standby site (rule B2.15). */
  void activateSite(boolean active) {
    if (siteActive != active) {
      siteActive = active;
      String why = "the standby site was " + (active ? "activated" : "deactivated");
      changeAll(health -> active ? health.withSiteAlerted(false) : leavingSite(health), why);
    }
  }

  /** An administrator ends the affinity (rule B2.12). */
  void failback() {
    changeAll(health -> health.withAffinity(null), "failback was asked for");
  }

  boolean idle() {
    return memories.values().stream().allMatch(GroupMemory::idle);
  }

  private GroupHealth leavingSite(GroupHealth health) {
    Affinity affinity = health.affinity();
    return affinity != null && group.standbySite().contains(affinity.host())
        ? health.withAffinity(null)
        : health;
  }

  private void changeAll(UnaryOperator<GroupHealth> change, String why) {
    memories.values().forEach(memory -> memory.change(h -> change.apply(h).withNews(), why));
  }
}
