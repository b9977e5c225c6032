package org.openmmp.routing;

import java.util.Map;
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

  /** How the stores of that group are reached. */
  public StoreAccess accessTo(ReplicationGroup group) {
    return accessByGroup.getOrDefault(group.name(), defaultAccess);
  }
}
