package org.openmmp.guard;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.openmmp.wire.Network;

/**
 * How fast one client network may log in: a token bucket that holds one second's worth and fills
 * evenly, and behind it a queue, in which those with a proven credential come first, and those who
 * have ended their sending last.
 *
 * <p>A client that is seen to be gone leaves the queue without a token. So one that asks and does
 * not wait, however often, cannot keep others of its network out. A network that the bounded table
 * forgot begins with a full bucket.
 */
final class LoginRate {
  /** A login that would wait longer is turned away. */
  static final Duration LONGEST = Duration.ofSeconds(2);

  private static final int MOST_WAITING = 1_000;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Cache<Network, Bucket> buckets;
  private final long nanosPerLogin;

  LoginRate(int loginsPerSecond, int tableSize) {
    nanosPerLogin = Math.max(1, SECOND / loginsPerSecond);
    buckets = Caffeine.newBuilder().maximumSize(tableSize).executor(Runnable::run).build();
  }

  /** A login of that network; {@link LoginTurn#ask} is next. */
  LoginTurn turn(Network client, boolean proven) {
    return new LoginTurn(buckets.get(client, network -> new Bucket()), proven);
  }

  long size() {
    buckets.cleanUp();
    return buckets.estimatedSize();
  }

  /** The tokens of one network, and who waits for one. */
  final class Bucket {
    private final Deque<LoginTurn> proven = new ArrayDeque<>(0);
    private final Deque<LoginTurn> others = new ArrayDeque<>(0);
    private final Deque<LoginTurn> yielding = new ArrayDeque<>(0);
    private boolean used;
    private long fullAtNanos;

    synchronized long ask(LoginTurn turn, long nowNanos) {
      if (!used || fullAtNanos - nowNanos < 0) {
        used = true;
        fullAtNanos = nowNanos;
      }
      long spare = SECOND - (fullAtNanos - nowNanos);
      long needed = (ahead(turn) + 1) * nanosPerLogin;
      if (needed <= spare) {
        leave(turn);
        fullAtNanos += nanosPerLogin;
        return LoginTurn.NOW;
      }
      long wait = needed - spare;
      if (!turn.waits && wait <= LONGEST.toNanos() && waiting() < MOST_WAITING) {
        turn.waits = true;
        turn.sinceNanos = nowNanos;
        queueOf(turn).add(turn);
        return wait;
      }
      // Only those who come first can make the wait longer than it was to be.
      if (turn.waits && nowNanos - turn.sinceNanos < 2 * LONGEST.toNanos()) {
        return wait;
      }
      leave(turn);
      return LoginTurn.NEVER;
    }

    synchronized void leave(LoginTurn turn) {
      if (turn.waits) {
        queueOf(turn).remove(turn);
        turn.waits = false;
      }
    }

    synchronized void giveWay(LoginTurn turn) {
      boolean waited = turn.waits;
      leave(turn);
      turn.yields = true;
      turn.waits = waited;
      if (waited) {
        yielding.add(turn);
      }
    }

    private long ahead(LoginTurn turn) {
      long before = turn.yields ? proven.size() + others.size() : turn.proven ? 0 : proven.size();
      if (!turn.waits) {
        return before + queueOf(turn).size();
      }
      for (LoginTurn each : queueOf(turn)) {
        if (each == turn) {
          break;
        }
        before++;
      }
      return before;
    }

    private Deque<LoginTurn> queueOf(LoginTurn turn) {
      return turn.yields ? yielding : turn.proven ? proven : others;
    }

    private int waiting() {
      return proven.size() + others.size() + yielding.size();
    }
  }
}
