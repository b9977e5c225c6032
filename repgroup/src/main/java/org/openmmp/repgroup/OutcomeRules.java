package org.openmmp.repgroup;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt's progress, its outcome and its session change in a group's memory (rules B2.5,
 * B2.7 to B2.9, B2.17 to B2.23).
 */
final class OutcomeRules {
  /** Who was let in by an attempt that began so lately shows that refusals are a crowd's. */
  private static final Duration CROWDED = Duration.ofSeconds(2);

  private OutcomeRules() {}

  /** The memory after a greeting. */
  static GroupHealth greeted(Situation situation, WalkTerms terms, Attempt attempt) {
    GroupHealth before = situation.health();
    if (!situation.group().contains(attempt.host())) {
      return before;
    }
    HostHealth host = before.host(attempt.host()).heard().greeted(situation.nowNanos());
    GroupHealth after = patient(before.withHost(attempt.host(), host), situation, terms);
    return toldOf(situation, after, attempt.host());
  }

  /** The memory once a host was told who the client is: nobody waits for its greeting. */
  static GroupHealth announced(Situation situation, Attempt attempt) {
    GroupHealth before = situation.health();
    if (!situation.group().contains(attempt.host())) {
      return before;
    }
    HostHealth host = before.host(attempt.host()).heard();
    return toldOf(situation, before.withHost(attempt.host(), host), attempt.host());
  }

  /** The memory once an attempt came through the opening: others will. */
  static GroupHealth opened(Situation situation, WalkTerms terms, Attempt attempt) {
    GroupHealth before = situation.health();
    StoreHost at = attempt.host();
    if (!situation.group().contains(at)) {
      return before;
    }
    long began = attempt.beganNanos();
    HostHealth host = before.host(at).opened(began, situation.nowNanos());
    GroupHealth open = slowlyIfBack(situation, before.withHost(at, host), at);
    GroupHealth after = patient(open, situation, terms);
    AttemptReport greeting = greeting(situation.nowNanos());
    return toldOf(situation, convicted(situation, after, at, began, greeting), at);
  }

  /** The memory once an attempt waits for its client. */
  static GroupHealth waitsForClient(Situation situation, WalkTerms terms, Attempt attempt) {
    GroupHealth before = situation.health();
    HostHealth host = before.host(attempt.host()).released(terms.caller(), attempt.greeted());
    return situation.group().contains(attempt.host())
        ? before.withHost(attempt.host(), host).releasedBy(terms.id())
        : before.releasedBy(terms.id());
  }

  /** The memory after an outcome. A host that left the group meanwhile is not remembered again. */
  static GroupHealth ended(
      Situation situation,
      WalkTerms terms,
      Attempt attempt,
      AttemptReport report,
      boolean isGuest) {
    GroupHealth before = situation.health();
    StoreHost at = attempt.host();
    if (!situation.group().contains(at)) {
      return before.releasedBy(terms.id());
    }
    HostHealth host =
        admitting(
            situation,
            terms,
            attempt,
            report,
            isGuest,
            hostAfter(situation, terms, attempt, report, isGuest));
    GroupHealth after = before.withHost(at, host);
    if (report.scope() == AttemptOutcome.Scope.GOOD) {
      after = convicted(situation, after.withSiteAlerted(false), at, attempt.beganNanos(), report);
    }
    if (report.outcome() == AttemptOutcome.REFERRED) {
      after = referred(after, situation, report.referredTo());
    }
    if (report.outcome() == AttemptOutcome.ACCEPTED && !attempt.readOnly()) {
      after = accepted(after, situation, terms, attempt);
    }
    after = slowlyIfBack(situation, after, at);
    after = ends(report) ? after.releasedBy(terms.id()) : patient(after, situation, terms);
    return toldOf(situation, after, at);
  }

