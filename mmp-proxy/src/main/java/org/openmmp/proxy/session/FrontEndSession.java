package org.openmmp.proxy.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.CertificateIdentity;
import org.openmmp.guard.Farewell;
import org.openmmp.proxy.client.ClientDialogue;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.client.SessionStep;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.proxy.store.LoginAttempt;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.repgroup.AttemptStage;
import org.openmmp.repgroup.Service;
import org.openmmp.repgroup.Stay;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.Timeline;
import org.openmmp.wire.Mechanism;
import org.openmmp.wire.Secret;

/**
 * One client from accept to close: its dialogue, its logins, and then the relaying.
 *
 * <pre>
 * GREETING          → NOT_AUTHENTICATED
 * NOT_AUTHENTICATED → STARTING_TLS → NOT_AUTHENTICATED
 * NOT_AUTHENTICATED → HELD_BACK? → LOOKING_UP → BINDING? → (WAITING | CONNECTING → LOGGING_IN)* → RELAYING
 * LOGGING_IN        → CHALLENGED → LOGGING_IN | NOT_AUTHENTICATED
 * any of a login    → DELAYING? → NOT_AUTHENTICATED
 * any               → CLOSED
 * </pre>
 *
 * <p>Events give steps, which the adapter carries out in order; then it asks {@link #hasDeadline}
 * and calls {@link #onTick} at that time. Events that come too late are ignored. After the
 * hand-over nothing of the login is kept but its report; after the close nothing at all.
 */
public final class FrontEndSession {
  private final FrontEnd frontEnd;
  private final Timeline<SessionState> timeline;
  private final SessionGuard guard;
  private final LoginSession logins = new LoggingIn();
  private @Nullable GoingOn goingOn;
  private final Deque<SessionStep> wanted = new ArrayDeque<>(1);
  private List<SessionStep> steps = new ArrayList<>(2);
  private ClientFacts client;
  private @Nullable ClientDialogue dialogue;
  private @Nullable Login login;
  private @Nullable LoginReport acceptedLogin;
  private int loginsBegun;
  private @Nullable Stay stay;
  private long deadlineNanos;

  /** A session for a client that was just accepted. */
  public FrontEndSession(FrontEnd frontEnd, ClientFacts client, long nowNanos) {
    this.frontEnd = frontEnd;
    this.client = client;
    this.timeline = new Timeline<>(SessionState.GREETING, nowNanos);
    timeline.forget(); // only logins count their times
    this.guard = frontEnd.guards().get();
    this.deadlineNanos = nowNanos + frontEnd.beforeLogin().toNanos();
  }

  /**
   * The connection stands, under TLS if it is implicit.
   *
   * @param certificate whom the client's verified certificate stands for
   */
  public List<SessionStep> onOpen(CertificateIdentity certificate, long nowNanos) {
    if (state() != SessionState.GREETING) {
      return List.of();
    }
    if (client.tls()) {
      client = client.underTls(certificate);
    }
    ClientDialogue begun = frontEnd.protocol().withClient(client);
    dialogue = begun;
    frontEnd.listener().opened(frontEnd.protocol().service(), client);
    timeline.enter(SessionState.NOT_AUTHENTICATED, nowNanos);
    want(begun.onOpen());
    return due(nowNanos);
  }

  /** Bytes from the client, before the hand-over. */
  public List<SessionStep> onClientBytes(byte[] octets, long nowNanos) {
    if (dialogue == null) {
      return List.of();
    }
    want(dialogue.onBytes(octets));
    return due(nowNanos);
  }

  /**
   * The client's TLS handshake is done.
   *
   * @param certificate whom its verified certificate stands for
   */
  public List<SessionStep> onClientTls(CertificateIdentity certificate, long nowNanos) {
    if (state() != SessionState.STARTING_TLS) {
      return List.of();
    }
    client = client.underTls(certificate);
    timeline.enter(SessionState.NOT_AUTHENTICATED, nowNanos);
    want(dialogue().onTls(client));
    return due(nowNanos);
  }

  /** The store of that attempt came so far. */
  public List<SessionStep> onProgress(LoginAttempt by, AttemptStage reached, long nowNanos) {
    if (login != null) {
      login.attempts().onProgress(by, reached, nowNanos);
    }
    return due(nowNanos);
  }

  /** The store of that attempt, which was warmed, would be logged in to now. */
  public List<SessionStep> onReady(LoginAttempt by, long nowNanos, double random) {
    if (login != null) {
      login.attempts().onReady(by, nowNanos, random);
    }
    return due(nowNanos);
  }

