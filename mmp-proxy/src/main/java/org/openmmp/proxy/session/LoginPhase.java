package org.openmmp.proxy.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.Directory.BindResult;
import org.openmmp.directory.LookupResult;
import org.openmmp.routing.StoreAccess;

/**
 * The logins of one session, one at a time, from a client's credentials to an end: held back,
 * looked up, perhaps bound, tried at stores, and perhaps delayed before its refusal.
 *
 * <p>It keeps the state of the session while a login is under way. Late answers are told from
 * current ones by ticket and by attempt, and are ignored.
 */
final class LoginPhase {
  /** Where a login's end is told to the client. */
  interface Ending {
    /** It was accepted: the step that joins client and store. */
    SessionStep accepted(StoreAnswer answer, LoginReport report, long nowNanos);

    /** It was refused. */
    void refused(LoginStep.Fail why, long nowNanos);
  }

  private final FrontEnd frontEnd;
  private final String sessionId;
  private final Timeline timeline;
  private final Ending ending;
  private final SessionGuard guard;
  private @Nullable LoginFlow flow;
  private @Nullable Attempt attempt;
  private LoginStep.@Nullable Fail pending;
  private long deadlineNanos;
  private int ticket;

  LoginPhase(FrontEnd frontEnd, String sessionId, Timeline timeline, Ending ending) {
    this.frontEnd = frontEnd;
    this.sessionId = sessionId;
    this.timeline = timeline;
    this.ending = ending;
    this.guard = new SessionGuard(frontEnd.guards());
  }

  /**
   * A login begins.
   *
   * @param seen the client as stores and the directory shall hear of it
   */
  List<SessionStep> begin(Credentials credentials, ClientFacts seen, long nowNanos) {
    timeline.enter(SessionState.HELD_BACK, nowNanos);
    timeline.clear();
    flow = new LoginFlow(frontEnd, credentials, seen, nowNanos);
    long delayNanos = guard.begin(credentials, seen, nowNanos);
    if (delayNanos < 0) {
      refuse(new LoginStep.Fail(LoginFailure.OVER_LIMIT, null, "over the login rate"), nowNanos);
      return List.of();
    }
    deadlineNanos = nowNanos + delayNanos;
    return delayNanos > 0 ? List.of() : lookUp(nowNanos);
  }

  List<SessionStep> onLookup(LookupResult result, int itsTicket, long nowNanos, double random) {
    if (state() != SessionState.LOOKING_UP || itsTicket != ticket) {
      return List.of();
    }
    guard.lookedUp(nowNanos);
    return obey(flow().onLookup(result, nowNanos), nowNanos, random);
  }

  List<SessionStep> onBind(BindResult result, int itsTicket, long nowNanos, double random) {
    return state() == SessionState.BINDING && itsTicket == ticket
        ? obey(flow().onBind(result, nowNanos), nowNanos, random)
        : List.of();
  }

  void onGreeted(Attempt by, long nowNanos) {
    if (by.equals(attempt) && state() == SessionState.CONNECTING) {
      flow().onGreeted(nowNanos);
      timeline.enter(SessionState.LOGGING_IN, nowNanos);
      deadlineNanos = nowNanos + by.access().answerTimeout().toNanos();
    }
  }

  List<SessionStep> onStoreAnswer(Attempt by, StoreAnswer answer, long nowNanos, double random) {
    return by.equals(attempt)
        ? obey(flow().onStoreAnswer(answer, nowNanos, random), nowNanos, random)
        : List.of();
  }

  List<SessionStep> onWake(long nowNanos, double random) {
    return state() == SessionState.WAITING
        ? obey(flow().onWake(nowNanos), nowNanos, random)
        : List.of();
  }

  /** Whether the session's state is one of a login. */
  boolean underWay() {
    return flow != null;
  }

  /** When to call {@link #onTick}; only while a login is under way. */
  long deadlineNanos() {
    boolean waitsForItself = state() == SessionState.HELD_BACK || state() == SessionState.DELAYING;
    long ofLogin = flow().deadlineNanos();
    return waitsForItself || ofLogin - deadlineNanos >= 0 ? deadlineNanos : ofLogin;
  }

  /** A deadline of the login passed. */
  List<SessionStep> onTick(long nowNanos, double random) {
    return switch (state()) {
      case HELD_BACK -> lookUp(nowNanos);
      case DELAYING -> {
        refuse(Objects.requireNonNull(pending, "no refusal is due"), nowNanos);
        yield List.of();
      }
      case WAITING -> onWake(nowNanos, random);
      case LOOKING_UP, BINDING, CONNECTING ->
          obey(flow().onTimeout("greeting", nowNanos, random), nowNanos, random);
      case LOGGING_IN ->
          obey(flow().onTimeout("answer to the login", nowNanos, random), nowNanos, random);
      case GREETING, NOT_AUTHENTICATED, STARTING_TLS, RELAYING, CLOSED -> List.of();
    };
  }