  private static HostHealth hostAfter(
      Situation situation,
      WalkTerms terms,
      Attempt attempt,
      AttemptReport report,
      boolean isGuest) {
    HostHealth before = situation.health().host(attempt.host());
    HostHealth host =
        attempt.holdsPlace() ? before.released(terms.caller(), attempt.greeted()) : before;
    Caller caller = terms.caller();
    return switch (report.scope()) {
      case OURSELVES -> report.outcome() == AttemptOutcome.LEFT ? host.suspected(report) : host;
      case GOOD ->
          host.answered(attempt.beganNanos(), report, caller.proven(), role(attempt, report));
      case HOST, SERVICE_OF_HOST ->
          attempt.turn() == host.turn()
              ? host.failed(
                  FailureGround.OPENING,
                  attempt.stage() != AttemptStage.CONNECTING,
                  attempt.beganNanos(),
                  report,
                  situation.settings().coolDown())
              : host.with(report);
      case LOGIN_ALONE ->
          attempt.stage() == AttemptStage.ANNOUNCED
              ? host.suspected(report)
              : host.with(
                      doubtsAfter(
                          host.doubts(),
                          caller,
                          attempt,
                          report,
                          isGuest || refusedInCrowd(situation, before, report)))
                  .with(report);
    };
  }

  /**
   * What the end of a login shows of how many the host takes (rule B2.28). Only who was let in
   * before can have been refused for the crowd's sake; whose store asked the client, or who is
   * logged in there already, shows nothing.
   */
  private static HostHealth admitting(
      Situation situation,
      WalkTerms terms,
      Attempt attempt,
      AttemptReport report,
      boolean isGuest,
      HostHealth after) {
    long name = terms.caller().name();
    HostHealth.Traffic then = situation.health().host(attempt.host()).traffic();
    if (name == 0 || !attempt.holdsPlace()) {
      return after;
    }
    if (report.outcome() == AttemptOutcome.ACCEPTED) {
      long took = attempt.tookNanos(report.atNanos());
      return after.with(
          after
              .traffic()
              .admission()
              .letIn(
                  situation.settings(),
                  name,
                  took,
                  then.underWay(),
                  then.started(),
                  report.atNanos()));
    }
    boolean turnedAway =
        switch (report.scope()) {
          case LOGIN_ALONE -> !isGuest && refusesForNow(report.outcome());
          case HOST, SERVICE_OF_HOST -> after.failure() == null;
          case GOOD, OURSELVES -> false;
        };
    return turnedAway && terms.caller().known()
        ? after.with(
            after
                .traffic()
                .admission()
                .refused(
                    situation.settings(), name, then.underWay(), then.started(), report.atNanos()))
        : after;
  }

  private static boolean refusesForNow(AttemptOutcome outcome) {
    return outcome == AttemptOutcome.TEMPORARY_FAILURE || outcome == AttemptOutcome.UNREACHABLE;
  }

  /**
   * Whether a host that lets others in refused one of a crowd: it has not failed, it is given too
   * many (rule B2.28).
   */
  private static boolean refusedInCrowd(
      Situation situation, HostHealth host, AttemptReport report) {
    SelectorSettings.AdmissionTerms admission = situation.settings().admission();
    return admission.learn()
        && host.traffic().underWay() > admission.floor()
        && host.letInSince(report.atNanos() - CROWDED.toNanos());
  }

  /** What a login's own trouble adds to a verdict: nothing, unless it is a proven one's (B2.17). */
  private static Doubts doubtsAfter(
      Doubts doubts, Caller caller, Attempt attempt, AttemptReport report, boolean excused) {
    if (!caller.proven() || caller.name() == 0) {
      return doubts;
    }
    Doubts.Doubt doubt = new Doubts.Doubt(caller.name(), attempt.beganNanos(), report.atNanos());
    return switch (report.outcome()) {
      case UNREACHABLE -> doubts.withSilent(doubt);
      case TEMPORARY_FAILURE -> excused ? doubts : doubts.withRefused(doubt);
      default -> doubts;
    };
  }

  private static HostHealth.@Nullable Role role(Attempt attempt, AttemptReport report) {
    if (!report.served()) {
      return null;
    }
    if (attempt.readOnly() || report.replica()) {
      return HostHealth.Role.REPLICA;
    }
    return report.outcome() == AttemptOutcome.REFERRED
        ? HostHealth.Role.REFERS
        : HostHealth.Role.SERVES;
  }

  /**
   * Another host of the group greeted by an attempt that began then: those that stood charged since
   * before have failed (rules B2.17, B2.20, B5.20).
   */
  static GroupHealth convicted(
      Situation situation,
      GroupHealth seen,
      StoreHost greeting,
      long beganNanos,
      AttemptReport report) {
    GroupHealth after = seen;
    List<StoreHost> hosts = situation.group().hosts();
    for (int i = 0; i < hosts.size(); i++) { // at every step of every login
      StoreHost host = hosts.get(i);
      HostHealth known = after.host(host);
      Doubts.Charge charge = known.doubts().standing(report.atNanos());
      if (charge != null && !host.equals(greeting) && beganNanos - charge.atNanos() >= 0) {
        HostHealth failed =
            known.failed(
                charge.ground(), true, charge.atNanos(), report, situation.settings().coolDown());
        after =
            after
                .withHost(host, failed.with(verdict(charge.ground(), report.atNanos())))
                .withNews();
      }
    }
    return after;
  }

