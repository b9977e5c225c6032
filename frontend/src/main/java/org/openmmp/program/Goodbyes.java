package org.openmmp.program;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.openmmp.guard.Farewell;
import org.openmmp.transport.ClientSession;
import org.openmmp.transport.OpenSessions;
import org.openmmp.transport.SessionFacts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells sessions goodbye, each at a safe point, spread evenly over a time; those that have been to
 * go for another time, were told, and are where they were told are cut (rules B8.1, B9.2). Whoever
 * comes later is told as well, until it is stopped, and has all of that time, too.
 */
final class Goodbyes {
  private static final Logger log = LoggerFactory.getLogger(Goodbyes.class);
  private static final long STEP_MILLIS = 100;
  private static final long LONG_STEP_MILLIS = 1_000;

  /** Who asks about so many sessions does so less often. */
  private static final int MANY = 1_000;

  private static final long SCOUT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** What is to become of a session now. */
  enum Turn {
    /** It has nothing to do with it. */
    NEVER,
    /** It stays for now. */
    LATER,
    /** One session at a time goes, to find out whether others could. */
    SCOUT,
    /** One session at a time is moved to where others could go, if there is such a place. */
    TRY,
    /** It goes. */
    NOW
  }

  private final OpenSessions sessions;
  private final EventExecutor clock;
  private final Supplier<Function<SessionFacts, Turn>> turns;
  private final Runnable atEachStep;
  private final Farewell why;
  private final Duration spread;
  private final Duration limit;

  /** How often each of the sessions that are open had moved when it was looked at last. */
  private final Map<ClientSession, Integer> moves = new HashMap<>();

  /** Of these: those that are not meant. */
  private final Set<ClientSession> others = new HashSet<>();

  /** Those that are to go where they are, and when each is cut if it is still there. */
  private final Map<ClientSession, Long> limits = new HashMap<>();

  /** Of these: those that were told. */
  private final Set<ClientSession> told = new HashSet<>();

  private long spreadEndsNanos;
  private long limitEndsNanos;
  private long lastScoutNanos;

  /** Whether some are to go, and were left for the next step. */
  private boolean waiting;

  private volatile boolean stopped;
  private boolean endsWithLimit;

  /** Whether the limit is over after which nobody is told. */
  private boolean over;

  /**
   * Nobody is told yet.
   *
   * @param clock where it runs
   * @param turns asked once for all sessions of a moment, and of each again while it may not go
   * @param atEachStep run several times a second, as long as it is not stopped
   */
  Goodbyes(
      OpenSessions sessions,
      EventExecutor clock,
      Supplier<Function<SessionFacts, Turn>> turns,
      Runnable atEachStep,
      Farewell why,
      Duration spread,
      Duration limit) {
    this.sessions = sessions;
    this.clock = clock;
    this.turns = turns;
    this.atEachStep = atEachStep;
    this.why = why;
    this.spread = spread;
    this.limit = limit;
  }

  /**
   * Tells nobody any more from the limit on, and ends once those were cut that were told before.
   * Who goes on at another store meanwhile, wherever that is, has no more to do with it: others
   * have decided since, or it was brought there by this.
   */
  Goodbyes untilLimit() {
    endsWithLimit = true;
    return this;
  }

  void begin() {
    clock.execute(
        () -> {
          long now = nowNanos();
          limitEndsNanos = now + limit.toNanos();
          spreadEndsNanos = spreadEndsNanos(now);
          lastScoutNanos = now - SCOUT_NANOS;
          step(now);
        });
  }

  /** When those are told that are to go from now on: by the limit, as long as that is to come. */
  private long spreadEndsNanos(long nowNanos) {
    long left = limitEndsNanos - nowNanos;
    long most = left > 0 || endsWithLimit ? left : limit.toNanos();
    return nowNanos + Math.min(spread.toNanos(), Math.max(most, 0));
  }

  private long nowNanos() {
    return clock.ticker().nanoTime();
  }

  void stop() {
    stopped = true;
  }

