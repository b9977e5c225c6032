package org.openmmp.proxy.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.Directory.BindResult;
import org.openmmp.directory.LookupResult;
import org.openmmp.repgroup.AttemptOutcome;

/**
 * One client from accept to close: its dialogue, its logins, and then the relaying.
 *
 * <pre>
 * GREETING          → NOT_AUTHENTICATED
 * NOT_AUTHENTICATED → STARTING_TLS → NOT_AUTHENTICATED
 * NOT_AUTHENTICATED → HELD_BACK? → LOOKING_UP → BINDING? → (WAITING | CONNECTING → LOGGING_IN)* → RELAYING
 * any of a login    → DELAYING? → NOT_AUTHENTICATED
 * any               → CLOSED
 * </pre>
 *
 * <p>Events give steps, which the adapter carries out in order; then it asks {@link #deadlineNanos}
 * and calls {@link #onTick} at that time. Late answers are told from current ones by ticket and by
 * attempt, and are ignored. After the hand-over nothing of the login is kept but its report.
 */
public final class FrontEndSession {
  private final FrontEnd frontEnd;
  private final Timeline timeline;
  private final SessionGuard guard;
  private ClientFacts client;
  private @Nullable ClientDialogue dialogue;
  private @Nullable LoginFlow flow;
  private @Nullable Attempt attempt;
  private LoginStep.@Nullable Fail pending;
  private @Nullable LoginReport acceptedLogin;
  private long deadlineNanos;
  private int ticket;

  /** A session for a client that was just accepted. */
  public FrontEndSession(FrontEnd frontEnd, ClientFacts client, long nowNanos) {
    this.frontEnd = frontEnd;
    this.client = client;
    this.timeline = new Timeline(nowNanos);
    this.guard = new SessionGuard(frontEnd.guards());
    this.deadlineNanos = nowNanos + frontEnd.beforeLogin().toNanos();
  }

  /**
   * The connection stands, under TLS if it is implicit.
   *
   * @param certificateName what the client's verified certificate maps to; empty if none
   */
  public List<SessionStep> onOpen(String certificateName, long nowNanos) {
    if (client.tls()) {
      client = client.underTls(certificateName);
    }
    dialogue = frontEnd.protocol().withClient(client);
    frontEnd.listener().opened(new SessionStart(frontEnd.protocol().service(), client));
    timeline.enter(SessionState.NOT_AUTHENTICATED, nowNanos);
    return clientSteps(dialogue().onOpen(), nowNanos);
  }

  /** Bytes from the client, before the hand-over. */
  public List<SessionStep> onClientBytes(byte[] octets, long nowNanos) {
    return state() == SessionState.CLOSED
        ? List.of()
        : clientSteps(dialogue().onBytes(octets), nowNanos);
  }

  /**
   * The client's TLS handshake is done.
   *
   * @param certificateName what its verified certificate maps to; empty if none
   */
  public List<SessionStep> onClientTls(String certificateName, long nowNanos) {
    client = client.underTls(certificateName);
    timeline.enter(SessionState.NOT_AUTHENTICATED, nowNanos);
    return clientSteps(dialogue().onTls(client), nowNanos);
  }

  /** The directory answered the look-up of that ticket. */
  public List<SessionStep> onLookup(
      LookupResult result, int itsTicket, long nowNanos, double random) {
    if (state() != SessionState.LOOKING_UP || itsTicket != ticket) {
      return List.of();
    }
    guard.lookedUp(nowNanos);
    return loginStep(flow().onLookup(result, nowNanos), nowNanos, random);
  }

  /** The directory answered the bind of that ticket. */
  public List<SessionStep> onBind(BindResult result, int itsTicket, long nowNanos, double random) {
    return state() == SessionState.BINDING && itsTicket == ticket
        ? loginStep(flow().onBind(result, nowNanos), nowNanos, random)
        : List.of();
  }

  /** The store of that attempt greeted. */
  public void onGreeted(Attempt by, long nowNanos) {
    if (by.equals(attempt) && state() == SessionState.CONNECTING) {
      flow().onGreeted(nowNanos);
      timeline.enter(SessionState.LOGGING_IN, nowNanos);
      deadlineNanos = nowNanos + by.access().answerTimeout().toNanos();
    }
  }

  /** The store of that attempt answered, or the attempt failed as the answer tells. */
  public List<SessionStep> onStoreAnswer(
      Attempt by, StoreAnswer answer, long nowNanos, double random) {
    return by.equals(attempt)
        ? loginStep(flow().onStoreAnswer(answer, nowNanos, random), nowNanos, random)
        : List.of();
  }

  /** Something changed in the group that the session waits for. */
  public List<SessionStep> onWake(long nowNanos, double random) {
    return state() == SessionState.WAITING
        ? loginStep(flow().onWake(nowNanos), nowNanos, random)
        : List.of();
  }

  /** When to call {@link #onTick}, in the clock of the events. */
  public long deadlineNanos() {
    return flow != null
            && flow.deadlineNanos() - deadlineNanos < 0
            && state() != SessionState.DELAYING
            && state() != SessionState.HELD_BACK
        ? flow.deadlineNanos()
        : deadlineNanos;
  }

