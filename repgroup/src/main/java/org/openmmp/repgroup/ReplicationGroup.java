package org.openmmp.repgroup;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * An ordered set of store hosts with the same mailboxes.
 *
 * @param name folded as host names are (rule B2.1)
 * @param hosts preferred master first; a host that is listed twice counts once, where it stands
 *     first
 * @param standbySite those of the hosts that are never used until the site is activated by hand
 *     (rule B2.15)
 * @param affinity whether the last successful master is remembered; without it the list order
 *     always holds
 * @param implicit whether it was made up for a mail host that no configured group names
 */
public record ReplicationGroup(
    String name,
    List<StoreHost> hosts,
    Set<StoreHost> standbySite,
    boolean affinity,
    boolean implicit) {

  /** Folds the name, copies the lists and checks them. */
  public ReplicationGroup {
    name = StoreHost.fold(name);
    hosts = List.copyOf(new LinkedHashSet<>(hosts));
    standbySite = Set.copyOf(standbySite);
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a replication group has a name");
    }
    if (hosts.isEmpty()) {
      throw new IllegalArgumentException("group " + name + " has no hosts");
    }
    if (!hosts.containsAll(standbySite)) {
      throw new IllegalArgumentException("a standby-site host of " + name + " is not in its list");
    }
  }

  /** A configured group with affinity and without a standby site. */
  public static ReplicationGroup of(String name, List<StoreHost> hosts) {
    return new ReplicationGroup(name, hosts, Set.of(), true, false);
  }

  /** The group of one host that stands for a mail host which no configured group names. */
  public static ReplicationGroup implicit(StoreHost host) {
    return new ReplicationGroup(host.name(), List.of(host), Set.of(), true, true);
  }

  /** Whether the host is in the list. */
  public boolean contains(StoreHost host) {
    return hosts.contains(host);
  }
}
