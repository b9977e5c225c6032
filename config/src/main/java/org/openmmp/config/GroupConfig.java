package org.openmmp.config;

import java.util.HashSet;
import java.util.List;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.SelectorSettings;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.StoreAccess;

/**
 * One replication group with its options, each the group's own or the default of all groups (rule
 * B2.3): {@code openmmp.proxy.<group>} over {@code openmmp.proxy-defaults}.
 *
 * @param name in lower case and without a trailing dot; empty in the defaults
 * @param hosts {@code storehostlist}: bare hosts in lower case without a trailing dot, preferred
 *     master first; a host that is written twice is there twice
 * @param standbySite those of the hosts that are used only once an administrator activates them
 *     (rule B2.15)
 * @param affinity whether the last successful master is remembered (rule B2.7)
 * @param selection how the next host is chosen
 * @param probe how the hosts are asked although nobody waits for one
 */
public record GroupConfig(
    String name,
    List<String> hosts,
    List<String> standbySite,
    boolean affinity,
    StoreAccess imap,
    StoreAccess pop,
    StoreAccess lmtp,
    SelectorSettings selection,
    GroupProbe probe) {

  /** Copies the lists. */
  public GroupConfig {
    hosts = List.copyOf(hosts);
    standbySite = List.copyOf(standbySite);
  }

  /** Another group with the same options. */
  GroupConfig named(String other, List<String> itsHosts, List<String> itsStandbySite) {
    return new GroupConfig(
        other, itsHosts, itsStandbySite, affinity, imap, pop, lmtp, selection, probe);
  }

  /** What logins and deliveries know of it. */
  ReplicationGroup group() {
    return new ReplicationGroup(
        name, named(hosts), new HashSet<>(named(standbySite)), affinity, false);
  }

  private static List<StoreHost> named(List<String> names) {
    return names.stream().map(StoreHost::new).toList();
  }

  /** How the stores are reached for that service. */
  public StoreAccess stores(StoreService service) {
    return switch (service) {
      case IMAP -> imap;
      case POP3 -> pop;
      case LMTP -> lmtp;
    };
  }
}
