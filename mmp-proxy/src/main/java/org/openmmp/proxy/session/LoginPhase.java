package org.openmmp.proxy.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.Directory.BindResult;
import org.openmmp.directory.LookupRequest;
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
  private final FrontEnd frontEnd;
  private final Timeline timeline;
  private final SessionGuard guard;
  private final LoginEndings endings;
  private @Nullable LoginFlow flow;
  private @Nullable LoginAttempt attempt;
  private long deadlineNanos;
  private int ticket;

  LoginPhase(FrontEnd frontEnd, String sessionId, Timeline timeline, LoginEndings.Client client) {
    this.frontEnd = frontEnd;
    this.timeline = timeline;
    this.guard = new SessionGuard(frontEnd.guards());
    this.endings = new LoginEndings(frontEnd.listener(), sessionId, timeline, guard, client);
  }

  /**
   * A login begins.
   *
   * @param seen the client as stores and the directory shall hear of it
   */
  List<SessionStep> begin(Credentials credentials, ClientFacts seen, long nowNanos) {
    timeline.enter(SessionState.HELD_BACK, nowNanos);
    timeline.clear();
    UnaryOperator<String> identity =
        name -> frontEnd.directory().identityOf(name, frontEnd.defaultDomain());
    Credentials meant = credentials.asMeant(frontEnd.login().masterUserSeparator(), identity);
    guard.begin(meant, seen, identity, nowNanos);
    flow = new LoginFlow(frontEnd, meant, seen, guard.caller(), nowNanos);
    return holdBack(nowNanos);
  }

  List<SessionStep> onLookup(LookupResult result, int itsTicket, long nowNanos) {
    if (state() != SessionState.LOOKING_UP || itsTicket != ticket) {
      return List.of();
    }
    return obey(flow().onLookup(result, nowNanos), nowNanos);
  }

  List<SessionStep> onBind(BindResult result, int itsTicket, long nowNanos) {
    return state() == SessionState.BINDING && itsTicket == ticket
        ? obey(flow().onBind(result, nowNanos), nowNanos)
        : List.of();
  }

  void onClientFinished() {
    guard.clientFinished();
  }

  void onProgress(LoginAttempt by, StoreProgress reached, long nowNanos) {
    boolean expected =
        reached == StoreProgress.NAMED
            ? state() == SessionState.LOGGING_IN
            : state() == SessionState.CONNECTING;
    if (!by.equals(attempt) || !expected) {
      return;
    }
    flow().onProgress(by, reached, nowNanos);
    switch (reached) {
      case CONNECTED -> deadlineNanos = nowNanos + by.access().greetingTimeout().toNanos();
      case GREETED -> {
        timeline.enter(SessionState.LOGGING_IN, nowNanos);
        deadlineNanos = nowNanos + by.access().answerTimeout().toNanos();
      }
      case NAMED -> {}
    }
  }

  List<SessionStep> onChallenge(LoginAttempt by, byte[] base64, long nowNanos, double random) {
    if (!by.equals(attempt)) {
      return List.of();
    }
    LoginStep instead = flow().onChallenge(nowNanos, random);
    if (instead != null) {
      return obey(instead, nowNanos);
    }
    guard.asked();
    timeline.enter(SessionState.CHALLENGED, nowNanos);
    deadlineNanos = flow().deadlineNanos();
    endings.client().challenged(base64);
    return List.of();
  }

  /** The client responded to the store's challenge. */
  List<SessionStep> respond(byte[] base64, long nowNanos) {
    LoginAttempt asking = Objects.requireNonNull(attempt, "no store asked");
    timeline.enter(SessionState.LOGGING_IN, nowNanos);
    deadlineNanos = nowNanos + asking.access().answerTimeout().toNanos();
    return List.of(new SessionStep.Respond(base64));
  }

  /** The client gave the login up. */
  List<SessionStep> giveUp(long nowNanos) {
    guard.gaveUp(nowNanos);
    List<SessionStep> steps = end(nowNanos);
    timeline.enter(SessionState.NOT_AUTHENTICATED, nowNanos);
    return steps;
  }

  List<SessionStep> onStoreAnswer(
      LoginAttempt by, StoreAnswer answer, long nowNanos, double random) {
    return by.equals(attempt)
        ? obey(flow().onStoreAnswer(answer, nowNanos, random), nowNanos)
        : List.of();
  }

  List<SessionStep> onWake(long nowNanos) {
    return state() == SessionState.WAITING ? obey(flow().onWake(nowNanos), nowNanos) : List.of();
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
      case HELD_BACK -> holdBack(nowNanos);
      case DELAYING -> {
        refuse(endings.due(), nowNanos);
        yield List.of();
      }
      case WAITING -> onWake(nowNanos);
      case LOOKING_UP, BINDING, CONNECTING ->
          obey(flow().onTimeout("greeting", nowNanos, random), nowNanos);
      case LOGGING_IN -> obey(flow().onTimeout("answer to the login", nowNanos, random), nowNanos);
      case GREETING, NOT_AUTHENTICATED, STARTING_TLS, CHALLENGED, RELAYING, CLOSED -> List.of();
    };
  }

  /**
   * The session is over: leaves the store, forgets the secret and gives every place back. A refusal
   * that waited for its time is reported though nobody is there to hear it.
   */
  List<SessionStep> end(long nowNanos) {
    List<SessionStep> steps = new ArrayList<>(1);
    leaveStore(steps);
    if (flow != null) {
      endings.broken(flow, nowNanos);
    }
    flow = null;
    guard.release();
    return steps;
  }

  private List<SessionStep> holdBack(long nowNanos) {
    long delayNanos = guard.holdBack(nowNanos);
    if (delayNanos < 0) {
      refuse(new LoginStep.Fail(LoginFailure.OVER_LIMIT, null, "over the login rate"), nowNanos);
      return List.of();
    }
    deadlineNanos = nowNanos + delayNanos;
    return delayNanos > 0 ? List.of() : ask(nowNanos);
  }

  /** The first question about the login, unless it need not be asked. */
  private List<SessionStep> ask(long nowNanos) {
    guard.asks(nowNanos);
    LoginStep.Fail unfit = flow().unfit();
    if (unfit == null) {
      return List.of(lookUp(flow().request(), nowNanos));
    }
    fail(unfit, nowNanos);
    return List.of();
  }

  private SessionStep lookUp(LookupRequest request, long nowNanos) {
    timeline.enter(SessionState.LOOKING_UP, nowNanos);
    deadlineNanos = flow().deadlineNanos();
    Duration patience = Duration.ofNanos(Math.max(0, flow().deadlineNanos() - nowNanos));
    return new SessionStep.LookUp(request.within(patience), ++ticket);
  }

  private List<SessionStep> obey(LoginStep wanted, long nowNanos) {
    if (wanted instanceof LoginStep.HandOver handOver && guard.takesSession(flow().login())) {
      return List.of(handOver(handOver.answer(), nowNanos));
    }
    List<SessionStep> steps = new ArrayList<>(2);
    leaveStore(steps);
    if (wanted instanceof LoginStep.LookUp another) {
      steps.add(lookUp(another.request(), nowNanos));
    } else if (wanted instanceof LoginStep.Bind bind) {
      timeline.enter(SessionState.BINDING, nowNanos);
      steps.add(new SessionStep.Bind(bind.user(), flow().credentials().secret(), ++ticket));
    } else if (wanted instanceof LoginStep.Await await) {
      timeline.enter(SessionState.WAITING, nowNanos);
      deadlineNanos = await.untilNanos();
      steps.add(new SessionStep.Await(await.registration()));
    } else if (wanted instanceof LoginStep.Dial dial) {
      dial(dial.attempt(), steps, nowNanos);
    } else if (wanted instanceof LoginStep.Fail fail) {
      fail(fail, nowNanos);
    } else if (wanted instanceof LoginStep.HandOver) {
      fail(overSessions(nowNanos), nowNanos);
    }
    return steps;
  }

  private void dial(LoginAttempt next, List<SessionStep> steps, long nowNanos) {
    if (!guard.hasRoomFor(flow().login())) {
      fail(overSessions(nowNanos), nowNanos);
      return;
    }
    attempt = next;
    timeline.enter(SessionState.CONNECTING, nowNanos);
    StoreAccess access = next.access();
    deadlineNanos = nowNanos + access.connectTimeout().plus(access.greetingTimeout()).toNanos();
    steps.add(new SessionStep.Dial(next));
  }

  private LoginStep.Fail overSessions(long nowNanos) {
    flow().abandon(nowNanos);
    return new LoginStep.Fail(LoginFailure.OVER_LIMIT, null, "too many sessions of this user");
  }

  private SessionStep handOver(StoreAnswer answer, long nowNanos) {
    LoginFlow done = flow();
    String why = attempt == null ? "" : attempt.why();
    flow = null;
    attempt = null;
    return endings.accepted(done, why, answer, nowNanos);
  }

  private void fail(LoginStep.Fail failure, long nowNanos) {
    long delayNanos = endings.delay(failure, nowNanos);
    if (delayNanos <= 0) {
      refuse(failure, nowNanos);
      return;
    }
    timeline.enter(SessionState.DELAYING, nowNanos);
    deadlineNanos = nowNanos + delayNanos;
  }

  private void refuse(LoginStep.Fail failure, long nowNanos) {
    LoginFlow done = flow();
    flow = null;
    endings.refused(done, failure, nowNanos);
  }

  private void leaveStore(List<SessionStep> steps) {
    if (attempt != null) {
      steps.add(new SessionStep.HangUp());
      attempt = null;
    }
  }

  private SessionState state() {
    return timeline.state();
  }

  private LoginFlow flow() {
    return Objects.requireNonNull(flow, "no login is under way");
  }
}
