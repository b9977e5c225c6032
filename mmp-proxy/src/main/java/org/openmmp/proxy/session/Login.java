package org.openmmp.proxy.session;

import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.LookupResult;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.routing.Timeline;

/**
 * One login from the client's credentials to the hand-over or the refusal: held back, identified,
 * tried at stores, and perhaps delayed before its refusal.
 *
 * <p>Exactly one thing is under way at a time, and the session's state says which: {@link
 * Identification} finds out whose mailbox it is, {@link LoginAttempts} go to the stores. Events add
 * steps to the session's.
 */
final class Login {
  private final LoginSession session;
  private final FrontEnd frontEnd;
  private final Timeline<SessionState> timeline;
  private final SessionGuard guard;
  private final Credentials credentials;
  private final ClientFacts seen;
  private final long deadlineNanos;

  /** Of being held back, or delayed. */
  private long untilNanos;

  private final Identification who;
  private final LoginAttempts attempts;
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
    this.seen = seen;
    UnaryOperator<String> identity = typed -> Identification.identityOf(typed, frontEnd);
    this.credentials = given.asMeant(frontEnd.login().masterUserSeparator(), identity);
    this.deadlineNanos = nowNanos + frontEnd.login().deadline().toNanos();
    this.who =
        new Identification(
            session, credentials, seen, deadlineNanos, () -> over, this::tryStores, this::conclude);
    this.attempts =
        new LoginAttempts(session, credentials, seen, deadlineNanos, this::fail, this::handOver);
    if (session.goesOn()) {
      guard.goesOn(credentials.authcid(), seen, nowNanos);
    } else {
      guard.begin(credentials, seen, identity, nowNanos);
    }
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
      case WAITING, LOGGING_IN -> earlier(attempts.untilNanos());
      case CONNECTING -> earlier(attempts.lookNanos());
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

  private long earlier(long nanos) {
    return deadlineNanos - nanos >= 0 ? nanos : deadlineNanos;
  }

  /** A deadline of the login passed. */
  void onTick(long nowNanos, double random) {
    switch (timeline.state()) {
      case HELD_BACK -> holdBack(nowNanos);
      case DELAYING -> refuse(Objects.requireNonNull(delayed, "no refusal is due"), nowNanos);
      case WAITING -> attempts.advance(nowNanos);
      case LOOKING_UP, BINDING -> conclude(who.late(), nowNanos);
      case CONNECTING -> attempts.onNoGreeting(nowNanos, random);
      case LOGGING_IN -> attempts.onTimeout("answer to the login", nowNanos, random);
      case GREETING, NOT_AUTHENTICATED, STARTING_TLS, CHALLENGED, RELAYING, CLOSED -> {}
    }
  }

  /** Something changed in the group that the login waits for. */
  void onWake(long nowNanos) {
    if (!over && timeline.state() == SessionState.WAITING) {
      attempts.advance(nowNanos);
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
    attempts.hangUp();
    if (!over) {
      over = true;
      attempts.abandon(nowNanos);
      credentials.secret().clear();
      if (delayed != null) {
        report(delayed.failure(), delayed.reason());
      }
    }
    release();
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

  /** What stores say goes there; what comes too late changes nothing. */
  LoginAttempts attempts() {
    return attempts;
  }

  private void tryStores(LookupResult found, long nowNanos) {
    attempts.begin(found, who.login(), nowNanos);
  }

  // ---- how it ends

  private void handOver(StoreAnswer answer, long nowNanos) {
    timeline.enter(SessionState.RELAYING, nowNanos);
    over = true;
    LoginReport report = report(null, attempts.why());
    guard.accepted(attempts.readOnly(), nowNanos);
    credentials.secret().clear();
    session.accepted(answer, report, attempts.handOver(nowNanos));
  }

  /** The login failed, unless the directory's answer that led to it is an old one (rule B1.10). */
  private void fail(LoginRefusal refusal, long nowNanos) {
    if (!who.doubts(refusal, nowNanos)) {
      conclude(refusal, nowNanos);
    }
  }

  /** The login failed for good; the client hears it now, or after the time that a guess costs. */
  private void conclude(LoginRefusal refusal, long nowNanos) {
    attempts.hangUp();
    long delayNanos =
        refusal.failure() == LoginFailure.BAD_CREDENTIALS
            ? guard.rejected(judgeOf(refusal), nowNanos)
            : 0;
    LoginRefusal told = LoginRules.duringRecovery(refusal, recovery());
    if (delayNanos <= 0) {
      refuse(told, nowNanos);
      return;
    }
    delayed = told;
    timeline.enter(SessionState.DELAYING, nowNanos);
    untilNanos = nowNanos + delayNanos;
  }

  /** What is being restored of this mailbox; empty if nothing is. */
  private String recovery() {
    return frontEnd.routing().get().recovery().of(attempts.group(), who.login());
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
    release();
    session.refused(refusal, nowNanos);
  }

  /** A session that goes on keeps its place. */
  private void release() {
    if (!session.goesOn()) {
      guard.release();
    }
  }

  private LoginReport report(@Nullable LoginFailure failure, String why) {
    LoginReport report =
        new LoginReport(
            session.id(),
            seen,
            frontEnd.protocol().service(),
            who.login(),
            who.entry(),
            credentials.forAnother() ? credentials.authcid() : "",
            failure,
            attempts.group(),
            attempts.host(),
            why,
            attempts.count(),
            attempts.hops(),
            attempts.readOnly(),
            attempts.hedge(),
            timeline.spentNanos());
    frontEnd.listener().loginEnded(report);
    return report;
  }
}
