package org.openmmp.storesim;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The choice of a new master: the node with the most up-to-date log record, then the highest
 * priority, then the first of the list.
 *
 * <p>Those who vote must be more than half of the group; a node with priority 0 votes and is never
 * chosen. The survivor of a group of two may take over if {@code twosites} is on.
 */
public final class Election {
  private Election() {}

  /**
   * A member of the group as an election sees it.
   *
   * @param running whether the others hear of it
   * @param logRecord the newest record in its log
   * @param priority 0: never master
   */
  public record Candidate(String node, boolean running, long logRecord, int priority) {}

  /**
   * How an election ended.
   *
   * @param master the new master, or null if there can be none
   * @param reason why, in one sentence
   */
  public record Decision(@Nullable String master, String reason) {}

  /**
   * Decides.
   *
   * @param members the whole group in list order, running or not
   */
  public static Decision decide(List<Candidate> members, boolean twoSites) {
    List<Candidate> running = members.stream().filter(Candidate::running).toList();
    if (running.isEmpty()) {
      return new Decision(null, "no node of the group is running");
    }
    if (members.size() == 2 && running.size() == 1 && !twoSites) {
      return new Decision(
          null, running.get(0).node() + " may not take over alone: twosites is off");
    }
    if (members.size() > 2 && running.size() <= members.size() / 2) {
      return new Decision(
          null,
          "no quorum: " + running.size() + " of " + members.size() + " nodes hear each other");
    }
    Comparator<Candidate> better =
        Comparator.comparingLong(Candidate::logRecord).thenComparingInt(Candidate::priority);
    Optional<Candidate> winner =
        running.stream()
            .filter(candidate -> candidate.priority() > 0)
            .reduce((first, next) -> better.compare(next, first) > 0 ? next : first);
    return winner
        .map(
            best ->
                new Decision(
                    best.node(),
                    "log record " + best.logRecord() + ", priority " + best.priority()))
        .orElseGet(() -> new Decision(null, "every running node has priority 0"));
  }
}
