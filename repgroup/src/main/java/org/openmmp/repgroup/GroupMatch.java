package org.openmmp.repgroup;

import org.jspecify.annotations.Nullable;

/**
 * The replication group that a mail host leads to.
 *
 * @param kind what was found
 * @param group the group; there exactly for {@link Kind#FOUND}
 * @param host the host of that group that the mail host names, if it is one
 * @param reason one sentence for log and explain
 */
public record GroupMatch(
    Kind kind, @Nullable ReplicationGroup group, @Nullable StoreHost host, String reason) {
  /** The possible results for a mail host. */
  public enum Kind {
    /** One group, perhaps an implicit one. */
    FOUND,
    /** The host stands in several groups: a temporary failure (rule B2.1). */
    AMBIGUOUS,
    /** The text is no host name and no address: a temporary failure. */
    INVALID
  }

  /** One group, in which the mail host may name a host. */
  public static GroupMatch found(ReplicationGroup group, @Nullable StoreHost host, String reason) {
    return new GroupMatch(Kind.FOUND, group, host, reason);
  }

  /** No group. */
  public static GroupMatch none(Kind kind, String reason) {
    return new GroupMatch(kind, null, null, reason);
  }

  /**
   * The group that was found.
   *
   * @throws IllegalStateException if none was
   */
  public ReplicationGroup found() {
    if (group == null) {
      throw new IllegalStateException(reason);
    }
    return group;
  }
}