  /** A deadline may have passed. */
  public List<SessionStep> onTick(long nowNanos, double random) {
    if (nowNanos - deadlineNanos() < 0) {
      return List.of();
    }
    return switch (state()) {
      case GREETING, NOT_AUTHENTICATED, STARTING_TLS -> end(Farewell.IDLE, nowNanos);
      case HELD_BACK -> lookUp(nowNanos, random);
      case DELAYING -> refuse(nowNanos);
      case WAITING ->
          loginDeadlinePassed(nowNanos) ? expire(nowNanos, random) : onWake(nowNanos, random);
      case LOOKING_UP, BINDING -> expire(nowNanos, random);
      case CONNECTING, LOGGING_IN ->
          loginDeadlinePassed(nowNanos)
              ? expire(nowNanos, random)
              : attemptTimedOut(nowNanos, random);
      case RELAYING, CLOSED -> List.of();
    };
  }

  /** The client went away before the hand-over, or the adapter closed it. */
  public List<SessionStep> onClientClosed(String reason, long nowNanos) {
    if (state() == SessionState.CLOSED) {
      return List.of();
    }
    List<SessionStep> steps = new ArrayList<>();
    stopLogin(steps, nowNanos);
    close(0, 0, reason, nowNanos);
    return steps;
  }

  /** Ends the session with the protocol's words, before the hand-over. */
  public List<SessionStep> end(Farewell why, long nowNanos) {
    if (state() == SessionState.CLOSED) {
      return List.of();
    }
    List<SessionStep> steps = new ArrayList<>();
    if (dialogue != null) {
      steps.add(new SessionStep.Write(dialogue.farewell(why)));
    }
    stopLogin(steps, nowNanos);
    String reason = why.name().toLowerCase(Locale.ROOT);
    steps.add(new SessionStep.Close(reason));
    close(0, 0, reason, nowNanos);
    return steps;
  }

  /** The spliced session is over. */
  public void onRelayEnd(long bytesFromClient, long bytesToClient, String reason, long nowNanos) {
    if (state() == SessionState.RELAYING) {
      close(bytesFromClient, bytesToClient, reason, nowNanos);
    }
  }

  /** Whether more of the client's bytes are wanted now. */
  public boolean wantsClientBytes() {
    return switch (state()) {
      case GREETING, NOT_AUTHENTICATED -> true;
      case STARTING_TLS,
          HELD_BACK,
          LOOKING_UP,
          BINDING,
          WAITING,
          CONNECTING,
          LOGGING_IN,
          DELAYING,
          RELAYING,
          CLOSED ->
          false;
    };
  }

  /** What the session waits for. */
  public SessionState state() {
    return timeline.state();
  }

  private List<SessionStep> clientSteps(List<ClientStep> wanted, long nowNanos) {
    List<SessionStep> steps = new ArrayList<>(wanted.size() + 1);
    for (ClientStep each : wanted) {
      if (each instanceof ClientStep.Send send) {
        steps.add(new SessionStep.Write(send.octets()));
      } else if (each instanceof ClientStep.StartTls) {
        timeline.enter(SessionState.STARTING_TLS, nowNanos);
        steps.add(new SessionStep.StartTls());
      } else if (each instanceof ClientStep.LogIn logIn) {
        steps.addAll(beginLogin(logIn.credentials(), nowNanos));
      } else if (each instanceof ClientStep.Close close) {
        steps.add(new SessionStep.Close(close.reason()));
        close(0, 0, close.reason(), nowNanos);
      }
    }
    return steps;
  }

  private List<SessionStep> beginLogin(Credentials credentials, long nowNanos) {
    timeline.enter(SessionState.HELD_BACK, nowNanos);
    timeline.clear();
    ClientFacts seen = dialogue().seenAs(client);
    flow = new LoginFlow(frontEnd, credentials, seen, nowNanos);
    long delayNanos = guard.begin(credentials, seen, nowNanos);
    if (delayNanos < 0) {
      pending = new LoginStep.Fail(LoginFailure.OVER_LIMIT, null, "over the login rate");
      return refuse(nowNanos);
    }
    deadlineNanos = nowNanos + delayNanos;
    return delayNanos > 0 ? List.of() : lookUp(nowNanos, 0);
  }

  private List<SessionStep> lookUp(long nowNanos, double random) {
    timeline.enter(SessionState.LOOKING_UP, nowNanos);
    deadlineNanos = flow().deadlineNanos();
    return loginStep(flow().start(), nowNanos, random);
  }

