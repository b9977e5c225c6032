package org.openmmp.proxy.session;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.AttemptWalk;
import org.openmmp.repgroup.Choice;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.ReferralTrust.Kind;
import org.openmmp.repgroup.ReferralTrust.Verdict;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.Stay;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.routing.Referral;
import org.openmmp.routing.ReferralTrail;
import org.openmmp.routing.Routing;
import org.openmmp.routing.StoreAccess;

/**
 * One login's way from its group to a store's word: asks the walk which host is next, makes an
 * attempt of it, and judges what the store answered (rules B2.4 to B2.11, B3.5 to B3.9).
 */
final class StoreSearch {
  /** SCRAM has two: the server's first message, and its last where success carries no data. */
  private static final int MOST_CHALLENGES = 2;

  private final FrontEnd frontEnd;
  private final LoginIdentity who;
  private final long deadlineNanos;
  private final ReferralTrail trail;
  private ReplicationGroup group;
  private AttemptWalk walk;
  private @Nullable LoginAttempt attempt;
  private String lastHost = "";
  private @Nullable StoreAnswer firstRefusal;
  private boolean staying;
  private boolean readOnly;
  private int attempts;
  private int lackingMechanism;
  private String lack = "";
  private int challenges;

  StoreSearch(
      FrontEnd frontEnd,
      Routing routing,
      LoginIdentity who,
      ReplicationGroup group,
      long deadlineNanos,
      long nowNanos) {
    this.frontEnd = frontEnd;
    this.who = who;
    this.deadlineNanos = deadlineNanos;
    this.trail = new ReferralTrail(routing);
    this.group = group;
    this.walk =
        frontEnd
            .selector()
            .walk(
                group,
                frontEnd.protocol().service(),
                ClientKind.WRITER,
                who.caller(),
                deadlineNanos,
                nowNanos);
  }

  /** Goes on to the next host, to a wait, or to the end of the search. */
  LoginStep advance(long nowNanos) {
    Choice choice = walk.next(nowNanos);
    if (lackingMechanism > 0 && lackingMechanism == attempts && !dials(choice)) {
      // To wait is of no use: no host that can be reached takes the credentials in this form.
      walk.abandon(nowNanos);
      return fail(LoginFailure.MECHANISM_UNAVAILABLE, lack);
    }
    return switch (choice.kind()) {
      case ATTEMPT -> dial(choice, false);
      case ATTEMPT_READ_ONLY -> dial(choice, true);
      case WAIT -> awaitChange(choice);
      case FAIL_NO_STORE -> failAsRefused(LoginFailure.NO_STORE_ANSWERED, choice.reason().text());
      case FAIL_NO_MASTER -> failAsRefused(LoginFailure.NO_MASTER, choice.reason().text());
    };
  }

  private static boolean dials(Choice choice) {
    return choice.kind() == Choice.Kind.ATTEMPT || choice.kind() == Choice.Kind.ATTEMPT_READ_ONLY;
  }

  /** The host under way came so far. */
  void onProgress(LoginAttempt by, StoreProgress reached, long nowNanos) {
    switch (reached) {
      case CONNECTED -> {
        if (by.access().clientId() == StoreAccess.ClientId.PROXY_V2) {
          walk.announced(nowNanos);
        } else {
          walk.connected();
        }
      }
      case GREETED -> walk.greeted(nowNanos);
      case NAMED -> walk.named(nowNanos);
    }
  }

  /** The session that begins at the store which accepted. */
  Stay handOver(long nowNanos) {
    return walk.handOver(nowNanos);
  }

  /** The host under way asks the client, to whose answer the login is bound; null: it may. */
  @Nullable LoginStep onChallenge(long nowNanos, double random) {
    if (++challenges > MOST_CHALLENGES) {
      StoreAnswer endless =
          StoreAnswer.failed(
              AttemptOutcome.PROTOCOL_VIOLATION, "the store's challenges come to no end");
      return onStoreAnswer(endless, nowNanos, random);
    }
    walk.waitsForClient(nowNanos);
    return null;
  }

