package org.openmmp.routing;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openmmp.repgroup.GroupTable;
import org.openmmp.repgroup.ReferralTrust;
import org.openmmp.repgroup.ReplicationGroup;

/**
 * Where mail hosts lead and how to get there: one immutable value, read once for a login, so that a
 * reload never meets a login half way.
 *
 * @param table the groups
 * @param accessByGroup how each group's stores are reached, by the group's name
 * @param defaultAccess likewise for hosts that stand in no configured group
 * @param trust which referrals are followed
 * @param referralsUser whether a referral's user is the one to log in there (rule B3.8)
 * @param recovery what is being restored
 */
public record Routing(
    GroupTable table,
    Map<String, StoreAccess> accessByGroup,
    StoreAccess defaultAccess,
    ReferralTrust trust,
    boolean referralsUser,
    Recovery recovery) {

  /** Copies the map. */
  public Routing {
    accessByGroup = Map.copyOf(accessByGroup);
  }

  /**
   * One access to all stores of these groups; referrals among them are followed, three in a login,
   * and no others.
   *
   * @throws IllegalArgumentException as {@link GroupTable#of(List)}
   */
  public static Routing of(List<ReplicationGroup> groups, StoreAccess access) {
    ReferralTrust amongThem = new ReferralTrust(List.of(), Set.of(), 3);
    return new Routing(GroupTable.of(groups), Map.of(), access, amongThem, false, Recovery.NONE);
  }

  /** How the stores of that group are reached. */
  public StoreAccess accessTo(ReplicationGroup group) {
    return accessByGroup.getOrDefault(group.name(), defaultAccess);
  }
}
