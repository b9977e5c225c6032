package org.openmmp.repgroup;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One decision of one walk: what it does next, and what that changes in the group's memory and in
 * its round. Pure; used once.
 */
final class WalkPolicy {
  /** A master's refusal, or a close, that came sooner is worth one more try (rule B2.19). */
  private static final long QUICK_NANOS = Duration.ofSeconds(2).toNanos();

  /**
   * In this time who has promised nothing asks all hosts of a group that is without a master, so
   * that he is told within a tenth of a second (rule B5.17).
   */
  private static final long HASTY_NANOS = Duration.ofMillis(60).toNanos();

  /**
   * A decision.
   *
   * @param choice what the walk does
   * @param health the memory afterwards
   * @param round the cursor afterwards
   * @param attempt there exactly if the choice is one
   */
  record Decision(Choice choice, GroupHealth health, Round round, @Nullable Attempt attempt) {}

  private final WalkTerms terms;
  private final double random;
  private final Predicate<StoreHost> queued;
  private Situation situation;
  private Round round;

  private WalkPolicy(
      Situation situation,
      WalkTerms terms,
      Round round,
      Predicate<StoreHost> queued,
      double random) {
    this.queued = queued;
    this.situation = situation;
    this.terms = terms;
    this.round = round;
    this.random = random;
  }

  /**
   * Decides.
   *
   * @param queued whether others wait for a place at that host whose turn comes before
   * @param random in [0,1), for jitter
   */
  static Decision decide(
      Situation situation,
      WalkTerms terms,
      Round round,
      Predicate<StoreHost> queued,
      double random) {
    return new WalkPolicy(situation, terms, round, queued, random).decide();
  }

  private Decision decide() {
    if (terms.deadlineNanos() - now() <= 0) {
      return fail(Reason.Kind.DEADLINE, situation.masterless(terms.caller()));
    }
    Decision answered = answeredByMaster();
    if (answered != null) {
      return answered;
    }
    if (terms.kind().followsReferrals()) {
      forgetOldPause();
      joinPause();
      Decision pausing = readOnlyOrPause();
      if (pausing != null) {
        return pausing;
      }
    }
    Decision resting = rest();
    return resting == null ? askNext() : resting;
  }

  private Decision askNext() {
    Round.Referred word = newestWord();
    List<Candidate> order = CandidateOrder.of(situation, terms, word);
    for (Candidate candidate : order) {
      StoreHost host = candidate.host();
      boolean named = word != null && word.to().equals(host);
      if (mayAsk(candidate) && (named || !round.left().containsKey(host))) {
        return ask(candidate);
      }
    }
    for (Candidate candidate : order) {
      if (mayAsk(candidate)) { // left before its time, and no other lets the login in
        return ask(new Candidate(candidate.host(), Reason.of(Reason.Kind.ONCE_MORE)));
      }
    }
    return exhausted();
  }

  private boolean mayAsk(Candidate candidate) {
    return candidate.reason().kind().usable()
        && untried(candidate.host())
        && !greetsFirst(candidate.host())
        && !(hopeless() && ProbeRules.suspected(situation, candidate.host()));
  }

  /** From when on the walk waits for no master; empty: the group may have one, or it waits. */
  private OptionalLong hopelessFrom() {
    return terms.patient() ? OptionalLong.empty() : situation.hopelessFrom();
  }

  /** Whether the walk waits for no master; what is silent then, a probe asks (rule B5.17). */
  private boolean hopeless() {
    OptionalLong from = hopelessFrom();
    return from.isPresent() && now() - from.getAsLong() >= 0;
  }

  /**
   * When the walk leaves the host if that does not greet, although it may still have time; null: it
   * does not. A host that has greeted a probe since it was asked last is given all its time.
   */
  private @Nullable Long leavesNanos(StoreHost host) {
    OptionalLong from = hopelessFrom();
    AttemptReport last = health().host(host).last();
    if (from.isEmpty() || (last != null && last.outcome() == AttemptOutcome.GREETED)) {
      return null;
    }
    long hasty = now() + HASTY_NANOS / situation.group().hosts().size();
    return hasty - from.getAsLong() < 0 ? from.getAsLong() : hasty;
  }

