package org.openmmp.repgroup;

import org.jspecify.annotations.Nullable;

/**
 * One decision of one walk: what it does next, and what that changes in the group's memory and in
 * its round. Pure; used once.
 */
final class WalkPolicy {
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
  private Situation situation;
  private Round round;

  private WalkPolicy(Situation situation, WalkTerms terms, Round round, double random) {
    this.situation = situation;
    this.terms = terms;
    this.round = round;
    this.random = random;
  }

  /**
   * Decides.
   *
   * @param random in [0,1), for jitter
   */
  static Decision decide(Situation situation, WalkTerms terms, Round round, double random) {
    return new WalkPolicy(situation, terms, round, random).decide();
  }

  private Decision decide() {
    if (terms.deadlineNanos() - now() <= 0) {
      return fail(Reason.Kind.DEADLINE, situation.masterless());
    }
    if (terms.kind().followsReferrals()) {
      forgetOldPause();
      joinPause();
      Decision pausing = readOnlyOrPause();
      if (pausing != null) {
        return pausing;
      }
    }
    Long extraFrom = round.extraFromNanos();
    if (extraFrom != null && now() - extraFrom < 0) {
      return waitFor(Reason.Kind.TEMPORARY_PAUSE, null, extraFrom);
    }
    for (Candidate candidate : CandidateOrder.of(situation, terms, round.referral())) {
      if (candidate.reason().kind().usable() && untried(candidate.host())) {
        return ask(candidate);
      }
    }
    return exhausted();
  }

  private void forgetOldPause() {
    if (health().masterPause() != null && !situation.masterless()) {
      situation = situation.with(health().withMasterPause(null));
    }
  }

  /** A pause that began after this round did ends the round, unless the round knows better. */
  private void joinPause() {
    MasterPause pause = health().masterPause();
    if (pause != null
        && situation.masterless()
        && pause.number() != round.pauseNumber()
        && !knowsBetter()) {
      round = round.after(pause.number(), now());
    }
  }

  private @Nullable Decision readOnlyOrPause() {
    Decision readOnly = readOnly();
    MasterPause pause = health().masterPause();
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
            && !situation.cooling(referral.to())
            && untried(referral.to()));
  }

  private @Nullable Decision readOnly() {
    ReadOnlyRule rule = new ReadOnlyRule(situation, terms, round);
    StoreHost replica = rule.replica();
    if (replica == null || rule.dueNanos() - now() > 0) {
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

  private boolean untried(StoreHost host) {
    return !round.tried().containsKey(host) && !health().host(host).failedSince(round.beganNanos());
  }

  /** Attempts the candidate, or waits for the word of a login that asks already (rule B2.9). */
  private Decision ask(Candidate candidate) {
    StoreHost host = candidate.host();
    if (full(host)) {
      return waitFor(Reason.Kind.STORE_FULL, host, terms.deadlineNanos());
    }
    boolean peaceful = !situation.failed(host) && !situation.masterless();
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
    return token != null && health().heldFrom(terms.id(), now())
        ? waitFor(Reason.Kind.OTHER_LOGIN_ASKS, null, token.endsNanos())
        : attempt(candidate, false, true);
  }

  private Decision exhausted() {
    boolean referred = round.saw(AttemptOutcome.REFERRED);
    GrowingPause retry = situation.settings().retry();
    if (referred && terms.kind().followsReferrals()) {
      long ends = beginPause(retry);
      Decision readOnly = readOnly();
      return readOnly == null ? waitFor(Reason.Kind.NO_MASTER_PAUSE, null, ends) : readOnly;
    }
    if (terms.kind().failsOver()
        && round.extraFromNanos() == null
        && round.saw(AttemptOutcome.TEMPORARY_FAILURE)) {
      long from = now() + retry.nanos(1, random);
      round = round.extra(from, now());
      return waitFor(Reason.Kind.TEMPORARY_PAUSE, null, from);
    }
    return fail(referred ? Reason.Kind.NO_MASTER : Reason.Kind.EVERY_HOST_FAILED, referred);
  }

  private long beginPause(GrowingPause retry) {
    GroupHealth health = health();
    MasterPause last = situation.masterless() ? health.masterPause() : null;
    int rounds = last == null ? 1 : last.rounds() + 1;
    long number = health.version() + 1;
    long length = retry.nanos(rounds, random);
    MasterPause next = new MasterPause(number, rounds, length, now() + length);
    situation = situation.with(health.withMasterPause(next).withNews());
    round = round.after(number, now());
    return next.endsNanos();
  }

  private Decision attempt(Candidate candidate, boolean readOnly, boolean searching) {
    StoreHost host = candidate.host();
    HostHealth before = health().host(host);
    GroupHealth dialled = health().withHost(host, before.dialled(now()));
    long ends = now() + situation.settings().probeLimit().toNanos();
    GroupHealth after =
        searching
            ? dialled.withToken(new ProbeToken(terms.id(), ends))
            : dialled.releasedBy(terms.id());
    Choice.Kind kind = readOnly ? Choice.Kind.ATTEMPT_READ_ONLY : Choice.Kind.ATTEMPT;
    return new Decision(
        new Choice(kind, host, candidate.reason(), terms.deadlineNanos(), after.version()),
        after,
        readOnly ? round.tryingReadOnly(host) : round.trying(host),
        new Attempt(
            host, candidate.reason(), readOnly, before.turn(), health().generation(), false, true));
  }

  private Decision waitForGreeting(StoreHost host) {
    long since = health().host(host).traffic().begunNanos();
    long until = since + situation.settings().probeLimit().toNanos();
    return waitFor(Reason.Kind.OTHER_LOGIN_ASKS, null, until);
  }

  /** Waits; a walk that waits lets others search. */
  private Decision waitFor(Reason.Kind kind, @Nullable StoreHost full, long wantedNanos) {
    long until = earlier(wantedNanos, terms.deadlineNanos());
    ReadOnlyRule readOnly = new ReadOnlyRule(situation, terms, round);
    if (readOnly.replica() != null && readOnly.dueNanos() - now() > 0) {
      until = earlier(until, readOnly.dueNanos());
    }
    GroupHealth after = health().releasedBy(terms.id());
    String detail = full == null ? "" : full.name();
    Choice choice =
        new Choice(Choice.Kind.WAIT, full, new Reason(kind, detail), until, after.version());
    return new Decision(choice, after, round, null);
  }

  private Decision fail(Reason.Kind kind, boolean masterless) {
    boolean noMaster = masterless || round.saw(AttemptOutcome.REFERRED);
    GroupHealth after = health().releasedBy(terms.id());
    Choice choice =
        new Choice(
            noMaster ? Choice.Kind.FAIL_NO_MASTER : Choice.Kind.FAIL_NO_STORE,
            null,
            new Reason(kind, situation.howHostsFailed()),
            terms.deadlineNanos(),
            after.version());
    return new Decision(
        choice, situation.onlyStandbySiteLeft() ? after.withSiteAlerted(true) : after, round, null);
  }

  private boolean full(StoreHost host) {
    return health().host(host).traffic().underWay() >= situation.settings().maxAttemptsPerStore();
  }

  private boolean quiet(StoreHost host) {
    return health().host(host).quiet(situation.settings().probeLimit().toNanos(), now());
  }

  private boolean refusedLast(StoreHost host) {
    HostHealth.LastOutcome last = health().host(host).last();
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
