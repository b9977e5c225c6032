package org.openmmp.program;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
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
 * Tells sessions goodbye, each at a safe point, spread evenly over a time; at the end of another
 * time those that are left are cut (rules B8.1, B9.2). Whoever comes later is told as well, until
 * it is stopped.
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
  private final ScheduledExecutorService clock;
  private final Supplier<Function<SessionFacts, Turn>> turns;
  private final Runnable atEachStep;
  private final Farewell why;
  private final long spreadEndsNanos;
  private final long limitEndsNanos;

  /** Those that are not meant, and those that were told, of the sessions that are open. */
  private final Set<ClientSession> others = new HashSet<>();

  private final Set<ClientSession> told = new HashSet<>();
  private long lastScoutNanos;
  private volatile boolean stopped;
  private boolean endsWithLimit;

  /**
   * Nobody is told yet.
   *
   * @param clock where it runs
   * @param turns asked once for all sessions of a moment, and of each again while it may not go
   * @param atEachStep run several times a second, as long as it is not stopped
   */
  Goodbyes(
      OpenSessions sessions,
      ScheduledExecutorService clock,
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
    long now = System.nanoTime();
    spreadEndsNanos = now + Math.min(spread.toNanos(), limit.toNanos());
    limitEndsNanos = now + limit.toNanos();
    lastScoutNanos = now - SCOUT_NANOS;
  }

  /** Ends by itself when those were cut that were left at the limit. */
  Goodbyes untilLimit() {
    endsWithLimit = true;
    return this;
  }

  void begin() {
    clock.execute(this::step);
  }

  void stop() {
    stopped = true;
  }

  private void step() {
    if (stopped) {
      return;
    }
    atEachStep.run();
    others.removeIf(session -> !sessions.contains(session));
    told.removeIf(session -> !sessions.contains(session));
    boolean late = limitEndsNanos - System.nanoTime() <= 0;
    sessions
        .facts(session -> !others.contains(session) && (late || !told.contains(session)))
        .whenCompleteAsync(
            (known, mistake) -> {
              long step = STEP_MILLIS;
              if (mistake == null) {
                // A host may stay drained for days, and few sessions concern it then.
                step = late || known.size() > MANY ? LONG_STEP_MILLIS : STEP_MILLIS;
                if (!known.isEmpty()) {
                  tell(known, late, step);
                }
              } else {
                log.error("sessions cannot be told goodbye now", mistake);
              }
              if (!clock.isShutdown() && !(late && endsWithLimit)) {
                clock.schedule(this::step, step, TimeUnit.MILLISECONDS);
              }
            },
            clock);
  }

  private void tell(Map<ClientSession, SessionFacts> known, boolean late, long stepMillis) {
    Map<Turn, List<ClientSession>> byTurn = new EnumMap<>(Turn.class);
    Function<SessionFacts, Turn> now = turns.get();
    known.forEach(
        (session, facts) ->
            byTurn.computeIfAbsent(now.apply(facts), first -> new ArrayList<>()).add(session));
    others.addAll(byTurn.getOrDefault(Turn.NEVER, List.of()));
    List<ClientSession> going = byTurn.getOrDefault(Turn.NOW, List.of());
    List<ClientSession> scouts = byTurn.getOrDefault(Turn.SCOUT, List.of());
    if (late) {
      going.forEach(each -> each.end(why));
      scouts.forEach(each -> each.end(why));
      return;
    }
    long left = TimeUnit.NANOSECONDS.toMillis(spreadEndsNanos - System.nanoTime());
    long steps = Math.max(1, left / stepMillis);
    going.stream().limit((going.size() + steps - 1) / steps).forEach(this::tell);
    long nowNanos = System.nanoTime();
    List<ClientSession> tries = byTurn.getOrDefault(Turn.TRY, List.of());
    if (nowNanos - lastScoutNanos < SCOUT_NANOS) {
      return;
    }
    if (!scouts.isEmpty()) {
      lastScoutNanos = nowNanos;
      tell(scouts.get(0));
    } else if (!tries.isEmpty()) {
      lastScoutNanos = nowNanos;
      ClientSession any = tries.get(ThreadLocalRandom.current().nextInt(tries.size()));
      any.moveTo(null);
    }
  }

  private void tell(ClientSession session) {
    told.add(session);
    session.endAtSafePoint(why);
  }
}