  /** A referral to a host that was left in silence is outweighed by a master found since. */
  private Round.@Nullable Referred newestWord() {
    Round.Referred word = round.referral();
    Affinity affinity = health().affinity();
    boolean old =
        word != null
            && round.left().containsKey(word.to())
            && affinity != null
            && !affinity.host().equals(word.to())
            && situation.affinityServes();
    return old ? null : word;
  }

  /**
   * The host that a walk would most likely go on to if it left that one now; null if there is none
   * that may be asked.
   *
   * @param queued whether others wait for a place at that host whose turn comes before
   * @param lame hosts that a second connection did not come about to
   */
  static @Nullable StoreHost successor(
      Situation situation,
      WalkTerms terms,
      Round round,
      Predicate<StoreHost> queued,
      StoreHost late,
      Set<StoreHost> lame) {
    WalkPolicy policy = new WalkPolicy(situation, terms, round, queued, 0);
    for (Candidate candidate : CandidateOrder.of(situation, terms, policy.newestWord())) {
      StoreHost host = candidate.host();
      if (!host.equals(late)
          && candidate.reason().kind().usable()
          && policy.untried(host)
          && !situation.failed(host)
          && situation.withdrawn().drainedSince(host) == null
          && !round.left().containsKey(host)
          && !lame.contains(host)
          && !policy.full(host)) {
        return host;
      }
    }
    return null;
  }

  /** Each host once in a round; one that failed for all and has come back may be asked again. */
  private boolean untried(StoreHost host) {
    HostHealth.Failure failure = health().host(host).failure();
    return !round.tried().containsKey(host)
        && (failure == null || failure.atNanos() - round.beganNanos() < 0);
  }

  /**
   * Whether no login dials the host before it has greeted a probe (rules B2.9, B2.18): a failed one
   * where there is no better, where a drained one serves meanwhile, or that is the master by
   * hearsay.
   */
  private boolean greetsFirst(StoreHost host) {
    return !health().host(host).greets()
        && (situation.everyHostFailed()
            || situation.keepsDrained()
            || situation.masterless(terms.caller())
            || round.saw(AttemptOutcome.REFERRED));
  }

  /**
   * Ends a login that a master has answered, or left without an answer (rule B2.19): the others of
   * its group could only refer it back. Null if it may go on.
   */
  private @Nullable Decision answeredByMaster() {
    Round.Trouble last = round.last();
    if (last == null) {
      return null;
    }
    boolean refused = last.outcome() == AttemptOutcome.TEMPORARY_FAILURE;
    if (!isMaster(last.host())) {
      return refused && last.guest() ? fail(Reason.Kind.REFUSED, false) : null;
    }
    // Whether a connection that was closed quickly tells of a dead host shows when it is dialled.
    if (!round.asksAgain() && last.tookNanos() <= QUICK_NANOS) {
      return askAgain(last.host());
    }
    Decision readOnly = refused ? null : readOnly(true);
    return readOnly == null ? fail(Reason.Kind.REFUSED, false) : readOnly;
  }

  private Decision askAgain(StoreHost host) {
    long from = now() + situation.settings().retry().nanos(1, random);
    round = round.askingAgain(new Round.Rest(Reason.Kind.TEMPORARY_PAUSE, from, host));
    return waitFor(Reason.Kind.TEMPORARY_PAUSE, null, from);
  }

  /**
   * What this login alone met first; null: nothing, or the host has failed for everybody since:
   * then it was dying, and there may be another master soon.
   */
  private Round.@Nullable Trouble ownTrouble() {
    Round.Trouble first = round.trouble();
    return first == null || !health().host(first.host()).greets() ? null : first;
  }

  /**
   * Whether hosts of this group refer, and this is the one that they refer to. A delivery has no
   * name and no password that could tour the others: it asks them in any case (rule B5.7).
   */
  private boolean isMaster(StoreHost host) {
    Affinity affinity = health().affinity();
    return terms.caller().name() != 0
        && terms.kind().followsReferrals()
        && situation.refers()
        && (round.named().contains(host)
            || (affinity != null
                && affinity.host().equals(host)
                && !health().host(host).role().refers()));
  }