  private void step(long nowNanos) {
    if (stopped) {
      return;
    }
    atEachStep.run();
    moves.keySet().removeIf(session -> !sessions.contains(session));
    others.retainAll(moves.keySet());
    limits.keySet().retainAll(moves.keySet());
    told.retainAll(moves.keySet());
    boolean late = limitEndsNanos - nowNanos <= 0;
    sessions
        .facts(session -> isToBeAsked(session, nowNanos))
        .whenCompleteAsync(
            (known, mistake) -> {
              long step = STEP_MILLIS;
              over = late && endsWithLimit;
              waiting &= mistake != null || !known.isEmpty();
              if (mistake == null) {
                // A host may stay drained for days, and few sessions concern it then.
                step = late || known.size() > MANY ? LONG_STEP_MILLIS : STEP_MILLIS;
                if (!known.isEmpty()) {
                  tell(known, nowNanos, step);
                }
              } else {
                log.error("sessions cannot be told goodbye now", mistake);
              }
              if (!clock.isShutdown() && !(over && told.isEmpty())) {
                clock.schedule(() -> step(nowNanos()), step, TimeUnit.MILLISECONDS);
              }
            },
            clock);
  }

  /** Whether it is to be asked what is to become of it; looks first whether it has moved. */
  private boolean isToBeAsked(ClientSession session, long nowNanos) {
    int now = session.moves();
    Integer before = moves.putIfAbsent(session, now);
    if (before != null && before != now) {
      moves.put(session, now);
      forget(session);
      if (endsWithLimit) {
        others.add(session);
      } else {
        others.remove(session);
      }
    }
    if (others.contains(session)) {
      return false;
    }
    return told.contains(session) ? isDue(session, nowNanos) : !over;
  }

  /** What was found of it holds no more, nor what it was told. */
  private void forget(ClientSession session) {
    limits.remove(session);
    told.remove(session);
  }

  private boolean isDue(ClientSession session, long nowNanos) {
    Long cut = limits.get(session);
    return cut != null && cut - nowNanos <= 0;
  }

  private void tell(Map<ClientSession, SessionFacts> known, long nowNanos, long stepMillis) {
    Map<Turn, List<ClientSession>> byTurn = new EnumMap<>(Turn.class);
    Function<SessionFacts, Turn> now = turns.get();
    known.forEach(
        (session, facts) -> {
          Turn turn = now.apply(facts);
          if (told.contains(session)) {
            endOrSpare(session, turn == Turn.NOW || turn == Turn.SCOUT);
          } else {
            byTurn.computeIfAbsent(turn, first -> new ArrayList<>()).add(session);
          }
        });
    byTurn.forEach((turn, those) -> sort(turn, those, nowNanos));
    List<ClientSession> going = byTurn.getOrDefault(Turn.NOW, List.of());
    if (!going.isEmpty() && !waiting && spreadEndsNanos - nowNanos <= 0) {
      // They could not go before, and do not go in one moment now.
      spreadEndsNanos = spreadEndsNanos(nowNanos);
    }
    long left = TimeUnit.NANOSECONDS.toMillis(spreadEndsNanos - nowNanos);
    long steps = Math.max(1, left / stepMillis);
    long first = (going.size() + steps - 1) / steps;
    waiting = first < going.size();
    going.stream().limit(first).forEach(session -> tell(session, nowNanos));
    List<ClientSession> scouts = byTurn.getOrDefault(Turn.SCOUT, List.of());
    List<ClientSession> tries = byTurn.getOrDefault(Turn.TRY, List.of());
    if (nowNanos - lastScoutNanos < SCOUT_NANOS) {
      return;
    }
    if (!scouts.isEmpty()) {
      lastScoutNanos = nowNanos;
      tell(scouts.get(0), nowNanos);
    } else if (!tries.isEmpty()) {
      lastScoutNanos = nowNanos;
      ClientSession any = tries.get(ThreadLocalRandom.current().nextInt(tries.size()));
      any.moveTo(null);
    }
  }

  /** Those have not been told. */
  private void sort(Turn turn, List<ClientSession> those, long nowNanos) {
    if (turn == Turn.NOW) {
      those.forEach(session -> limits.putIfAbsent(session, nowNanos + limit.toNanos()));
    } else {
      those.forEach(limits::remove);
      if (turn == Turn.NEVER) {
        others.addAll(those);
      }
    }
  }

  private void tell(ClientSession session, long nowNanos) {
    told.add(session);
    limits.putIfAbsent(session, nowNanos + limit.toNanos());
    if (limit.isZero()) {
      session.end(why);
    } else {
      session.endAtSafePoint(why);
    }
  }

  /** It was told and is still there, at its limit. */
  private void endOrSpare(ClientSession session, boolean end) {
    if (end) {
      session.end(why);
    }
    if (endsWithLimit) {
      forget(session);
      others.add(session);
    } else if (!end) {
      forget(session);
    }
  }
}
