package org.openmmp.proxy.session;

import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.LookupResult;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.client.SessionStep;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.proxy.store.LoginAttempt;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.AttemptStage;
import org.openmmp.repgroup.Choice;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.GroupMatch;
import org.openmmp.repgroup.ReferralTrust.Kind;
import org.openmmp.repgroup.ReferralTrust.Verdict;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.Referral;
import org.openmmp.routing.Routing;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.StoreSearch;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.Secret;

/**
 * One login from the client's credentials to the hand-over or the refusal: held back, looked up,
 * perhaps bound, tried at one store after another, and perhaps delayed before its refusal.
 *
 * <p>Exactly one thing is under way at a time, and the session's state says which. Events add steps
 * to the session's; a store's word carries the attempt that it is said to, so that what comes too
 * late is known for it and changes nothing.
 */
final class Login {
  private static final String BOUND = ", after its challenge had reached the client";

  private final LoginSession session;
  private final FrontEnd frontEnd;
  private final Timeline timeline;
  private final SessionGuard guard;
  private final Routing routing;
  private final Credentials credentials;
  private final ClientFacts seen;
  private final long deadlineNanos;

  /** Of what is under way. */
  private long untilNanos;

  private final Identification who;
  private @Nullable StoreSearch search;
  private @Nullable LoginAttempt attempt;
  private int attempts;
  private int lackingMechanism;
  private String lack = "";
  private int challenges;
  private boolean staying;
  private boolean readOnly;
  private @Nullable StoreAnswer firstRefusal;
  private String lastHost = "";
  private @Nullable LoginRefusal delayed;
  private boolean over;

  /**
   * A login that has not begun.
   *
   * @param given what the client sent
   * @param seen the client as stores and the directory shall hear of it
   */
  Login(LoginSession session, Credentials given, ClientFacts seen, long nowNanos) {
    this.session = session;
    this.frontEnd = session.frontEnd();
    this.timeline = session.timeline();
    this.guard = session.guard();
    this.routing = frontEnd.routing().get();
    this.seen = seen;
    UnaryOperator<String> identity = typed -> Identification.identityOf(typed, frontEnd);
    this.credentials = given.asMeant(frontEnd.login().masterUserSeparator(), identity);
    this.deadlineNanos = nowNanos + frontEnd.login().deadline().toNanos();
    this.who =
        new Identification(
            session,
            credentials,
            seen,
            deadlineNanos,
            () -> over,
            this::enterGroup,
            this::conclude);
    guard.begin(credentials, seen, identity, nowNanos);
  }

  void begin(long nowNanos) {
    timeline.enter(SessionState.HELD_BACK, nowNanos);
    timeline.clear();
    holdBack(nowNanos);
  }

  /** When to call {@link #onTick}. */
  long deadlineNanos() {
    return switch (timeline.state()) {
      case HELD_BACK, DELAYING -> untilNanos;
      case WAITING, CONNECTING, LOGGING_IN ->
          deadlineNanos - untilNanos >= 0 ? untilNanos : deadlineNanos;
      case LOOKING_UP,
          BINDING,
          CHALLENGED,
          GREETING,
          NOT_AUTHENTICATED,
          STARTING_TLS,
          RELAYING,
          CLOSED ->
          deadlineNanos;
    };
  }

  /** A deadline of the login passed. */
  void onTick(long nowNanos, double random) {
    switch (timeline.state()) {
      case HELD_BACK -> holdBack(nowNanos);
      case DELAYING -> refuse(Objects.requireNonNull(delayed, "no refusal is due"), nowNanos);
      case WAITING -> advance(nowNanos);
      case LOOKING_UP, BINDING -> conclude(who.late(), nowNanos);
      case CONNECTING -> onTimeout("greeting", nowNanos, random);
      case LOGGING_IN -> onTimeout("answer to the login", nowNanos, random);
      case GREETING, NOT_AUTHENTICATED, STARTING_TLS, CHALLENGED, RELAYING, CLOSED -> {}
    }
  }

  /** Something changed in the group that the login waits for. */
  void onWake(long nowNanos) {
    if (!over && timeline.state() == SessionState.WAITING) {
      advance(nowNanos);
    }
  }

  /** The client gave the login up. */
  void giveUp(long nowNanos) {
    guard.gaveUp(nowNanos);
    end(nowNanos);
    timeline.enter(SessionState.NOT_AUTHENTICATED, nowNanos);
  }

  /**
   * It is not waited for any more: leaves the store, forgets the secret and gives every place back.
   * A refusal that waited for its time is reported though nobody is there to hear it.
   */
  void end(long nowNanos) {
    hangUp();
    if (!over) {
      over = true;
      if (search != null) {
        search.abandon(nowNanos);
      }
      credentials.secret().clear();
      if (delayed != null) {
        report(delayed.failure(), delayed.reason());
      }
    }
    guard.release();
  }