  private @Nullable Decision rest() {
    Round.Rest rest = round.rest();
    if (rest == null) {
      return null;
    }
    if (now() - rest.untilNanos() < 0) {
      return waitFor(rest.why(), null, rest.untilNanos());
    }
    StoreHost then = rest.then();
    if (then == null) {
      round = round.resting(null);
      return null;
    }
    boolean may = situation.eligible(then) && health().host(then).greets();
    return may ? ask(new Candidate(then, Reason.of(Reason.Kind.ONCE_MORE))) : null;
  }

  private void forgetOldPause() {
    MasterPause pause = health().masterPause();
    if (pause != null
        && pause.forgotten(situation.settings().retry(), now())
        && !health().heldFrom(-1, false, now())) {
      MasterPause left = situation.wantedSinceNanos() == null ? null : pause.faded();
      situation = situation.with(health().withMasterPause(left));
    }
  }

  /** A pause that began after this round did ends the round, unless the round knows better. */
  private void joinPause() {
    MasterPause pause = situation.pauseFor(terms.caller());
    if (pause != null
        && situation.masterless(terms.caller())
        && pause.number() != round.pauseNumber()
        && !knowsBetter()) {
      round = round.after(pause.number(), now());
    }
  }

  private @Nullable Decision readOnlyOrPause() {
    Decision readOnly = readOnly(false);
    MasterPause pause = situation.pauseFor(terms.caller());
    if (readOnly != null || pause == null || !pause.pausing(now()) || knowsBetter()) {
      return readOnly;
    }
    return waitFor(Reason.Kind.NO_MASTER_PAUSE, null, pause.endsNanos());
  }

  /** Whether the walk searches for all, or was just referred to a host that may be the master. */
  private boolean knowsBetter() {
    Round.Referred referral = round.referral();
    return health().searching(terms.id())
        || (referral != null
            && situation.eligible(referral.to())
            && health().host(referral.to()).greets()
            && untried(referral.to()));
  }

  /**
   * Goes on at a replica that has logged somebody in beside its referral (rule B2.11), if there is
   * one and it is time. Only IMAP has such referrals; a POP3 replica lets nobody in, so that no
   * empty mailbox is shown there instead of an error (rule B4.5).
   *
   * @param masterSilent whether the master gave this login no answer
   */
  private @Nullable Decision readOnly(boolean masterSilent) {
    StoreHost replica = replica(masterSilent);
    if (replica == null || (!masterSilent && readOnlyDueNanos() - now() > 0)) {
      return null;
    }
    Reason reason = Reason.of(Reason.Kind.READ_ONLY);
    if (full(replica)) {
      return waitFor(Reason.Kind.STORE_FULL, replica, terms.deadlineNanos());
    }
    return situation.confirmed(replica) || quiet(replica)
        ? attempt(new Candidate(replica, reason), true, false)
        : waitForGreeting(replica);
  }

  /** The first replica of the list that has logged somebody in while there is no master. */
  private @Nullable StoreHost replica(boolean masterSilent) {
    boolean wanted =
        situation.settings().readOnly().enabled()
            && terms.kind().followsReferrals()
            && (masterSilent
                || situation.masterless(terms.caller())
                || round.saw(AttemptOutcome.REFERRED));
    for (StoreHost host : wanted ? situation.group().hosts() : List.<StoreHost>of()) {
      if (health().host(host).role() == HostHealth.Role.REPLICA
          && situation.eligible(host)
          && !situation.failed(host)
          && !round.readOnlyTried().contains(host)) {
        return host;
      }
    }
    return null;
  }

  /** When it goes on there: later while it is not sure that there is no master. */
  private long readOnlyDueNanos() {
    SelectorSettings.ReadOnlyFallback settings = situation.settings().readOnly();
    long regular = terms.beganNanos() + settings.after().toNanos();
    long latest = terms.deadlineNanos() - settings.reserve().toNanos();
    return situation.masterless(terms.caller()) && regular - latest < 0 ? regular : latest;
  }