  /** The host under way answered, or failed in a way that {@code answer} tells. */
  LoginStep onStoreAnswer(StoreAnswer answer, long nowNanos, double random) {
    LoginAttempt ended = Objects.requireNonNull(attempt, "no attempt is under way");
    attempt = null;
    Referral referral = answer.referral();
    if (referral != null) {
      return onReferral(ended, answer, referral, nowNanos, random);
    }
    if (answer.lacksMechanism()) {
      lackingMechanism++;
      lack = answer.reason();
    }
    if (answer.refusesAdministrator()) {
      frontEnd
          .listener()
          .administratorRefused(
              new AdministratorRefusal(
                  frontEnd.protocol().service(),
                  ended.group().name(),
                  ended.host().name(),
                  who.user().login(),
                  answer.reason()));
    }
    AttemptOutcome outcome = outcomeFor(ended, answer.outcome());
    walk.report(outcome, null, false, answer.reason(), nowNanos, random);
    if (outcome == AttemptOutcome.TEMPORARY_FAILURE && firstRefusal == null && answer.worded()) {
      firstRefusal = answer;
    }
    return switch (outcome) {
      case ACCEPTED -> new LoginStep.HandOver(answer);
      case AUTH_REJECTED ->
          new LoginStep.Fail(LoginFailure.BAD_CREDENTIALS, answer, answer.reason());
      case MAILBOX_BUSY -> new LoginStep.Fail(LoginFailure.MAILBOX_BUSY, answer, answer.reason());
      case USER_REFUSED ->
          new LoginStep.Fail(LoginFailure.REFUSED_BY_STORE, answer, answer.reason());
      case ABANDONED, GREETED -> fail(LoginFailure.NO_STORE_ANSWERED, answer.reason());
      case REFERRED,
          UNRESOLVED,
          CONNECTION_REFUSED,
          UNREACHABLE,
          NETWORK_UNREACHABLE,
          TLS_FAILED,
          REFUSED_GREETING,
          TEMPORARY_FAILURE,
          MAILBOXES_LOST,
          PROTOCOL_VIOLATION ->
          advanceUnlessBound(answer.reason(), nowNanos);
    };
  }

  /**
   * A host that has not the protection which only this login's referral asks for lacks what this
   * login needs; it serves those whose group asks less (rule B3.7).
   */
  private AttemptOutcome outcomeFor(LoginAttempt ended, AttemptOutcome met) {
    return met == AttemptOutcome.TLS_FAILED && trail.asksMoreThan(ended.group())
        ? AttemptOutcome.TEMPORARY_FAILURE
        : met;
  }

  /** What the first store said that refused the login for now; null if none did in words. */
  @Nullable StoreAnswer firstRefusal() {
    return firstRefusal;
  }

  /** Releases what the search holds; may be called again, and after the end. */
  void abandon(long nowNanos) {
    attempt = null;
    walk.abandon(nowNanos);
  }

  ReplicationGroup group() {
    return group;
  }

  /** The host that was dialled last, or an empty text before any was. */
  String lastHost() {
    return lastHost;
  }

  int attempts() {
    return attempts;
  }

  int hops() {
    return trail.hops();
  }

  /** Whether the login ended at a replica that referred to no living master. */
  boolean readOnly() {
    return readOnly;
  }

  private LoginStep awaitChange(Choice choice) {
    AttemptWalk waiting = walk;
    trail.beginRound();
    return new LoginStep.Await(choice.untilNanos(), wake -> waiting.awaitChange(choice, wake));
  }

  private LoginStep dial(Choice choice, boolean toStay) {
    StoreHost host = choice.target();
    StoreAccess access = trail.accessTo(group, host);
    StoreLogin login = who.loginAt(host, access, trail.storeName(host, who.user().storeName()));
    attempts++;
    staying = toStay;
    lastHost = host.name();
    LoginAttempt begun =
        new LoginAttempt(
            host,
            group,
            access,
            trail.amongStrangers(),
            choice.reason().text(),
            who.client(),
            frontEnd.protocol().withStore(login));
    attempt = begun;
    return new LoginStep.Dial(begun);
  }

