package org.openmmp.proxy.session;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openmmp.repgroup.Stay;

/**
 * How a login ends: what the guard, the listener and the client's dialogue are told of it, and what
 * is forgotten then.
 */
final class LoginEndings {
  /** The client, as far as its login goes. */
  interface Client {
    /** Its store asks it, in base64. */
    void challenged(byte[] base64);

    /** Its login was accepted: the step that joins client and store. */
    SessionStep accepted(StoreAnswer answer, LoginReport report, Stay stay, long nowNanos);

    /** Its login was refused. */
    void refused(LoginStep.Fail why, long nowNanos);
  }

  private final SessionListener listener;
  private final String sessionId;
  private final Timeline timeline;
  private final SessionGuard guard;
  private final Client client;
  private LoginStep.@Nullable Fail due;

  LoginEndings(
      SessionListener listener,
      String sessionId,
      Timeline timeline,
      SessionGuard guard,
      Client client) {
    this.listener = listener;
    this.sessionId = sessionId;
    this.timeline = timeline;
    this.guard = guard;
    this.client = client;
  }

  Client client() {
    return client;
  }

  /**
   * A store accepted it.
   *
   * @param why why that store was tried
   */
  SessionStep accepted(LoginFlow done, String why, StoreAnswer answer, long nowNanos) {
    timeline.enter(SessionState.RELAYING, nowNanos);
    LoginReport report = report(done, null, why);
    guard.accepted(report.readOnly(), nowNanos);
    done.credentials().secret().clear();
    return client.accepted(answer, report, done.handOver(nowNanos), nowNanos);
  }

  /** Counts a failure, and says how many nanoseconds its answer waits; not more than 0: not. */
  long delay(LoginStep.Fail failure, long nowNanos) {
    if (failure.failure() != LoginFailure.BAD_CREDENTIALS) {
      return 0;
    }
    due = failure;
    return guard.rejected(judgeOf(failure), nowNanos);
  }

  private SessionGuard.Judge judgeOf(LoginStep.Fail failure) {
    if (failure.answer() != null) {
      return SessionGuard.Judge.STORE;
    }
    return timeline.state() == SessionState.BINDING
        ? SessionGuard.Judge.DIRECTORY
        : SessionGuard.Judge.NOBODY;
  }

  /** The failure whose answer waited. */
  LoginStep.Fail due() {
    return Objects.requireNonNull(due, "no refusal is due");
  }

  /** It failed, and the client is told now. */
  void refused(LoginFlow done, LoginStep.Fail failure, long nowNanos) {
    timeline.enter(SessionState.NOT_AUTHENTICATED, nowNanos);
    report(done, failure.failure(), failure.reason());
    done.credentials().secret().clear();
    guard.release();
    due = null;
    client.refused(failure, nowNanos);
  }

  /** It is not waited for; a refusal that waited for its time is reported all the same. */
  void broken(LoginFlow unfinished, long nowNanos) {
    unfinished.abandon(nowNanos);
    unfinished.credentials().secret().clear();
    if (due != null) {
      report(unfinished, due.failure(), due.reason());
    }
    due = null;
  }

  private LoginReport report(LoginFlow done, @Nullable LoginFailure failure, String why) {
    LoginReport report = done.report(sessionId, failure, why, timeline.spent());
    listener.loginEnded(report);
    return report;
  }
}
