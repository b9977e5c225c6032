package org.openmmp.repgroup;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one front end has learnt of a group by its own attempts, for the other front ends of its
 * site: who is master, and which hosts have failed (rule B2.5); never what it heard of others.
 *
 * @param group the group's configured name
 * @param master null if none is known
 * @param masterNanos since when it is that
 * @param failed what failed and has not answered since
 */
public record GroupWord(
    String group, @Nullable StoreHost master, long masterNanos, List<FailedHost> failed) {
  /**
   * A host at which nobody comes through the opening.
   *
   * @param service the service that failed
   * @param asOfNanos when the attempt began that found it: its word speaks as of then
   */
  public record FailedHost(Service service, StoreHost host, long asOfNanos) {}

  /** Copies the list. */
  public GroupWord {
    failed = List.copyOf(failed);
  }

  /** Whether there is nothing to tell. */
  public boolean isEmpty() {
    return master == null && failed.isEmpty();
  }
}
