package org.openmmp.repgroup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One login's way through its group: the cursor. Ask {@link #next}, do what it says, report how it
 * ended, and ask again until the login is answered or the walk fails; {@link #abandon} in any case.
 *
 * <p>A walk belongs to one thread at a time. Only the wake-up that it leaves with {@link
 * #awaitChange} runs on other threads.
 */
public final class AttemptWalk {
  private static final long SOONEST_LOOK_NANOS = Duration.ofMillis(50).toNanos();

  private final GroupMemory memory;
  private final SelectorSettings settings;
  private final WalkTerms terms;
  private final List<Attempt> attempts = new ArrayList<>(1);
  private Round round;

  /** Null until it has to wait. */
  private @Nullable WalkWait wait;

  private double random;
  private boolean over;
  private @Nullable Attempt attempt;
  private @Nullable StoreHost hedged;
  private Set<StoreHost> lame = Set.of();
  private boolean overBudget;

  AttemptWalk(GroupMemory memory, SelectorSettings settings, WalkTerms terms) {
    this.memory = memory;
    this.settings = settings;
    this.terms = terms;
    this.round = Round.first(terms.beganNanos());
  }

  /**
   * What to do next. A choice to attempt takes one of the host's places until {@link #report} or
   * {@link #abandon}.
   *
   * @throws IllegalStateException while an attempt is under way, and once the walk is over
   */
  public Choice next(long nowNanos) {
    if (over || attempt != null) {
      throw new IllegalStateException(over ? "the walk is over" : "an attempt is under way");
    }
    Predicate<StoreHost> queued = othersFirst();
    boolean heard = wait != null && wait.stops();
    GroupHealth before;
    WalkPolicy.Decision decision;
    do {
      before = memory.health();
      Situation situation = memory.situation(before, settings, nowNanos);
      decision = WalkPolicy.decide(situation, terms, round, queued, random);
    } while (!memory.replace(before, decision.health(), decision.choice().reason().text()));
    round = decision.round();
    begin(decision.attempt());
    Choice choice = held(decision.choice(), nowNanos);
    over = choice.kind().failed();
    if (heard && (choice.kind() != Choice.Kind.WAIT || choice.host() != null)) {
      memory.waiters().passNewsOn();
    }
    if (choice.reason().kind() == Reason.Kind.GREETINGS_OVERDUE) {
      memory.listener().greetingsOverdue(memory.group(), memory.service(), choice.reason());
    }
    if (decision.choice().reason().kind().wantsGreeting()) {
      memory.want(nowNanos);
    }
    return choice;
  }

  /** At which hosts others wait for a place before this walk, which was not called to one there. */
  private Predicate<StoreHost> othersFirst() {
    Waiters waiters = memory.waiters();
    if (!waiters.anyAtHosts()) {
      return nobody -> false;
    }
    StoreHost called = wait == null ? null : wait.calledTo();
    return host -> !host.equals(called) && waiters.waiting(host) > 0;
  }

  /** What the policy has chosen, held to the bounds of those who wait. */
  private Choice held(Choice choice, long nowNanos) {
    return wait == null && choice.kind() != Choice.Kind.WAIT
        ? choice
        : waiting().holds(choice, nowNanos);
  }

  private WalkWait waiting() {
    WalkWait its = wait == null ? new WalkWait(memory, settings, terms) : wait;
    wait = its;
    return its;
  }

  private void begin(@Nullable Attempt begun) {
    attempt = begun;
    if (begun != null) {
      attempts.add(begun);
      if (wait != null) {
        wait.begins(begun.host());
      }
      memory
          .listener()
          .attemptBegan(memory.group(), memory.service(), begun.host(), begun.reason());
    }
  }

  /**
   * Leaves a wake-up that runs once, on the thread that brings a change about, or at once if the
   * change came since the choice was made. It is short and hands over to the walk's own thread,
   * which then asks {@link #next} again. Asking again or abandoning takes it back.
   *
   * @param choice a choice to wait, the last that this walk made
   */
  public void awaitChange(Choice choice, Runnable wake) {
    waiting().awaitChange(choice, wake);
  }

  /** Takes the wake-up back, if there is one that has not run. */
  public void cancelWait() {
    if (wait != null) {
      wait.cancel();
    }
  }

  /**
   * The attempt under way came so far. {@link AttemptStage#CONNECTING} is a new connection in place
   * of a kept one that was of no use.
   */
  public void reached(AttemptStage stage, long nowNanos) {
    Attempt underWay = attempt;
    if (underWay == null) {
      return;
    }
    switch (stage) {
      case CONNECTING -> underWay.useNewConnection();
      case GREETING -> {
        if (underWay.stage() == AttemptStage.CONNECTING) {
          connected(underWay, nowNanos);
        }
      }
      // It may treat each client as it likes, so that nobody waits for its greeting (rule B2.5).
      case ANNOUNCED -> hears(underWay, stage, nowNanos);
      case OPENING -> greeted(underWay, nowNanos);
      case NAMED -> named(underWay, nowNanos);
    }
  }

  /**
   * The attempt under way goes on over a connection that has been open for a while: its outcome
   * says nothing about how others are greeted now, and moves nobody (rule B2.23).
   */
  public void onKeptConnection(long nowNanos) {
    Attempt begun = attempt;
    if (begun != null) {
      begun.useKeptConnection();
      hears(begun, AttemptStage.NAMED, nowNanos);
    }
  }

  private void connected(Attempt begun, long nowNanos) {
    begun.connect(nowNanos);
    if (!begun.warm()) {
      memory.pace(begun.host(), nowNanos).connected(begun.tookNanos(nowNanos), nowNanos);
    }
  }

  private void greeted(Attempt silent, long nowNanos) {
    if (!silent.greeted()) {
      silent.greet(AttemptStage.OPENING);
      if (!silent.warm()) {
        memory.pace(silent.host(), nowNanos).greeted(silent.tookNanos(nowNanos), nowNanos);
      }
      memory.change(
          health ->
              OutcomeRules.greeted(memory.situation(health, settings, nowNanos), terms, silent),
          "greeted");
      WalkWait.wakeNext(memory, settings, silent.host(), nowNanos);
    }
  }

  private void hears(Attempt silent, AttemptStage reached, long nowNanos) {
    if (!silent.greeted()) {
      silent.greet(reached);
      memory.change(
          health -> OutcomeRules.announced(memory.situation(health, settings, nowNanos), silent),
          "announced");
      WalkWait.wakeNext(memory, settings, silent.host(), nowNanos);
    }
  }

  /** What the host does from now on concerns this login alone (rule B2.5). */
  private void named(Attempt opening, long nowNanos) {
    if (opening.stage() != AttemptStage.NAMED) {
      greeted(opening, nowNanos);
      opening.greet(AttemptStage.NAMED);
      memory.change(
          health ->
              OutcomeRules.opened(memory.situation(health, settings, nowNanos), terms, opening),
          "greets");
    }
  }

  // ---- a host that is late (rules B2.31, B2.33)

  /**
   * When to look whether the host under way is late, and again; not before {@code connect} and
   * {@code greeting} have passed if nothing can come of it.
   *
   * @param connect the limit for a connect to this host
   * @param greeting the limit for its greeting, from then on
   */
  public long lookNanos(Duration connect, Duration greeting, long nowNanos) {
    long never = nowNanos + connect.toNanos() + greeting.toNanos();
    Attempt silent = attempt;
    SelectorSettings.Patience patience = settings.patience();
    if (silent == null || !mayBeLate(silent)) {
      return never;
    }
    long limit = patience.givesUpEarly() ? limitNanos(silent, connect, greeting, nowNanos) : never;
    if (patience.hedgePercent() == 0) {
      return limit - nowNanos > 0 ? limit : again(silent, nowNanos);
    }
    long late = lateNanos(silent, nowNanos);
    long next = late - nowNanos > 0 ? late : again(silent, nowNanos);
    return limit - nowNanos > 0 && next - limit > 0 ? limit : next;
  }

  /** Each time after as long as it has taken until then. */
  private static long again(Attempt silent, long nowNanos) {
    return nowNanos + Math.max(SOONEST_LOOK_NANOS, nowNanos - silent.beganNanos());
  }

  /** Whether another host could take over, and the login has not left this one before. */
  private boolean mayBeLate(Attempt silent) {
    return silent.awaitsGreeting()
        && !silent.readOnly()
        && settings.patience().everEnds()
        && terms.kind().failsOver()
        && memory.group().hosts().size() > 1
        && memory.group().contains(silent.host())
        && !round.left().containsKey(silent.host());
  }

  private long lateNanos(Attempt silent, long nowNanos) {
    long atLeast = settings.patience().hedgeAfter().toNanos();
    return silent.beganNanos()
        + silent.lateNanos()
        + memory.pace(silent.host(), nowNanos).lateNanos(atLeast, nowNanos);
  }

  /** When the phase that it is in takes longer than it ever does at this host. */
  private long limitNanos(Attempt silent, Duration connect, Duration greeting, long nowNanos) {
    HostPace pace = memory.pace(silent.host(), nowNanos);
    SelectorSettings.Patience patience = settings.patience();
    long phase =
        silent.stage() == AttemptStage.CONNECTING
            ? silent.beganNanos()
                + pace.connectLimitNanos(patience.connectFloor(), connect, nowNanos)
            : silent.connectedNanos()
                + pace.greetingLimitNanos(patience.greetingFloor(), greeting, nowNanos);
    return phase + silent.lateNanos();
  }

  /**
   * The host that a second connection should be begun to, up to where a login would begin, because
   * the one under way is later than it usually is; null: none. No credential and no word of who the
   * client is goes there before this walk chooses it. {@link #hedgeEnded} follows, or {@link
   * #goesOnWarm}.
   */
  public @Nullable StoreHost hedge(long nowNanos) {
    Attempt silent = attempt;
    if (silent == null
        || hedged != null
        || settings.patience().hedgePercent() == 0
        || !mayBeLate(silent)
        || nowNanos - lateNanos(silent, nowNanos) < 0) {
      return null;
    }
    StoreHost next = successor(silent, nowNanos);
    if (next == null) {
      return null;
    }
    if (memory.hedges().take()) {
      hedged = next;
      return next;
    }
    if (!overBudget) {
      overBudget = true;
      memory.listener().hedged(memory.group(), memory.service(), next, HedgeResult.OVER_BUDGET);
    }
    return null;
  }

  private @Nullable StoreHost successor(Attempt silent, long nowNanos) {
    Situation situation = memory.situation(memory.health(), settings, nowNanos);
    return WalkPolicy.successor(situation, terms, round, othersFirst(), silent.host(), lame);
  }

  /** What became of the second connection; no evidence of any host. Nothing if there is none. */
  public void hedgeEnded(HedgeResult result) {
    StoreHost second = hedged;
    if (second == null) {
      return;
    }
    hedged = null;
    memory.hedges().ended();
    if (result == HedgeResult.FAILED) {
      Set<StoreHost> more = new HashSet<>(lame);
      more.add(second);
      lame = Set.copyOf(more);
    }
    memory.listener().hedged(memory.group(), memory.service(), second, result);
  }

  /** The attempt under way goes on over the second connection, which has come so far. */
  public void goesOnWarm(AttemptStage reached, long nowNanos) {
    Attempt begun = attempt;
    if (begun != null) {
      begun.useWarmConnection();
      hedgeEnded(HedgeResult.USED);
      reached(reached, nowNanos);
    }
  }

  /**
   * Whether the login should leave the host under way before its time: another host could take
   * over, and where hosts refer, the second connection stands or another has become the master
   * meanwhile; elsewhere this one takes longer than it ever does, and nobody came through.
   *
   * @param warm whether the second connection stands where a login would begin
   */
  public boolean mayLeave(boolean warm, Duration connect, Duration greeting, long nowNanos) {
    Attempt silent = attempt;
    if (silent == null || !mayBeLate(silent)) {
      return false;
    }
    GroupHealth health = memory.health();
    Situation situation = memory.situation(health, settings, nowNanos);
    boolean refers = situation.refers() && (warm || masterMoved(silent, health));
    long limit = limitNanos(silent, connect, greeting, nowNanos);
    long latest =
        silent.stage() == AttemptStage.CONNECTING
            ? silent.beganNanos() + connect.toNanos()
            : silent.connectedNanos() + greeting.toNanos();
    Long heard = health.host(silent.host()).confirmedNanos();
    boolean tooLong =
        settings.patience().givesUpEarly()
            && nowNanos - limit >= 0
            && latest - limit > 0 // at its limit it has failed
            && (heard == null || heard - silent.beganNanos() < 0);
    return (refers || tooLong) && successor(silent, nowNanos) != null;
  }

  /** Whether the group has found another master since. */
  private static boolean masterMoved(Attempt silent, GroupHealth health) {
    StoreHost master = health.master();
    return master != null
        && !master.equals(silent.host())
        && health.generation() != silent.generation();
  }

  /**
   * When to {@link #leave} the host under way, unless it lets a name through before: nobody waits
   * for a group that is known to be without a master (rule B5.17). Null: not before its time.
   */
  public @Nullable Long leavesNanos() {
    Attempt silent = attempt;
    return silent == null ? null : silent.leavesNanos();
  }

  /** Leaves the host under way for another one: {@link #next} is to be asked. */
  public void leave(String reason, long nowNanos, double random) {
    report(AttemptOutcome.LEFT, null, false, reason, nowNanos, random);
  }

  // ---- how an attempt ends

  /**
   * The caller itself was late by so much, all taken together, since the attempt under way began:
   * that is no slowness of the host (rules B2.28, B2.31). To be told before what comes of the host
   * is.
   */
  public void wasLate(long nanos) {
    if (attempt != null) {
      attempt.wasLate(nanos);
    }
  }

  /**
   * The host of the attempt under way has answered, and what it waits for now is the client: the
   * attempt gives its place back, so that clients that let stores wait take no place from others.
   */
  public void waitsForClient(long nowNanos) {
    Attempt waiting = attempt;
    if (waiting != null && waiting.holdsPlace()) {
      waiting.giveUpPlace();
      memory.change(
          health ->
              OutcomeRules.waitsForClient(
                  memory.situation(health, settings, nowNanos), terms, waiting),
          "waits for its client");
      WalkWait.wakeNext(memory, settings, waiting.host(), nowNanos);
    }
  }

  /**
   * The attempt under way ended. A session that goes on at a replica reports ACCEPTED. A referral
   * out of the group ends the walk: its target's group has a walk of its own.
   *
   * @param referredTo for REFERRED: a host that may be followed (see {@link ReferralTrust}), null
   *     if the referral names none
   * @param loggedIn for REFERRED: whether the login succeeded all the same
   * @param reason the outcome in words; no secret
   * @param random in [0,1), for jitter
   * @throws IllegalStateException if no attempt is under way
   */
  public void report(
      AttemptOutcome outcome,
      @Nullable StoreHost referredTo,
      boolean loggedIn,
      String reason,
      long nowNanos,
      double random) {
    Attempt ended = attempt;
    if (ended == null) {
      throw new IllegalStateException("no attempt is under way");
    }
    AttemptOutcome meant = asTheKindSeesIt(outcome, loggedIn);
    AttemptOutcome.Scope scope =
        memory.owner().changes().scope(meant, ended.stage(), ended.beganNanos());
    this.random = random;
    end(ended, new AttemptReport(meant, scope, referredTo, loggedIn, reason, nowNanos, random));
    boolean leftGroup = referredTo != null && !memory.group().contains(referredTo);
    if (meant.next() == AttemptOutcome.Next.STOP
        || (meant == AttemptOutcome.REFERRED && leftGroup)) {
      abandon(nowNanos);
    }
  }

  /** A client that ignores referrals was served if it was logged in, and else was not. */
  private AttemptOutcome asTheKindSeesIt(AttemptOutcome outcome, boolean loggedIn) {
    if (outcome != AttemptOutcome.REFERRED || terms.kind() != ClientKind.READER) {
      return outcome;
    }
    return loggedIn ? AttemptOutcome.ACCEPTED : AttemptOutcome.TEMPORARY_FAILURE;
  }

  private void end(Attempt ended, AttemptReport report) {
    attempt = null;
    StoreHost host = ended.host();
    ended.end(report.outcome());
    boolean guest = memory.owner().isGuest(terms.caller().name(), host);
    if (!ended.readOnly()) {
      round = after(ended, report, guest);
    }
    namesMaster(ended, report); // before anybody is woken, who has to know whether hosts refer
    memory.change(
        health ->
            OutcomeRules.ended(
                memory.situation(health, settings, report.atNanos()), terms, ended, report, guest),
        ended.reason().text());
    tellOthers(ended, report);
    WalkWait.wakeNext(memory, settings, host, report.atNanos());
    SelectionListener listener = memory.listener();
    listener.attemptEnded(memory.group(), memory.service(), host, report.outcome());
    if (report.outcome() == AttemptOutcome.REFERRED) {
      listener.referred(memory.group(), memory.service(), host, report.referredTo());
    }
  }

  private void namesMaster(Attempt ended, AttemptReport report) {
    StoreHost to = report.referredTo();
    if (report.outcome() != AttemptOutcome.REFERRED) {
      if (report.served() && !ended.readOnly()) {
        memory.namesMaster(ended.host(), null, report.atNanos());
      }
    } else if (to != null && memory.group().contains(to)) {
      memory.namesMaster(ended.host(), to, report.atNanos());
    }
  }

  private Round after(Attempt ended, AttemptReport report, boolean guest) {
    StoreHost host = ended.host();
    HostHealth now = memory.health().host(host);
    if (report.outcome() == AttemptOutcome.LEFT && !round.left().containsKey(host)) {
      return round.leaving(host, now.turn());
    }
    boolean full =
        report.scope().blamesHost()
            && memory.group().contains(host)
            && ended.turn() != now.turn()
            && now.failure() == null;
    if (full) {
      // Others came through meanwhile: it has not failed, it has no room for this one.
      int times = (int) attempts.stream().filter(each -> each.host().equals(host)).count();
      Round.Rest rest = Round.Rest.whileFull(host, times, report.atNanos(), random);
      return round.tried(host, report, null).resting(rest);
    }
    if (report.scope() != AttemptOutcome.Scope.LOGIN_ALONE) {
      return round.tried(host, report, null);
    }
    long took = report.atNanos() - ended.beganNanos();
    Round.Trouble met = new Round.Trouble(host, report.outcome(), took, guest);
    Round next = round.tried(host, report, met);
    // Whether a host that greets nobody of that name is to blame is not known yet.
    return ended.stage() == AttemptStage.ANNOUNCED ? next.undecided() : next;
  }

  /** Passes on news that concern other services too, or that a probe has to look into. */
  private void tellOthers(Attempt ended, AttemptReport report) {
    StoreHost host = ended.host();
    if (report.scope() == AttemptOutcome.Scope.HOST) {
      for (GroupMemory other : memory.owner().memories()) {
        if (other != memory) {
          other.probed(settings, host, report, ended.beganNanos());
        }
      }
    }
    HostHealth after = memory.health().host(host);
    if (after.suspectNanos() != null
        || after.doubts().standing(report.atNanos()) != null
        || (!after.greets() && !memory.owner().withdrawn().drained().isEmpty())) {
      memory.listener().probeWanted(memory.group(), memory.service());
    }
  }

  /**
   * Ends the walk, whose login cannot go where it was just referred to, and leaves the referral to
   * later ones: they begin there, until a login is accepted somewhere.
   */
  public void leaveReferral(long nowNanos) {
    Round.Referred last = round.referral();
    if (last != null && memory.group().contains(last.to())) {
      memory.change(
          health -> health.withUnfollowed(last).withNews(), "a referral was left to others");
    }
    abandon(nowNanos);
  }

  /**
   * Ends the walk and gives back whatever it holds; an attempt under way says nothing of its host.
   * May be called again.
   */
  public void abandon(long nowNanos) {
    over = true;
    if (wait != null) {
      wait.leave();
    }
    hedgeEnded(HedgeResult.UNUSED);
    Attempt underWay = attempt;
    if (underWay != null) {
      end(
          underWay,
          AttemptReport.of(
              AttemptOutcome.ABANDONED, AttemptOutcome.Scope.OURSELVES, "given up", nowNanos));
    }
    if (memory.health().searching(terms.id())) {
      memory.change(health -> health.releasedBy(terms.id()), "given up");
    }
    if (wait != null) {
      wait.passPlaceOn();
    }
  }

  /**
   * The session that the last attempt's login begins at its store.
   *
   * @throws IllegalStateException if no login was accepted
   */
  public Stay handOver(long nowNanos) {
    Attempt last = attempts.isEmpty() ? null : attempts.get(attempts.size() - 1);
    if (last == null || last.outcome() != AttemptOutcome.ACCEPTED) {
      throw new IllegalStateException("no login was accepted");
    }
    return new Stay(memory, settings, last.host(), terms.caller(), nowNanos);
  }

  /** The attempts so far, in order. */
  List<Attempt> attempts() {
    return List.copyOf(attempts);
  }

  /** The group as it is configured now. */
  public ReplicationGroup group() {
    return memory.group();
  }
}
