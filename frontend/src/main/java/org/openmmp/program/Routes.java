package org.openmmp.program;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.openmmp.config.GroupConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.StoreService;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.Recovery;
import org.openmmp.routing.Routing;
import org.openmmp.routing.StoreAccess;

/** Turns the configuration's groups into what policy and sessions work with. */
final class Routes {
  private Routes() {}

  /** The groups. */
  static GroupTable table(OpenMmpConfig config) {
    return GroupTable.of(
        config.groups().stream().map(Routes::group).toList(), config.resolver().hosts());
  }

  private static ReplicationGroup group(GroupConfig config) {
    return new ReplicationGroup(
        config.name(),
        hosts(config.hosts()),
        new HashSet<>(hosts(config.standbySite())),
        config.affinity(),
        false);
  }

  private static List<StoreHost> hosts(List<String> names) {
    return names.stream().map(StoreHost::new).toList();
  }

  /** Where mail hosts lead for one service. */
  static Routing routing(
      OpenMmpConfig config, GroupTable table, StoreService service, Recovery recovery) {
    Map<String, StoreAccess> byGroup = new HashMap<>();
    for (GroupConfig each : config.groups()) {
      byGroup.put(each.name(), each.stores(service));
    }
    return new Routing(
        table,
        byGroup,
        config.groupDefaults().stores(service),
        config.login().referrals(),
        config.login().referralsUser(),
        recovery);
  }

  /** What the operator wants of that group, or of hosts that stand in none. */
  static GroupConfig configOf(OpenMmpConfig config, String groupName) {
    return config.groups().stream()
        .filter(each -> each.name().equals(groupName))
        .findFirst()
        .orElse(config.groupDefaults());
  }
}