  /**
   * A host does not know the mailboxes that its group took mail for: it stands charged, and has
   * failed once another host greets (rule B5.20).
   */
  static GroupHealth mailboxesLost(Situation situation, StoreHost host, double random) {
    GroupHealth before = situation.health();
    if (!situation.group().contains(host)) {
      return before;
    }
    long now = situation.nowNanos();
    HostHealth known = before.host(host);
    HostHealth.Failure failure = known.failure();
    if (failure == null) {
      return before.withHost(host, known.with(known.doubts().withMailboxesLost(now)));
    }
    // It is so still: once its cool-down is over, it begins anew.
    if (failure.ground() != FailureGround.MAILBOXES || failure.left(now) > 0) {
      return before;
    }
    AttemptReport report =
        new AttemptReport(
            AttemptOutcome.MAILBOXES_LOST,
            AttemptOutcome.Scope.SERVICE_OF_HOST,
            null,
            false,
            "mailboxes lost",
            now,
            random);
    HostHealth failed =
        known.failed(FailureGround.MAILBOXES, true, now, report, situation.settings().coolDown());
    GroupHealth after = before.withHost(host, failed.with(verdict(FailureGround.MAILBOXES, now)));
    return toldOf(situation, after, host);
  }

  private static AttemptReport verdict(FailureGround ground, long nowNanos) {
    AttemptOutcome outcome =
        switch (ground) {
          case SESSIONS -> AttemptOutcome.UNREACHABLE;
          case MAILBOXES -> AttemptOutcome.MAILBOXES_LOST;
          case ANSWERS, OPENING, NETWORK -> AttemptOutcome.TEMPORARY_FAILURE;
        };
    String what =
        switch (ground) {
          case SESSIONS -> "it threw out several users at once after it had let them in";
          case MAILBOXES -> "it does not know several mailboxes that the group took mail for";
          case ANSWERS, OPENING, NETWORK ->
              "it gave several users no answer, or refused them temporarily";
        };
    return AttemptReport.of(
        outcome,
        AttemptOutcome.Scope.SERVICE_OF_HOST,
        what + ", and another host of the group greets",
        nowNanos);
  }

  private static AttemptReport greeting(long nowNanos) {
    return AttemptReport.of(AttemptOutcome.GREETED, AttemptOutcome.Scope.GOOD, "greeted", nowNanos);
  }

  /** A session that began then has lasted. */
  static GroupHealth lasted(Situation situation, StoreHost host, long beganNanos) {
    GroupHealth before = situation.health();
    return situation.group().contains(host)
        ? toldOf(situation, before.withHost(host, before.host(host).kept(beganNanos)), host)
        : before;
  }

  /** A proven login was let in and thrown out at once. */
  static GroupHealth thrownOut(Situation situation, StoreHost host, Doubts.Doubt doubt) {
    GroupHealth before = situation.health();
    HostHealth known = before.host(host);
    if (!situation.group().contains(host)) {
      return before;
    }
    HostHealth.Failure failure = known.failure();
    if (failure == null) {
      return before.withHost(host, known.with(known.doubts().withThrownOut(doubt)));
    }
    // It does so still: once its cool-down is over, it begins anew.
    return failure.ground() == FailureGround.SESSIONS && failure.left(doubt.atNanos()) <= 0
        ? toldOf(
            situation,
            before.withHost(
                host,
                known
                    .failed(
                        FailureGround.SESSIONS,
                        true,
                        doubt.beganNanos(),
                        greeting(doubt.atNanos()),
                        situation.settings().coolDown())
                    .with(verdict(FailureGround.SESSIONS, doubt.atNanos()))),
            host)
        : before;
  }

  /** A host referred to another: if that has failed, a probe is to ask it (rule B2.18). */
  private static GroupHealth referred(
      GroupHealth health, Situation situation, @Nullable StoreHost to) {
    if (to == null || !situation.group().contains(to)) {
      return health;
    }
    return health.naming(health.host(to).greets() ? null : to);
  }