  private LoginStep onReferral(
      LoginAttempt from, StoreAnswer answer, Referral referral, long nowNanos, double random) {
    if (staying && referral.loggedIn()) {
      walk.report(AttemptOutcome.ACCEPTED, null, true, answer.reason(), nowNanos, random);
      readOnly = true;
      return new LoginStep.HandOver(answer);
    }
    Verdict verdict = trail.judge(from.host(), from.group(), referral);
    String said = answer.reason() + ", " + verdict.reason();
    boolean loggedIn = referral.loggedIn();
    if (verdict.kind().leavesGroup()) {
      frontEnd.directory().forget(who.user().login()); // B2.24: what it says of the mailbox is old
    }
    return switch (verdict.kind()) {
      case IN_GROUP, OTHER_GROUP, TRUSTED -> {
        walk.report(AttemptOutcome.REFERRED, targetOf(verdict), loggedIn, said, nowNanos, random);
        yield challenges == 0
            ? follow(from, referral, verdict, nowNanos)
            : leaveReferral(said, nowNanos);
      }
      case NOT_A_REFERRAL -> {
        AttemptOutcome outcome =
            loggedIn ? AttemptOutcome.ACCEPTED : AttemptOutcome.TEMPORARY_FAILURE;
        walk.report(outcome, null, false, said, nowNanos, random);
        yield loggedIn ? new LoginStep.HandOver(answer) : advanceUnlessBound(said, nowNanos);
      }
      case VISITED, PASSED_OVER -> {
        walk.report(AttemptOutcome.REFERRED, null, loggedIn, said, nowNanos, random);
        yield advanceUnlessBound(said, nowNanos);
      }
      case UNTRUSTED, PORT_NOT_FOLLOWED, TOO_MANY_HOPS -> {
        walk.report(AttemptOutcome.REFERRED, null, false, said, nowNanos, random);
        walk.abandon(nowNanos);
        yield fail(
            verdict.kind() == Kind.TOO_MANY_HOPS
                ? LoginFailure.NO_MASTER
                : LoginFailure.NO_TRUSTED_STORE,
            said);
      }
    };
  }

  /** The host that it leads to; of a whole group the preferred master stands for all. */
  private static StoreHost targetOf(Verdict verdict) {
    StoreHost host = verdict.host();
    return host != null
        ? host
        : Objects.requireNonNull(verdict.group(), "a followed verdict has one").hosts().get(0);
  }

  private LoginStep follow(LoginAttempt from, Referral referral, Verdict verdict, long nowNanos) {
    trail.follow(from.access().tls(), referral, verdict);
    return verdict.kind() == Kind.IN_GROUP ? advance(nowNanos) : enterOtherGroup(verdict, nowNanos);
  }

  /**
   * What the client answered is bound to the referring host; its next login may begin elsewhere.
   */
  private LoginStep leaveReferral(String said, long nowNanos) {
    walk.leaveReferral(nowNanos);
    return fail(LoginFailure.NO_MASTER, said + ", after its challenge had reached the client");
  }

  private LoginStep advanceUnlessBound(String said, long nowNanos) {
    if (challenges == 0) {
      return advance(nowNanos);
    }
    walk.abandon(nowNanos);
    return failAsRefused(
        LoginFailure.NO_STORE_ANSWERED, said + ", after its challenge had reached the client");
  }

  /** The mailbox lives in another group than the directory says (rule B3.6). */
  private LoginStep enterOtherGroup(Verdict verdict, long nowNanos) {
    group = Objects.requireNonNull(verdict.group(), "a followed verdict has one");
    StoreHost first = verdict.host();
    StoreSelector selector = frontEnd.selector();
    Service service = frontEnd.protocol().service();
    walk =
        first == null
            ? selector.walk(
                group, service, ClientKind.WRITER, who.caller(), deadlineNanos, nowNanos)
            : selector.walkFrom(
                group, service, ClientKind.WRITER, who.caller(), first, deadlineNanos, nowNanos);
    return advance(nowNanos);
  }

  /** No store let the user in: he hears what the first one said that refused him (rule B3.10). */
  private LoginStep failAsRefused(LoginFailure failure, String reason) {
    return new LoginStep.Fail(failure, firstRefusal, reason);
  }

  private static LoginStep fail(LoginFailure failure, String reason) {
    return new LoginStep.Fail(failure, null, reason);
  }
}
