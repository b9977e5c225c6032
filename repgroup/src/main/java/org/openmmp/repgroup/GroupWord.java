package org.openmmp.repgroup;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one front end has learnt of a group by its own attempts, for the other front ends of its
 * site: who is master, and which hosts have failed or are back (rule B2.5); never what it heard of
 * others.
 *
 * @param group the group's configured name
 * @param master null if none is known
 * @param masterNanos since when it is that
 * @param failed the hosts at which nobody comes through the opening, and none has answered since
 * @param recovered those that had failed so and were heard again not long ago
 */
public record GroupWord(
    String group,
    @Nullable StoreHost master,
    long masterNanos,
    List<HostWord> failed,
    List<HostWord> recovered) {
  /**
   * A word on one service of a host.
   *
   * @param asOfNanos when the attempt began that found it: its word speaks as of then
   */
  public record HostWord(Service service, StoreHost host, long asOfNanos) {}

  /** Copies the lists. */
  public GroupWord {
    failed = List.copyOf(failed);
    recovered = List.copyOf(recovered);
  }

  /** Whether there is nothing to tell. */
  public boolean isEmpty() {
    return master == null && failed.isEmpty() && recovered.isEmpty();
  }
}