  /** Attempts the candidate, or waits for the word of a login that asks already (rule B2.9). */
  private Decision ask(Candidate candidate) {
    StoreHost host = candidate.host();
    if (full(host)) {
      return waitFor(Reason.Kind.STORE_FULL, host, terms.deadlineNanos());
    }
    boolean peaceful = !situation.failed(host) && !situation.masterless(terms.caller());
    boolean settled =
        peaceful && (!terms.usesAffinity(situation.group()) || situation.affinityServes());
    if (peaceful && situation.confirmed(host) && (settled || refusedLast(host))) {
      return attempt(candidate, false, false);
    }
    if (!quiet(host)) {
      return waitForGreeting(host);
    }
    if (settled) {
      return attempt(candidate, false, false);
    }
    ProbeToken token = health().token();
    return token != null && health().heldFrom(terms.id(), terms.caller().proven(), now())
        ? waitFor(Reason.Kind.OTHER_LOGIN_ASKS, null, token.endsNanos())
        : attempt(candidate, false, true);
  }

  private Decision exhausted() {
    boolean referred = round.saw(AttemptOutcome.REFERRED);
    Round.Trouble met = ownTrouble();
    if (met != null
        && met.outcome().nobodyAnswered()
        && !round.asksAgain()
        && isMaster(met.host())
        && met.tookNanos() <= QUICK_NANOS) {
      return askAgain(met.host()); // only now was it told that this is the master
    }
    if (met != null) {
      return referred && lostDelivery(met)
          ? waitFor(
              Reason.Kind.NO_MASTER_PAUSE,
              null,
              pauseAlone(situation.settings().retry().roundsWithin(now() - terms.beganNanos())))
          : fail(Reason.Kind.REFUSED, false);
    }
    boolean masterless = referred || (health().masterPause() != null && hopeless());
    if (masterless && terms.kind().followsReferrals()) {
      long ends = beginPause();
      Decision readOnly = readOnly(false);
      return readOnly == null ? waitFor(Reason.Kind.NO_MASTER_PAUSE, null, ends) : readOnly;
    }
    if (situation.everyHostFailed()) {
      long until = storeAwaitedUntil();
      if (until - now() > 0) {
        return waitFor(Reason.Kind.STORE_AWAITED, null, until);
      }
    }
    return fail(referred ? Reason.Kind.NO_MASTER : Reason.Kind.EVERY_HOST_FAILED, referred);
  }

  /** Counts from the moment that the walk found every host failed; a second time adds nothing. */
  private long storeAwaitedUntil() {
    round = round.findingAllFailed(now());
    Long since = round.allFailedNanos();
    return (since == null ? now() : since) + situation.settings().waitForStore().toNanos();
  }

  /**
   * Whether a delivery lost the master: replicas go on naming it until another is elected, so that
   * the next round may find that one (rule B5.7). What it met there makes nobody else wait.
   */
  private boolean lostDelivery(Round.Trouble trouble) {
    return terms.caller().name() == 0
        && terms.kind().followsReferrals()
        && trouble.outcome().nobodyAnswered();
  }

  /** The walk pauses, and nobody else does. */
  private long pauseAlone(int rounds) {
    long ends = now() + situation.settings().retry().nanos(rounds, random);
    round =
        round
            .after(round.pauseNumber(), now())
            .resting(new Round.Rest(Reason.Kind.NO_MASTER_PAUSE, ends, null));
    return ends;
  }

  /**
   * Nobody answered as master: the walk pauses, and with it all others, unless somebody was let in
   * meanwhile: then it is this login that is led astray.
   */
  private long beginPause() {
    GrowingPause retry = situation.settings().retry();
    if (letInMeanwhile()) {
      return pauseAlone(1);
    }
    GroupHealth health = health();
    MasterPause seen = health.masterPause();
    MasterPause last = seen != null && seen.concerns(terms.caller()) ? seen : null;
    int rounds = last != null && situation.masterless(terms.caller()) ? last.rounds() + 1 : 1;
    long number = health.version() + 1;
    long length = retry.nanos(rounds, random);
    MasterPause next =
        new MasterPause(
            number,
            terms.caller().proven(),
            rounds,
            last == null ? now() : last.sinceNanos(),
            length,
            now() + length);
    situation = situation.with(health.withMasterPause(next).withNews());
    round = round.after(number, now());
    return next.endsNanos();
  }

  private boolean letInMeanwhile() {
    for (StoreHost host : situation.group().hosts()) {
      if (health().host(host).letInSince(round.beganNanos())) {
        return true;
      }
    }
    return false;
  }

