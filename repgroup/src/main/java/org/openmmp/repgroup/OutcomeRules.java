package org.openmmp.repgroup;

import java.util.Objects;

/** What a greeting and an outcome change in a group's memory (rules B2.7 to B2.9). */
final class OutcomeRules {
  private OutcomeRules() {}

  /** The memory after a greeting. */
  static GroupHealth greeted(Situation situation, WalkTerms terms, Attempt attempt) {
    GroupHealth before = situation.health();
    if (!situation.group().contains(attempt.host())) {
      return before;
    }
    HostHealth host = before.host(attempt.host()).greeted(situation.nowNanos());
    GroupHealth after = patient(before.withHost(attempt.host(), host), situation, terms);
    return news(situation, after, attempt.host()) ? after.withNews() : after;
  }

  /** The memory once an attempt waits for its client. */
  static GroupHealth waitsForClient(Situation situation, WalkTerms terms, Attempt attempt) {
    GroupHealth before = situation.health();
    HostHealth host = before.host(attempt.host()).released(attempt.greeted());
    return situation.group().contains(attempt.host())
        ? before.withHost(attempt.host(), host).releasedBy(terms.id())
        : before.releasedBy(terms.id());
  }

  /** The memory after an outcome. A host that left the group meanwhile is not remembered again. */
  static GroupHealth ended(
      Situation situation, WalkTerms terms, Attempt attempt, AttemptReport report) {
    GroupHealth before = situation.health();
    if (!situation.group().contains(attempt.host())) {
      return before.releasedBy(terms.id());
    }
    GroupHealth after = before.withHost(attempt.host(), hostAfter(situation, attempt, report));
    if (report.alive()) {
      after = after.withSiteAlerted(false);
    }
    if (report.outcome() == AttemptOutcome.ACCEPTED && !attempt.readOnly()) {
      after = accepted(after, situation, terms, attempt);
    }
    after =
        ends(report.outcome()) ? after.releasedBy(terms.id()) : patient(after, situation, terms);
    return news(situation, after, attempt.host()) ? after.withNews() : after;
  }

  /** The memory after a probe that began then. */
  static GroupHealth probed(
      Situation situation, StoreHost host, AttemptReport report, long beganNanos) {
    GroupHealth before = situation.health();
    HostHealth known = before.host(host);
    GroupHealth after =
        before.withHost(
            host,
            report.outcome() == AttemptOutcome.GREETED
                ? known.probeGreeted(beganNanos, report)
                : known.probeFailed(report));
    return news(situation, after, host) ? after.withNews() : after;
  }

  private static HostHealth hostAfter(Situation situation, Attempt attempt, AttemptReport report) {
    HostHealth before = situation.health().host(attempt.host());
    HostHealth host = attempt.holdsPlace() ? before.released(attempt.greeted()) : before;
    if (report.outcome() == AttemptOutcome.ABANDONED) {
      return host;
    }
    return report.alive()
        ? host.answered(report, attempt.readOnly() || report.replica())
        : host.failed(attempt.turn(), report, situation.settings().coolDown());
  }

  /**
   * There is a master; it becomes the affinity unless that was heard of since the attempt began.
   */
  private static GroupHealth accepted(
      GroupHealth health, Situation situation, WalkTerms terms, Attempt attempt) {
    GroupHealth found = health.withMasterPause(null).withUnfollowed(null);
    if (!terms.usesAffinity(situation.group())) {
      return found;
    }
    Affinity present = health.affinity();
    if (present != null && present.host().equals(attempt.host())) {
      return found.withAffinity(present);
    }
    if (attempt.generation() != health.generation()) {
      return found;
    }
    return found
        .withAffinity(new Affinity(attempt.host(), situation.nowNanos(), attempt.reason()))
        .withToken(null);
  }

  /** Whether a walk that had this outcome searches no longer. */
  private static boolean ends(AttemptOutcome outcome) {
    return outcome.next() == AttemptOutcome.Next.STOP
        || outcome == AttemptOutcome.TEMPORARY_FAILURE;
  }

  /** The walk that searches has shown progress: the others wait for it a little longer. */
  private static GroupHealth patient(GroupHealth health, Situation situation, WalkTerms terms) {
    long ends = situation.nowNanos() + situation.settings().discoveryPatience().toNanos();
    return health.searching(terms.id())
        ? health.withToken(new ProbeToken(terms.id(), ends))
        : health;
  }

  /** Whether anything changed that a waiting walk could wait for. */
  private static boolean news(Situation situation, GroupHealth after, StoreHost at) {
    GroupHealth before = situation.health();
    HostHealth hostBefore = before.host(at);
    HostHealth hostAfter = after.host(at);
    StoreHost masterBefore = before.affinity() == null ? null : before.affinity().host();
    StoreHost masterAfter = after.affinity() == null ? null : after.affinity().host();
    boolean silenceEnded = hostBefore.traffic().silent() > 0 && hostAfter.traffic().silent() == 0;
    return !Objects.equals(masterBefore, masterAfter)
        || !Objects.equals(before.token(), after.token())
        || !Objects.equals(before.masterPause(), after.masterPause())
        || before.version() != after.version()
        || !Objects.equals(hostBefore.failure(), hostAfter.failure())
        || silenceEnded
        || (!situation.confirmed(at) && situation.with(after).confirmed(at));
  }
}