  /** The store of that attempt asks the client, in base64. */
  public List<SessionStep> onChallenge(
      LoginAttempt by, byte[] base64, long nowNanos, double random) {
    if (login != null) {
      login.attempts().onChallenge(by, base64, nowNanos, random);
    }
    return due(nowNanos);
  }

  /** For so long since that attempt began nobody here had time for what its store said. */
  public void wasLate(LoginAttempt by, long nanos) {
    if (login != null) {
      login.attempts().wasLate(by, nanos);
    }
  }

  /** The store of that attempt answered, or the attempt failed as the answer tells. */
  public List<SessionStep> onStoreAnswer(
      LoginAttempt by, StoreAnswer answer, long nowNanos, double random) {
    if (login != null) {
      login.attempts().onStoreAnswer(by, answer, nowNanos, random);
    }
    return due(nowNanos);
  }

  /** Something changed in the group that the session waits for. */
  public List<SessionStep> onWake(long nowNanos) {
    if (login != null) {
      login.onWake(nowNanos);
    }
    return due(nowNanos);
  }

  /** Whether {@link #onTick} is to be called at {@link #deadlineNanos}. */
  public boolean hasDeadline() {
    return login != null || (state() != SessionState.RELAYING && state() != SessionState.CLOSED);
  }

  /** When to call {@link #onTick}, in the clock of the events; if not, of no meaning. */
  public long deadlineNanos() {
    return login != null ? login.deadlineNanos() : deadlineNanos;
  }

  /** Whether the client's time is over, so that {@link #onTick} would end the session. */
  public boolean endsByDeadline(long nowNanos) {
    return goingOn == null && state().awaitsClient() && nowNanos - deadlineNanos() >= 0;
  }

  /** A deadline may have passed. */
  public List<SessionStep> onTick(long nowNanos, double random) {
    if (nowNanos - deadlineNanos() < 0) {
      return List.of();
    }
    if (endsByDeadline(nowNanos)) {
      return end(Farewell.IDLE, nowNanos);
    }
    return switch (goingOn == null ? state() : goingOn.timeline().state()) {
      case GREETING, NOT_AUTHENTICATED, STARTING_TLS, CHALLENGED, RELAYING, CLOSED -> List.of();
      case HELD_BACK, LOOKING_UP, BINDING, WAITING, CONNECTING, LOGGING_IN, DELAYING -> {
        login().onTick(nowNanos, random);
        yield due(nowNanos);
      }
    };
  }

  /** The client sends no more; it may wait for what it has asked, or be gone. */
  public void onClientFinished() {
    guard.clientFinished();
  }

  /** The client went away before the hand-over, or the adapter closed it. */
  public List<SessionStep> onClientClosed(String reason, long nowNanos) {
    if (state() != SessionState.CLOSED) {
      close(0, 0, reason, nowNanos);
    }
    return due(nowNanos);
  }

  /** Ends the session with the protocol's words, before the hand-over. */
  public List<SessionStep> end(Farewell why, long nowNanos) {
    if (state() == SessionState.CLOSED) {
      return List.of();
    }
    if (dialogue != null) {
      steps.add(new SessionStep.Write(dialogue.farewell(why)));
    }
    String reason = why.cause();
    close(0, 0, reason, nowNanos);
    steps.add(new SessionStep.Close(reason));
    return due(nowNanos);
  }

  /**
   * The spliced session is to go on at another store: begins our own login there for its user,
   * which ends with {@link SessionStep.Carried} or {@link SessionStep.NotCarried} (rule B9.3). What
   * came of the one before it is given up.
   *
   * @param first the host to begin with; null: the one that the policy prefers
   * @throws IllegalStateException if the session is not relayed
   */
  public List<SessionStep> goOnAt(@Nullable StoreHost first, long nowNanos) {
    LoginReport at = Objects.requireNonNull(acceptedLogin, "nobody has logged in");
    if (state() != SessionState.RELAYING) {
      throw new IllegalStateException("no session can go on now");
    }
    letGo(nowNanos);
    GoingOn begun = new GoingOn(at, first, nowNanos);
    goingOn = begun;
    Credentials ours = new Credentials(Mechanism.EXTERNAL, at.user(), "", Secret.none());
    Login ownLogin = new Login(begun, ours, at.client(), nowNanos);
    begun.login = ownLogin;
    login = ownLogin;
    ownLogin.begin(nowNanos);
    return due(nowNanos);
  }