  private void holdBack(long nowNanos) {
    String blocked = guard.blocked(nowNanos);
    if (!blocked.isEmpty()) {
      String why = "an administrator has blocked " + blocked;
      refuse(new LoginRefusal(LoginFailure.BLOCKED, why), nowNanos);
      return;
    }
    long delayNanos = guard.holdBack(nowNanos);
    if (delayNanos < 0) {
      refuse(new LoginRefusal(LoginFailure.OVER_LIMIT, "over the login rate"), nowNanos);
      return;
    }
    untilNanos = nowNanos + delayNanos;
    if (delayNanos > 0) {
      return;
    }
    guard.asks(nowNanos);
    who.begin(nowNanos);
  }

  // ---- where the mailbox is

  private void enterGroup(LookupResult found, long nowNanos) {
    GroupMatch match = routing.table().groupOf(found.mailHost());
    if (match.kind() != GroupMatch.Kind.FOUND) {
      fail(new LoginRefusal(LoginFailure.USER_UNAVAILABLE, match.reason()), nowNanos);
      return;
    }
    boolean certificate = credentials.mechanism().proof() == Mechanism.Proof.CERTIFICATE;
    if (certificate && routing.accessTo(match.found()).adminName().isEmpty()) {
      String reason =
          "the group " + match.found().name() + " has no imapadmin to log a certificate's owner in";
      fail(new LoginRefusal(LoginFailure.MECHANISM_UNAVAILABLE, reason), nowNanos);
      return;
    }
    StoreSearch begun =
        new StoreSearch(
            frontEnd.selector(),
            frontEnd.routing(),
            routing,
            frontEnd.protocol().service(),
            ClientKind.WRITER,
            guard.caller(),
            match.found());
    search = begun;
    begun.begin(null, deadlineNanos, nowNanos);
    advance(nowNanos);
  }

  /** Goes on to the next host, to a wait, or to the end of the search. */
  private void advance(long nowNanos) {
    hangUp();
    StoreSearch under = search();
    Choice choice = under.next(nowNanos);
    if (lackingMechanism > 0 && lackingMechanism == attempts && !choice.kind().attempt()) {
      // To wait is of no use: no host that can be reached takes the credentials in this form.
      under.abandon(nowNanos);
      fail(new LoginRefusal(LoginFailure.MECHANISM_UNAVAILABLE, lack), nowNanos);
      return;
    }
    switch (choice.kind()) {
      case ATTEMPT, ATTEMPT_READ_ONLY -> dial(choice, nowNanos);
      case WAIT -> {
        timeline.enter(SessionState.WAITING, nowNanos);
        untilNanos = choice.untilNanos();
        session.steps().add(new SessionStep.Await(wake -> under.awaitChange(choice, wake)));
      }
      case FAIL_NO_STORE ->
          failInFirstWords(LoginFailure.NO_STORE_ANSWERED, choice.reason().text(), nowNanos);
      case FAIL_NO_MASTER ->
          failInFirstWords(LoginFailure.NO_MASTER, choice.reason().text(), nowNanos);
    }
  }

  private void dial(Choice choice, long nowNanos) {
    StoreHost host = choice.target();
    StoreAccess access = search().accessTo(host);
    attempts++;
    lastHost = host.name();
    staying = choice.kind() == Choice.Kind.ATTEMPT_READ_ONLY;
    if (!guard.hasRoomFor(who.login())) {
      failOverSessions(nowNanos);
      return;
    }
    LoginAttempt next =
        new LoginAttempt(
            host,
            search().group(),
            access,
            search().amongStrangers(),
            choice.reason().text(),
            seen,
            frontEnd.protocol().withStore(loginAt(host, access)));
    attempt = next;
    timeline.enter(SessionState.CONNECTING, nowNanos);
    untilNanos = nowNanos + access.connectTimeout().plus(access.greetingTimeout()).toNanos();
    session.steps().add(new SessionStep.Dial(next));
  }

  private StoreLogin loginAt(StoreHost host, StoreAccess access) {
    boolean asAdmin =
        credentials.mechanism() == Mechanism.EXTERNAL && !access.adminName().isEmpty();
    return new StoreLogin(
        host,
        credentials,
        search().storeName(host, who.user().storeName()),
        access.tls(),
        asAdmin ? access.adminName() : "",
        asAdmin ? access.adminPassword() : Secret.none(),
        frontEnd.login().masterUserSeparator(),
        seen,
        access.clientId() == StoreAccess.ClientId.ID);
  }

  // ---- what a store says

