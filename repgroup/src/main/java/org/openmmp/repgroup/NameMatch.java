package org.openmmp.repgroup;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a name stands for, whether a directory gave it as a mail host or a store as the target of a
 * referral (rules B2.1, B2.24).
 *
 * @param kind what was found
 * @param group the group; there exactly for {@link Kind#GROUP}
 * @param hosts the host, or those that the name fits
 */
public record NameMatch(Kind kind, @Nullable ReplicationGroup group, Set<StoreHost> hosts) {
  /** What a name can stand for. */
  public enum Kind {
    /** A configured group has that name. */
    GROUP,
    /** One host that configured groups list, by its name, its first label or its address. */
    HOST,
    /** Several such hosts have that first label or that address. */
    SEVERAL,
    /** A host that no configured group lists. */
    UNLISTED,
    /** Nothing: the text is no host name and no address. */
    INVALID
  }

  /** Copies the hosts. */
  public NameMatch {
    hosts = Set.copyOf(hosts);
  }

  static NameMatch host(Kind kind, StoreHost host) {
    return new NameMatch(kind, null, Set.of(host));
  }

  /**
   * The one host.
   *
   * @throws IllegalStateException if there is not exactly one
   */
  public StoreHost host() {
    if (hosts.size() != 1) {
      throw new IllegalStateException("the name stands for " + hosts.size() + " hosts");
    }
    return hosts.iterator().next();
  }
}