  /**
   * The session is at the store now that let it in last.
   *
   * @param hadToLeave whether its former store had ended it
   * @param tookNanos since then
   */
  public void wentOn(boolean hadToLeave, long tookNanos, long nowNanos) {
    LoginReport before = Objects.requireNonNull(acceptedLogin, "nobody has logged in");
    GoingOn over = Objects.requireNonNull(goingOn, "nobody was carried on");
    goingOn = null;
    LoginReport there = before.movedTo(Objects.requireNonNull(over.report, "nobody was let in"));
    acceptedLogin = there;
    if (stay != null) {
      stay.ended(hadToLeave ? Stay.End.BY_STORE : Stay.End.BY_US, nowNanos);
    }
    stay = over.stay;
    frontEnd.listener().moved(before, there, tookNanos);
  }

  /**
   * The session could not go on elsewhere.
   *
   * @param stays whether its store lives, and it stays there
   */
  public void stranded(Stranded why, boolean stays) {
    LoginReport at = acceptedLogin;
    if (at != null) {
      frontEnd.listener().stranded(at, why, stays);
    }
  }

  /** The session does not go on at another store, or not now. */
  public List<SessionStep> staysOrEnds(long nowNanos) {
    letGo(nowNanos);
    return due(nowNanos);
  }

  private void letGo(long nowNanos) {
    GoingOn over = goingOn;
    goingOn = null;
    if (login != null) {
      login.end(nowNanos);
      login = null;
    }
    if (over != null && over.stay != null) {
      over.stay.ended(Stay.End.BY_US, nowNanos);
    }
  }

  /**
   * Whether {@link #onLasted} is to be called once the spliced session has lasted for {@link
   * Stay#LASTING}.
   */
  public boolean wantsToLast() {
    return stay != null && stay.wantsToLast();
  }

  /** Whether the spliced session has lasted so long. */
  public boolean hasLasted(long nowNanos) {
    return stay != null && stay.hasLasted(nowNanos);
  }

  /** The spliced session has lasted so long. */
  public void onLasted(long nowNanos) {
    if (stay != null && state() == SessionState.RELAYING) {
      stay.lasted(nowNanos);
    }
  }

  /** The store has ended the spliced session, and its client is about to hear of it. */
  public void onStoreLost(long nowNanos) {
    if (stay != null && state() == SessionState.RELAYING) {
      stay.lost(nowNanos);
    }
  }

  /**
   * The spliced session is over.
   *
   * @param how who ended it
   */
  public void onRelayEnd(
      Stay.End how, long bytesFromClient, long bytesToClient, String reason, long nowNanos) {
    if (state() == SessionState.RELAYING) {
      if (stay != null) {
        stay.ended(how, nowNanos);
      }
      close(bytesFromClient, bytesToClient, reason, nowNanos);
    }
  }

  /** Octets of the client that are kept and not used yet, before the hand-over. */
  public int heldOctets() {
    return dialogue == null ? 0 : dialogue.buffered();
  }

  /** Whether more of the client's bytes are wanted now. */
  public boolean wantsClientBytes() {
    return state().readsClient();
  }

  /** The login that was accepted; null if none was yet. */
  public @Nullable LoginReport acceptedLogin() {
    return acceptedLogin;
  }

  /** What the session waits for. */
  public SessionState state() {
    return timeline.state();
  }

  private void want(List<SessionStep> more) {
    for (int i = 0; i < more.size(); i++) {
      wanted.add(more.get(i));
    }
  }

  /** The steps that are due: a refused login may be followed by the next one. */
  private List<SessionStep> due(long nowNanos) {
    for (SessionStep next = wanted.poll(); next != null; next = wanted.poll()) {
      if (next instanceof SessionStep.LogIn logIn) {
        loginsBegun++;
        Login begun = new Login(logins, logIn.credentials(), dialogue().seenAs(client), nowNanos);
        login = begun;
        begun.begin(nowNanos);
      } else if (next == SessionStep.Simple.GIVE_UP) {
        login().giveUp(nowNanos);
        login = null;
        deadlineNanos = nowNanos + frontEnd.beforeLogin().toNanos();
      } else if (next instanceof SessionStep.Refused refused) {
        frontEnd.listener().refused(client, refused.clearPassword(), refused.detail());
      } else {
        if (next == SessionStep.Simple.START_TLS) {
          timeline.enter(SessionState.STARTING_TLS, nowNanos);
        } else if (next instanceof SessionStep.Respond) {
          login().attempts().responds(nowNanos);
        } else if (next instanceof SessionStep.Close close) {
          close(0, 0, close.reason(), nowNanos);
        }
        steps.add(next);
      }
    }
    if (steps.isEmpty()) {
      return List.of();
    }
    List<SessionStep> due = steps;
    steps = new ArrayList<>(2);
    return due;
  }

