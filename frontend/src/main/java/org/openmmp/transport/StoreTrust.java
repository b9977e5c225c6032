package org.openmmp.transport;

import java.util.Map;

/**
 * Whose certificates are believed, by group.
 *
 * @param byGroup by the group's name
 * @param otherwise for hosts that stand in no configured group
 */
public record StoreTrust(Map<String, StoreTls> byGroup, StoreTls otherwise) {
  /** Copies the map. */
  public StoreTrust {
    byGroup = Map.copyOf(byGroup);
  }

  /** What holds for the hosts of that group. */
  public StoreTls of(String group) {
    return byGroup.getOrDefault(group, otherwise);
  }
}