  /** The store of that attempt came so far. */
  void onProgress(LoginAttempt by, AttemptStage reached, long nowNanos) {
    SessionState expected =
        reached == AttemptStage.NAMED ? SessionState.LOGGING_IN : SessionState.CONNECTING;
    if (!by.equals(attempt) || timeline.state() != expected) {
      return;
    }
    search().reached(reached, nowNanos);
    switch (reached) {
      case GREETING, ANNOUNCED -> untilNanos = nowNanos + by.access().greetingTimeout().toNanos();
      case OPENING -> {
        timeline.enter(SessionState.LOGGING_IN, nowNanos);
        untilNanos = nowNanos + by.access().answerTimeout().toNanos();
      }
      case CONNECTING, NAMED -> {}
    }
  }

  /** The store of that attempt asks the client, to whose answer the login is bound then. */
  void onChallenge(LoginAttempt by, byte[] base64, long nowNanos, double random) {
    if (!by.equals(attempt)) {
      return;
    }
    if (++challenges > LoginRules.MOST_CHALLENGES) {
      String endless = "the store's challenges come to no end";
      onStoreAnswer(
          by, StoreAnswer.failed(AttemptOutcome.PROTOCOL_VIOLATION, endless), nowNanos, random);
      return;
    }
    search().waitsForClient(nowNanos);
    guard.asked();
    timeline.enter(SessionState.CHALLENGED, nowNanos);
    session.client().challenged(base64);
  }

  /** The client responds to the store's challenge. */
  void responds(long nowNanos) {
    LoginAttempt asking = Objects.requireNonNull(attempt, "no store asked");
    timeline.enter(SessionState.LOGGING_IN, nowNanos);
    untilNanos = nowNanos + asking.access().answerTimeout().toNanos();
  }