  private void close(long fromClient, long toClient, String reason, long nowNanos) {
    boolean wasOpened = state() != SessionState.GREETING;
    if (login != null) {
      login.end(nowNanos);
      login = null;
    }
    guard.release();
    timeline.enter(SessionState.CLOSED, nowNanos);
    if (dialogue != null) {
      dialogue.forget();
      dialogue = null;
    }
    wanted.clear();
    if (wasOpened) {
      Service service = frontEnd.protocol().service();
      long openNanos = timeline.sinceBeginNanos(nowNanos);
      frontEnd
          .listener()
          .closed(
              new SessionEnd(
                  service,
                  client,
                  acceptedLogin,
                  loginsBegun,
                  fromClient,
                  toClient,
                  openNanos,
                  reason));
    }
  }

  /** Our own login for the session, and what is known once it was let in. */
  private final class GoingOn extends LoggingIn implements SessionListener {
    private final LoginReport at;
    private final @Nullable StoreHost first;
    private final Timeline<SessionState> waiting;
    private final FrontEnd unheard;
    private @Nullable Login login;
    private @Nullable LoginReport report;
    private @Nullable Stay stay;
    private boolean administratorRefused;

    GoingOn(LoginReport at, @Nullable StoreHost first, long nowNanos) {
      this.at = at;
      this.first = first;
      this.waiting = new Timeline<>(SessionState.RELAYING, nowNanos);
      this.unheard = frontEnd.heardBy(this);
    }

    @Override
    public FrontEnd frontEnd() {
      return unheard;
    }

    @Override
    public Timeline<SessionState> timeline() {
      return waiting;
    }

    @Override
    public boolean goesOn() {
      return true;
    }

    @Override
    public @Nullable StoreHost first() {
      return first;
    }

    @Override
    public void accepted(StoreAnswer answer, LoginReport there, Stay begun) {
      LoginAttempts attempts = Objects.requireNonNull(login, "a login was begun").attempts();
      FrontEndSession.this.login = null;
      stay = begun;
      report = there.kept();
      if (there.readOnly() || !there.entry().equals(at.entry())) {
        steps.add(SessionStep.Simple.HANG_UP);
        steps.add(
            new SessionStep.NotCarried(
                there.readOnly() ? LoginFailure.NO_MASTER : LoginFailure.BAD_CREDENTIALS, false));
      } else {
        steps.add(new SessionStep.Carried(answer, attempts.lastLogin()));
      }
    }

    @Override
    public void challenged(byte[] base64) {
      throw new IllegalStateException("no store asks behind an administrator's password");
    }

    @Override
    public void refused(LoginRefusal why, long nowNanos) {
      FrontEndSession.this.login = null;
      steps.add(new SessionStep.NotCarried(why.failure(), administratorRefused));
    }

    @Override
    public void administratorRefused(Service service, LoginAttempt by, String user, String reason) {
      administratorRefused = true;
      frontEnd.listener().administratorRefused(service, by, user, reason);
    }
  }

  private ClientDialogue dialogue() {
    return Objects.requireNonNull(dialogue, "the dialogue is over");
  }

  private Login login() {
    return Objects.requireNonNull(login, "no login is under way");
  }

  /** What a login is told, and how the client's dialogue is told how it ended. */
  private class LoggingIn implements LoginSession {
    @Override
    public String id() {
      return client.sessionId();
    }

    @Override
    public SessionGuard guard() {
      return guard;
    }

    @Override
    public List<SessionStep> steps() {
      return steps;
    }

    @Override
    public List<SessionStep> due(long nowNanos) {
      return FrontEndSession.this.due(nowNanos);
    }

    @Override
    public FrontEnd frontEnd() {
      return frontEnd;
    }

    @Override
    public Timeline<SessionState> timeline() {
      return timeline;
    }

    @Override
    public void accepted(StoreAnswer answer, LoginReport report, Stay begun) {
      login = null;
      stay = begun;
      acceptedLogin = report.kept();
      timeline.forget();
      ClientDialogue over = dialogue();
      dialogue = null;
      steps.add(new SessionStep.HandOver(over.accept(answer), over.leftOver(), answer));
    }

    @Override
    public void challenged(byte[] base64) {
      want(dialogue().challenge(base64));
    }

    @Override
    public void refused(LoginRefusal why, long nowNanos) {
      login = null;
      deadlineNanos = nowNanos + frontEnd.beforeLogin().toNanos();
      want(dialogue().refuse(why.failure(), why.answer()));
    }
  }
}