  /**
   * There is a master. It becomes the affinity if there is none, or if the former one may be left
   * (rule B2.23): not for a login that went on by itself, nor by what began before the last move.
   * Where hosts refer, one that takes writers is the master while the former one is silent to all
   * (rule B2.31).
   */
  private static GroupHealth accepted(
      GroupHealth health, Situation situation, WalkTerms terms, Attempt attempt) {
    GroupHealth found = health.withMasterPause(null);
    StoreHost at = attempt.host();
    if (!terms.usesAffinity(situation.group())) {
      return found.withUnfollowed(null);
    }
    Affinity present = health.affinity();
    if (present != null && present.host().equals(at)) {
      return found.withUnfollowed(null).withDetour(null);
    }
    if (attempt.strayed() || attempt.kept() || attempt.generation() != health.generation()) {
      return found;
    }
    if (present != null
        && !mayLeave(present.host(), health, situation)
        && !(situation.refers() && attempt.silentSinceLeft(present.host(), health))) {
      return beside(found, situation, present.host(), at);
    }
    boolean takesOver = present != null || health.masterPause() != null;
    GroupHealth moved = takesOver ? beginningSlowly(found, situation, at) : found;
    return moved
        .withAffinity(new Affinity(at, situation.nowNanos(), attempt.reason()))
        .withToken(null);
  }

  private static GroupHealth beginningSlowly(
      GroupHealth health, Situation situation, StoreHost host) {
    HostHealth known = health.host(host);
    return health.withHost(host, known.beginningSlowly(situation.settings(), situation.nowNanos()));
  }

  /** A host that had failed is back: who waits for it comes slowly (rule B2.28). */
  static GroupHealth slowlyIfBack(Situation situation, GroupHealth after, StoreHost host) {
    boolean back =
        situation.health().host(host).failure() != null && after.host(host).failure() == null;
    return back ? beginningSlowly(after, situation, host) : after;
  }

  private static boolean mayLeave(StoreHost master, GroupHealth health, Situation situation) {
    HostHealth host = health.host(master);
    HostHealth.Failure failure = host.failure();
    if (!situation.eligible(master)
        || host.role().refers()
        || situation.setAside(master)
        || situation.downByHearsay(master)) {
      return true;
    }
    return failure != null
        && failure.ground() != FailureGround.NETWORK
        && !situation.letInElsewhere(master, failure.beganNanos());
  }

  /** Logins are let in at a host that does not become the master. */
  private static GroupHealth beside(
      GroupHealth found, Situation situation, StoreHost master, StoreHost at) {
    boolean rival = !situation.failed(master);
    return rival && !situation.refers()
        ? found
        : found.withDetour(new GroupHealth.Detour(at, rival));
  }

  /** Whether a walk that had this outcome searches no longer. */
  private static boolean ends(AttemptReport report) {
    return report.outcome().next() == AttemptOutcome.Next.STOP
        || report.scope() == AttemptOutcome.Scope.LOGIN_ALONE;
  }

  /** The walk that searches has shown progress: the others wait for it a little longer. */
  private static GroupHealth patient(GroupHealth health, Situation situation, WalkTerms terms) {
    long ends = situation.nowNanos() + situation.settings().discoveryPatience().toNanos();
    return health.searching(terms.id())
        ? health.withToken(new ProbeToken(terms.id(), terms.caller().proven(), ends))
        : health;
  }

  /** The memory with news if anything changed at that host that a waiting walk could wait for. */
  static GroupHealth toldOf(Situation situation, GroupHealth after, StoreHost at) {
    GroupHealth before = situation.health();
    HostHealth hostBefore = before.host(at);
    HostHealth hostAfter = after.host(at);
    boolean silenceEnded = hostBefore.traffic().silent() > 0 && hostAfter.traffic().silent() == 0;
    boolean news =
        !Objects.equals(before.master(), after.master())
            || !Objects.equals(before.token(), after.token())
            || !Objects.equals(before.masterPause(), after.masterPause())
            || !Objects.equals(hostBefore.failure(), hostAfter.failure())
            || silenceEnded
            || (hostBefore.traffic().manyUnanswered() && !hostAfter.traffic().manyUnanswered())
            || (!situation.confirmed(at)
                && hostAfter.confirmed(
                    situation.settings().confirmWindow().toNanos(), situation.nowNanos()));
    return news && before.version() == after.version() ? after.withNews() : after;
  }
}