  private List<SessionStep> loginStep(LoginStep wanted, long nowNanos, double random) {
    List<SessionStep> steps = new ArrayList<>(2);
    if (!(wanted instanceof LoginStep.HandOver)) {
      leaveStore(steps);
    }
    if (wanted instanceof LoginStep.LookUp lookUp) {
      steps.add(new SessionStep.LookUp(lookUp.request(), ++ticket));
    } else if (wanted instanceof LoginStep.Bind bind) {
      timeline.enter(SessionState.BINDING, nowNanos);
      steps.add(new SessionStep.Bind(bind.user(), flow().credentials().secret(), ++ticket));
    } else if (wanted instanceof LoginStep.Await await) {
      timeline.enter(SessionState.WAITING, nowNanos);
      deadlineNanos = await.untilNanos();
      steps.add(new SessionStep.Await(await.registration()));
    } else if (wanted instanceof LoginStep.Dial dial) {
      steps.addAll(dial(dial.attempt(), nowNanos, random));
    } else if (wanted instanceof LoginStep.HandOver handOver) {
      steps.add(handOver(handOver.answer(), nowNanos));
    } else if (wanted instanceof LoginStep.Fail fail) {
      steps.addAll(fail(fail, nowNanos, random));
    }
    return steps;
  }

  private List<SessionStep> dial(Attempt next, long nowNanos, double random) {
    if (!guard.admitsSession(flow().login())) {
      flow().abandon(nowNanos);
      return fail(
          new LoginStep.Fail(LoginFailure.OVER_LIMIT, null, "too many sessions of this user"),
          nowNanos,
          random);
    }
    attempt = next;
    timeline.enter(SessionState.CONNECTING, nowNanos);
    deadlineNanos =
        nowNanos
            + next.access().connectTimeout().toNanos()
            + next.access().greetingTimeout().toNanos();
    return List.of(new SessionStep.Dial(next));
  }

  private SessionStep handOver(StoreAnswer answer, long nowNanos) {
    SessionStep step = new SessionStep.HandOver(dialogue().accept(answer), dialogue().leftOver());
    timeline.enter(SessionState.RELAYING, nowNanos);
    acceptedLogin = report(null, attempt == null ? "" : attempt.why());
    frontEnd.listener().loginEnded(acceptedLogin);
    guard.accepted();
    flow().credentials().secret().clear();
    flow = null;
    attempt = null;
    dialogue = null;
    return step;
  }

  private List<SessionStep> fail(LoginStep.Fail failure, long nowNanos, double random) {
    pending = failure;
    long delayNanos =
        failure.failure() == LoginFailure.BAD_CREDENTIALS
            ? guard.rejected(failure.answer() != null, nowNanos, random)
            : 0;
    timeline.enter(SessionState.DELAYING, nowNanos);
    deadlineNanos = nowNanos + delayNanos;
    return delayNanos > 0 ? List.of() : refuse(nowNanos);
  }

  private List<SessionStep> refuse(long nowNanos) {
    LoginStep.Fail failure = Objects.requireNonNull(pending, "no refusal is due");
    timeline.enter(SessionState.NOT_AUTHENTICATED, nowNanos);
    frontEnd.listener().loginEnded(report(failure.failure(), failure.reason()));
    flow().credentials().secret().clear();
    guard.release();
    pending = null;
    flow = null;
    deadlineNanos = nowNanos + frontEnd.beforeLogin().toNanos();
    return clientSteps(dialogue().refuse(failure.failure(), failure.answer()), nowNanos);
  }

  private List<SessionStep> expire(long nowNanos, double random) {
    return loginStep(flow().onDeadline(nowNanos), nowNanos, random);
  }

  private List<SessionStep> attemptTimedOut(long nowNanos, double random) {
    String waitedFor = state() == SessionState.CONNECTING ? "greeting" : "answer to the login";
    StoreAnswer answer =
        StoreAnswer.failed(AttemptOutcome.UNREACHABLE, "no " + waitedFor + " in time");
    return loginStep(flow().onStoreAnswer(answer, nowNanos, random), nowNanos, random);
  }

  private boolean loginDeadlinePassed(long nowNanos) {
    return nowNanos - flow().deadlineNanos() >= 0;
  }

  private LoginReport report(@Nullable LoginFailure failure, String why) {
    return new LoginReport(
        client.sessionId(),
        frontEnd.protocol().service(),
        flow().login(),
        failure,
        flow().groupName(),
        flow().lastHost(),
        why,
        flow().attempts(),
        flow().hops(),
        flow().readOnly(),
        timeline.spent());
  }

  private void leaveStore(List<SessionStep> steps) {
    if (attempt != null) {
      steps.add(new SessionStep.HangUp());
      attempt = null;
    }
  }

  private void stopLogin(List<SessionStep> steps, long nowNanos) {
    leaveStore(steps);
    if (flow != null) {
      flow.abandon(nowNanos);
      flow.credentials().secret().clear();
    }
  }

  private void close(long fromClient, long toClient, String reason, long nowNanos) {
    timeline.enter(SessionState.CLOSED, nowNanos);
    guard.release();
    dialogue = null;
    flow = null;
    frontEnd
        .listener()
        .closed(
            new SessionEnd(
                frontEnd.protocol().service(),
                client,
                acceptedLogin,
                fromClient,
                toClient,
                timeline.sinceOpenNanos(nowNanos),
                reason));
  }

  private ClientDialogue dialogue() {
    return Objects.requireNonNull(dialogue, "the dialogue is over");
  }

  private LoginFlow flow() {
    return Objects.requireNonNull(flow, "no login is under way");
  }
}
