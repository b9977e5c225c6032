package org.openmmp.repgroup;

import org.jspecify.annotations.Nullable;

/**
 * The replication group that a mail host leads to.
 *
 * @param kind what was found
 * @param group the group; there exactly for {@link Kind#FOUND}
 * @param reason one sentence for log and explain
 */
public record GroupMatch(Kind kind, @Nullable ReplicationGroup group, String reason) {
  /** What a search for a mail host can come to. */
  public enum Kind {
    /** One group, perhaps an implicit one. */
    FOUND,
    /** The host stands in several groups: a temporary failure (rule B2.1). */
    AMBIGUOUS,
    /** The text is no host name and no address: a temporary failure. */
    INVALID
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