  /**
   * The session is over: leaves the store, forgets the secret and gives every place back. A refusal
   * that waited for its time is reported though nobody is there to hear it.
   */
  List<SessionStep> end(long nowNanos) {
    List<SessionStep> steps = new ArrayList<>(1);
    leaveStore(steps);
    LoginFlow unfinished = flow;
    if (unfinished != null) {
      unfinished.abandon(nowNanos);
      unfinished.credentials().secret().clear();
      if (pending != null) {
        report(unfinished, pending);
      }
    }
    flow = null;
    pending = null;
    guard.release();
    return steps;
  }

  private List<SessionStep> lookUp(long nowNanos) {
    timeline.enter(SessionState.LOOKING_UP, nowNanos);
    deadlineNanos = flow().deadlineNanos();
    return List.of(new SessionStep.LookUp(flow().request(), ++ticket));
  }

  private List<SessionStep> obey(LoginStep wanted, long nowNanos, double random) {
    if (wanted instanceof LoginStep.HandOver handOver) {
      return List.of(handOver(handOver.answer(), nowNanos));
    }
    List<SessionStep> steps = new ArrayList<>(2);
    leaveStore(steps);
    if (wanted instanceof LoginStep.Bind bind) {
      timeline.enter(SessionState.BINDING, nowNanos);
      steps.add(new SessionStep.Bind(bind.user(), flow().credentials().secret(), ++ticket));
    } else if (wanted instanceof LoginStep.Await await) {
      timeline.enter(SessionState.WAITING, nowNanos);
      deadlineNanos = await.untilNanos();
      steps.add(new SessionStep.Await(await.registration()));
    } else if (wanted instanceof LoginStep.Dial dial) {
      dial(dial.attempt(), steps, nowNanos, random);
    } else if (wanted instanceof LoginStep.Fail fail) {
      fail(fail, nowNanos, random);
    }
    return steps;
  }

  private void dial(Attempt next, List<SessionStep> steps, long nowNanos, double random) {
    if (!guard.admitsSession(flow().login())) {
      flow().abandon(nowNanos);
      fail(
          new LoginStep.Fail(LoginFailure.OVER_LIMIT, null, "too many sessions of this user"),
          nowNanos,
          random);
      return;
    }
    attempt = next;
    timeline.enter(SessionState.CONNECTING, nowNanos);
    StoreAccess access = next.access();
    deadlineNanos = nowNanos + access.connectTimeout().plus(access.greetingTimeout()).toNanos();
    steps.add(new SessionStep.Dial(next));
  }

  private SessionStep handOver(StoreAnswer answer, long nowNanos) {
    LoginFlow done = flow();
    String why = attempt == null ? "" : attempt.why();
    timeline.enter(SessionState.RELAYING, nowNanos);
    LoginReport report = done.report(sessionId, null, why, timeline.spent());
    frontEnd.listener().loginEnded(report);
    guard.accepted();
    done.credentials().secret().clear();
    flow = null;
    attempt = null;
    return ending.accepted(answer, report, nowNanos);
  }

  private void fail(LoginStep.Fail failure, long nowNanos, double random) {
    long delayNanos =
        failure.failure() == LoginFailure.BAD_CREDENTIALS
            ? guard.rejected(failure.answer() != null, nowNanos, random)
            : 0;
    if (delayNanos <= 0) {
      refuse(failure, nowNanos);
      return;
    }
    timeline.enter(SessionState.DELAYING, nowNanos);
    deadlineNanos = nowNanos + delayNanos;
    pending = failure;
  }

  private void refuse(LoginStep.Fail failure, long nowNanos) {
    LoginFlow done = flow();
    timeline.enter(SessionState.NOT_AUTHENTICATED, nowNanos);
    report(done, failure);
    done.credentials().secret().clear();
    guard.release();
    flow = null;
    pending = null;
    ending.refused(failure, nowNanos);
  }

  private void leaveStore(List<SessionStep> steps) {
    if (attempt != null) {
      steps.add(new SessionStep.HangUp());
      attempt = null;
    }
  }

  private void report(LoginFlow done, LoginStep.Fail failure) {
    frontEnd
        .listener()
        .loginEnded(done.report(sessionId, failure.failure(), failure.reason(), timeline.spent()));
  }

  private SessionState state() {
    return timeline.state();
  }

  private LoginFlow flow() {
    return Objects.requireNonNull(flow, "no login is under way");
  }
}