  private Decision attempt(Candidate candidate, boolean readOnly, boolean searching) {
    StoreHost host = candidate.host();
    HostHealth before = health().host(host);
    GroupHealth dialled =
        health().withHost(host, before.dialled(terms.caller(), situation.settings(), now()));
    long ends = now() + situation.settings().probeLimit().toNanos();
    GroupHealth after =
        searching
            ? dialled.withToken(new ProbeToken(terms.id(), terms.caller().proven(), ends))
            : dialled.releasedBy(terms.id());
    Choice.Kind kind = readOnly ? Choice.Kind.ATTEMPT_READ_ONLY : Choice.Kind.ATTEMPT;
    return new Decision(
        new Choice(kind, host, candidate.reason(), terms.deadlineNanos(), after.version()),
        after,
        readOnly ? round.tryingReadOnly(host) : round.trying(host),
        new Attempt(
            candidate,
            readOnly,
            ownTrouble() != null,
            round.left(),
            leavesNanos(host),
            health(),
            now()));
  }

  private Decision waitForGreeting(StoreHost host) {
    long since = health().host(host).traffic().begunNanos();
    long until = since + situation.settings().probeLimit().toNanos();
    return situation.owesGreetings(host)
        ? waitFor(new Reason(Reason.Kind.GREETINGS_OVERDUE, host.name()), null, until)
        : waitFor(Reason.Kind.OTHER_LOGIN_ASKS, null, until);
  }

  private Decision waitFor(Reason.Kind kind, @Nullable StoreHost full, long wantedNanos) {
    return waitFor(new Reason(kind, full == null ? "" : full.name()), full, wantedNanos);
  }

  /**
   * Waits; a walk that waits lets others search. Who has promised nothing does not wait for the
   * master of a group that is without one for longer than a store is waited for (rule B5.17).
   */
  private Decision waitFor(Reason reason, @Nullable StoreHost full, long wantedNanos) {
    long until = earlier(wantedNanos, terms.deadlineNanos());
    OptionalLong hopeless = reason.kind().awaitsMaster() ? hopelessFrom() : OptionalLong.empty();
    if (hopeless.isPresent()) {
      if (now() - hopeless.getAsLong() >= 0) {
        boolean down = situation.everyHostFailed();
        return fail(down ? Reason.Kind.EVERY_HOST_FAILED : Reason.Kind.NO_MASTER, !down);
      }
      until = earlier(until, hopeless.getAsLong());
    }
    if (replica(false) != null && readOnlyDueNanos() - now() > 0) {
      until = earlier(until, readOnlyDueNanos());
    }
    GroupHealth after = alerted(health().releasedBy(terms.id()));
    if (full != null) {
      after = after.withHost(full, after.host(full).asked(terms.caller(), now()));
    }
    Choice choice = new Choice(Choice.Kind.WAIT, full, reason, until, after.version());
    return new Decision(choice, after, round, null);
  }

  private Decision fail(Reason.Kind kind, boolean masterless) {
    boolean noMaster = masterless || round.saw(AttemptOutcome.REFERRED);
    GroupHealth after = alerted(health().releasedBy(terms.id()));
    Choice choice =
        new Choice(
            noMaster && kind != Reason.Kind.REFUSED
                ? Choice.Kind.FAIL_NO_MASTER
                : Choice.Kind.FAIL_NO_STORE,
            null,
            new Reason(kind, situation.howHostsFailed()),
            terms.deadlineNanos(),
            after.version());
    return new Decision(choice, after, round, null);
  }

  private GroupHealth alerted(GroupHealth after) {
    return situation.onlyStandbySiteLeft() ? after.withSiteAlerted(true) : after;
  }

  private boolean full(StoreHost host) {
    HostHealth.Traffic traffic = health().host(host).traffic();
    return queued.test(host) || !traffic.admits(terms.caller(), situation.settings(), now());
  }

  private boolean quiet(StoreHost host) {
    return health().host(host).quiet(situation.settings().probeLimit().toNanos(), now());
  }

  private boolean refusedLast(StoreHost host) {
    AttemptReport last = health().host(host).last();
    return last != null && last.outcome().refusesLogin();
  }

  private GroupHealth health() {
    return situation.health();
  }

  private long now() {
    return situation.nowNanos();
  }

  private static long earlier(long a, long b) {
    return a - b < 0 ? a : b;
  }
}
