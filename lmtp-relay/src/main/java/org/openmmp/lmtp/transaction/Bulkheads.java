package org.openmmp.lmtp.transaction;

import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How many deliveries of one group may wait for stores that say nothing, so that the mail of other
 * groups goes on (rule B5.17). An MTA sees one destination and has few connections to it: a group
 * that holds them all stops everybody's mail.
 *
 * <p>A delivery is quiet once its stores owe it a word for {@link #CALM}, and stuck once they do
 * for {@link #PATIENCE}, or either for some times what that group takes as a rule: slow is not
 * down. Where as many as may be are quiet, the next one does not begin; where they are stuck, it is
 * turned away. Safe for any thread.
 */
public final class Bulkheads {
  /** A store that is silent for less is not noticed. */
  static final Duration CALM = Duration.ofMillis(100);

  /** A store that is silent for less holds nobody up. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  /** Other groups count as having mail for so long after their last delivery began. */
  static final Duration LATELY = Duration.ofMinutes(1);

  /** What a group takes as a rule that nothing is known of yet. */
  private static final Duration UNKNOWN_USUAL = Duration.ofSeconds(1);

  /** A silence that ended tells what a group takes as a rule; one beyond this was a failure. */
  private static final Duration LONGEST_USUAL = Duration.ofSeconds(10);

  private static final Duration HELD_FOR = Duration.ofMillis(100);
  private static final Duration JUDGED_EVERY = Duration.ofSeconds(1);
  private static final int TIMES_USUAL = 4;
  private static final int SMOOTHING = 8;
  private static final int MOST_GROUPS = 10_000;
  private static final int PERCENT = 100;

  /** One delivery, from its first recipient to its end. */
  final class Berth {
    private final Group group;
    private final long number;
    private boolean begun;
    private boolean owed;
    private long silentSince;
    private long longest;
    private long judgedNanos;

    private Berth(Group group, long number) {
      this.group = group;
      this.number = number;
    }

    /** A store said something, or took some of the message. */
    void heard(long nowNanos) {
      synchronized (Bulkheads.this) {
        if (owed) {
          longest = Math.max(longest, nowNanos - silentSince);
          silentSince = nowNanos;
          judgedNanos = nowNanos;
        }
      }
    }

    /** Whether its stores owe it something now; they do from the first time that this is so. */
    void owes(boolean now, long nowNanos) {
      synchronized (Bulkheads.this) {
        if (now && !owed) {
          silentSince = nowNanos;
          judgedNanos = nowNanos;
        }
        owed = now;
      }
    }

    /** It is over. */
    void leave() {
      synchronized (Bulkheads.this) {
        if (group.berths.remove(this)) {
          underWay--;
          group.took(Math.min(longest, LONGEST_USUAL.toNanos()));
        }
      }
    }

    /**
     * Whether it may go to its stores now, for not too many of its group wait there for a word;
     * then it has begun.
     *
     * @param share percent of all deliveries under way that may wait for one group's silent stores
     */
    boolean begins(int share, long nowNanos) {
      synchronized (Bulkheads.this) {
        begun = !crowded(CALM, share, nowNanos);
        judgedNanos = nowNanos;
        return begun;
      }
    }

    /** It begins though too many wait, since it does not go to where they do. */
    void passesBy(long nowNanos) {
      synchronized (Bulkheads.this) {
        begun = true;
        judgedNanos = nowNanos;
      }
    }

    /**
     * When to ask {@link #begins} or {@link #surplus} again; null: not before something happens.
     */
    @Nullable Long judgedNext() {
      synchronized (Bulkheads.this) {
        if (!begun) {
          return judgedNanos + HELD_FOR.toNanos();
        }
        if (!owed) {
          return null;
        }
        return judgedNanos == silentSince
            ? silentSince + group.patience(PATIENCE)
            : judgedNanos + JUDGED_EVERY.toNanos();
      }
    }

    boolean hasBegun() {
      synchronized (Bulkheads.this) {
        return begun;
      }
    }

    /** Whether as many of its group as may be are stuck before it, and it does no better. */
    boolean surplus(int share, long nowNanos) {
      synchronized (Bulkheads.this) {
        judgedNanos = nowNanos;
        return (!begun || isSilent(PATIENCE, nowNanos)) && crowded(PATIENCE, share, nowNanos);
      }
    }

    /**
     * Whether as many as may be who came before it are silent for that long, and others have mail.
     */
    private boolean crowded(Duration least, int share, long nowNanos) {
      int most = Math.max(1, underWay * share / PERCENT);
      return group.berths.size() > most
          && othersHaveMail(group, nowNanos)
          && group.berths.stream()
                  .filter(each -> each.number < number && each.isSilent(least, nowNanos))
                  .count()
              >= most;
    }

    private boolean isSilent(Duration least, long nowNanos) {
      return owed && nowNanos - silentSince >= group.patience(least);
    }
  }

  /** What is known of one group. */
  private static final class Group {
    private final Set<Berth> berths = new HashSet<>();
    private long begunNanos;
    private long usual = UNKNOWN_USUAL.toNanos();

    private long patience(Duration least) {
      return Math.max(least.toNanos(), TIMES_USUAL * usual);
    }

    /** The longest silence of a delivery that ended with a word; 0: nothing was said. */
    private void took(long nanos) {
      usual += nanos == 0 ? 0 : (nanos - usual) / SMOOTHING;
    }
  }

  private final Map<String, Group> groups =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Group> eldest) {
          return size() > MOST_GROUPS && eldest.getValue().berths.isEmpty();
        }
      };
  private long berthed;
  private int underWay;

  /** Nothing is under way. */
  public Bulkheads() {}

  /** A delivery begins. */
  synchronized Berth enter(String name, long nowNanos) {
    Group group = groups.computeIfAbsent(name, any -> new Group());
    group.begunNanos = nowNanos;
    Berth berth = new Berth(group, berthed++);
    group.berths.add(berth);
    underWay++;
    return berth;
  }

  private boolean othersHaveMail(Group group, long nowNanos) {
    return underWay > group.berths.size()
        || groups.values().stream()
            .anyMatch(each -> each != group && nowNanos - each.begunNanos < LATELY.toNanos());
  }
}
