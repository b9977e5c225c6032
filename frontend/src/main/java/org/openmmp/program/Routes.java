package org.openmmp.program;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openmmp.config.GroupConfig;
import org.openmmp.config.LoginConfig;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.config.StoreService;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.GrowingPause;
import org.openmmp.repgroup.ReferralTrust;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.SelectorSettings;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.Routing;
import org.openmmp.routing.StoreAccess;
import org.openmmp.wire.Secret;

/** Turns the configuration's groups into what policy and sessions work with. */
final class Routes {
  /** Time kept at the end of a login for going on at a replica: connect, greeting, answer. */
  private static final Duration READ_ONLY_RESERVE = Duration.ofSeconds(5);

  /**
   * How much longer others wait for an attempt than it may take, so that its end is known before
   * anybody asks the same host again (rule B2.9).
   */
  private static final Duration PROBE_GRACE = Duration.ofSeconds(1);

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
  static Routing routing(OpenMmpConfig config, GroupTable table, StoreService service) {
    Map<String, StoreAccess> byGroup = new HashMap<>();
    for (GroupConfig each : config.groups()) {
      byGroup.put(each.name(), access(each, service));
    }
    LoginConfig.Referrals referrals = config.login().referrals();
    return new Routing(
        table,
        byGroup,
        access(config.groupDefaults(), service),
        new ReferralTrust(
            referrals.trusted(), Set.copyOf(referrals.followPorts()), referrals.maxHops()),
        referrals.useUser());
  }

  private static StoreAccess access(GroupConfig config, StoreService service) {
    return new StoreAccess(
        service.port(config),
        service.tls(config).policy(),
        config.timeouts().connect(),
        config.timeouts().greeting(),
        config.timeouts().loginAnswer(),
        config.imapAdmin(),
        Secret.taking(config.imapAdminPassword().reveal().getBytes(StandardCharsets.UTF_8)),
        switch (config.clientId()) {
          case NONE -> StoreAccess.ClientId.NONE;
          case ID -> StoreAccess.ClientId.COMMAND;
          case PROXY_V2 -> StoreAccess.ClientId.PROXY_V2;
        });
  }

  /** What the operator wants of that group, or of hosts that stand in none. */
  static GroupConfig configOf(OpenMmpConfig config, String groupName) {
    return config.groups().stream()
        .filter(each -> each.name().equals(groupName))
        .findFirst()
        .orElse(config.groupDefaults());
  }

  /** How selection goes about one group. */
  static SelectorSettings selection(OpenMmpConfig config, String groupName) {
    GroupConfig group = configOf(config, groupName);
    return new SelectorSettings(
        new GrowingPause(group.coolDown().first(), group.coolDown().max()),
        group.maxAttemptsPerStore(),
        group.discovery().confirmWindow(),
        group.discovery().patience(),
        group.timeouts().connect().plus(group.timeouts().greeting()).plus(PROBE_GRACE),
        new GrowingPause(group.discovery().firstRetryPause(), group.discovery().maxRetryPause()),
        group.discovery().waitForStore(),
        new SelectorSettings.ReadOnlyFallback(
            group.readOnly().fallback(), group.readOnly().after(), READ_ONLY_RESERVE));
  }
}