  /** The store of that attempt answered, or failed in a way that the answer tells. */
  void onStoreAnswer(LoginAttempt by, StoreAnswer answer, long nowNanos, double random) {
    if (!by.equals(attempt)) {
      return;
    }
    Referral referral = answer.referral();
    if (referral != null) {
      onReferral(by, answer, referral, nowNanos, random);
      return;
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
                  by.group().name(),
                  by.host().name(),
                  who.login(),
                  answer.reason()));
    }
    AttemptOutcome outcome = search().asMeantForAll(answer.outcome());
    search().report(outcome, answer.reason(), nowNanos, random);
    if (outcome == AttemptOutcome.TEMPORARY_FAILURE && firstRefusal == null && answer.worded()) {
      firstRefusal = answer;
    }
    LoginRefusal refusal = LoginRules.ofStore(outcome, answer);
    if (refusal != null) {
      fail(refusal, nowNanos);
    } else if (outcome == AttemptOutcome.ACCEPTED) {
      handOver(answer, nowNanos);
    } else {
      advanceUnlessBound(answer.reason(), nowNanos);
    }
  }

  private void onReferral(
      LoginAttempt from, StoreAnswer answer, Referral referral, long nowNanos, double random) {
    boolean loggedIn = referral.loggedIn();
    if (staying && loggedIn) {
      search().acceptedReadOnly(answer.reason(), nowNanos, random);
      readOnly = true;
      handOver(answer, nowNanos);
      return;
    }
    Verdict verdict = search().judge(from.host(), referral);
    String said = answer.reason() + ", " + verdict.reason();
    if (verdict.kind().leavesGroup()) {
      frontEnd.directory().forget(who.login()); // B2.24: what it says of the mailbox is old
    }
    switch (verdict.kind()) {
      case IN_GROUP, OTHER_GROUP, TRUSTED -> {
        search().referred(verdict, loggedIn, said, nowNanos, random);
        if (challenges == 0) {
          search().follow(from.access().tls(), referral, verdict, nowNanos);
          advance(nowNanos);
        } else {
          // What the client answered is bound to the referring host; its next login begins there.
          search().leaveReferral(nowNanos);
          fail(new LoginRefusal(LoginFailure.NO_MASTER, said + BOUND), nowNanos);
        }
      }
      case NOT_A_REFERRAL -> {
        AttemptOutcome outcome =
            loggedIn ? AttemptOutcome.ACCEPTED : AttemptOutcome.TEMPORARY_FAILURE;
        search().report(outcome, said, nowNanos, random);
        if (loggedIn) {
          handOver(answer, nowNanos);
        } else {
          advanceUnlessBound(said, nowNanos);
        }
      }
      case VISITED, PASSED_OVER -> {
        search().referred(null, loggedIn, said, nowNanos, random);
        advanceUnlessBound(said, nowNanos);
      }
      case UNTRUSTED, PORT_NOT_FOLLOWED, TOO_MANY_HOPS -> {
        search().referred(null, false, said, nowNanos, random);
        search().abandon(nowNanos);
        boolean hops = verdict.kind() == Kind.TOO_MANY_HOPS;
        fail(
            new LoginRefusal(hops ? LoginFailure.NO_MASTER : LoginFailure.NO_TRUSTED_STORE, said),
            nowNanos);
      }
    }
  }

  private void advanceUnlessBound(String said, long nowNanos) {
    if (challenges == 0) {
      advance(nowNanos);
    } else {
      search().abandon(nowNanos);
      failInFirstWords(LoginFailure.NO_STORE_ANSWERED, said + BOUND, nowNanos);
    }
  }

  /**
   * A store takes too long.
   *
   * @param waitedFor what it did not say in time
   */
  private void onTimeout(String waitedFor, long nowNanos, double random) {
    LoginAttempt silent = Objects.requireNonNull(attempt, "no attempt is under way");
    if (nowNanos - deadlineNanos < 0) {
      String reason = "no " + waitedFor + " in time";
      onStoreAnswer(
          silent, StoreAnswer.failed(AttemptOutcome.UNREACHABLE, reason), nowNanos, random);
    } else {
      search().abandon(nowNanos);
      failInFirstWords(
          LoginFailure.NO_STORE_ANSWERED,
          "the login deadline passed without " + waitedFor + " of " + lastHost,
          nowNanos);
    }
  }

  // ---- how it ends

  private void handOver(StoreAnswer answer, long nowNanos) {
    if (!guard.takesSession(who.login())) {
      failOverSessions(nowNanos);
      return;
    }
    timeline.enter(SessionState.RELAYING, nowNanos);
    over = true;
    LoginReport report = report(null, attempt == null ? "" : attempt.why());
    attempt = null;
    guard.accepted(readOnly, nowNanos);
    credentials.secret().clear();
    session.client().accepted(answer, report, search().handOver(nowNanos));
  }

  private void failOverSessions(long nowNanos) {
    search().abandon(nowNanos);
    fail(new LoginRefusal(LoginFailure.OVER_LIMIT, "too many sessions of this user"), nowNanos);
  }

  /** No store let the user in: he hears what the first one said that refused him (rule B3.10). */
  private void failInFirstWords(LoginFailure failure, String reason, long nowNanos) {
    fail(new LoginRefusal(failure, firstRefusal, reason), nowNanos);
  }

  /** The login failed, unless the directory's answer that led to it is an old one (rule B1.10). */
  private void fail(LoginRefusal refusal, long nowNanos) {
    hangUp();
    if (!who.doubts(refusal, nowNanos)) {
      conclude(refusal, nowNanos);
    }
  }

  /** The login failed for good; the client hears it now, or after the time that a guess costs. */
  private void conclude(LoginRefusal refusal, long nowNanos) {
    hangUp();
    long delayNanos =
        refusal.failure() == LoginFailure.BAD_CREDENTIALS
            ? guard.rejected(judgeOf(refusal), nowNanos)
            : 0;
    if (delayNanos <= 0) {
      refuse(refusal, nowNanos);
      return;
    }
    delayed = refusal;
    timeline.enter(SessionState.DELAYING, nowNanos);
    untilNanos = nowNanos + delayNanos;
  }

  private SessionGuard.Judge judgeOf(LoginRefusal refusal) {
    if (refusal.answer() != null) {
      return SessionGuard.Judge.STORE;
    }
    return timeline.state() == SessionState.BINDING
        ? SessionGuard.Judge.DIRECTORY
        : SessionGuard.Judge.NOBODY;
  }

  private void refuse(LoginRefusal refusal, long nowNanos) {
    timeline.enter(SessionState.NOT_AUTHENTICATED, nowNanos);
    over = true;
    report(refusal.failure(), refusal.reason());
    credentials.secret().clear();
    guard.release();
    session.client().refused(refusal, nowNanos);
  }

  private LoginReport report(@Nullable LoginFailure failure, String why) {
    StoreSearch done = search;
    LoginReport report =
        new LoginReport(
            session.id(),
            seen,
            frontEnd.protocol().service(),
            who.login(),
            credentials.forAnother() ? credentials.authcid() : "",
            failure,
            done == null ? "" : done.group().name(),
            lastHost,
            why,
            attempts,
            done == null ? 0 : done.hops(),
            readOnly,
            timeline.spent());
    frontEnd.listener().loginEnded(report);
    return report;
  }

  private void hangUp() {
    if (attempt != null) {
      session.steps().add(new SessionStep.HangUp());
      attempt = null;
    }
  }

  private StoreSearch search() {
    return Objects.requireNonNull(search, "no group was entered");
  }
}
