package org.openmmp.proxy.session;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.CertificateIdentity;
import org.openmmp.directory.Directory.BindResult;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.guard.Farewell;
import org.openmmp.proxy.client.SessionStep;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.store.LoginAttempt;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.AttemptStage;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.Referral;

/** One client's session, and what an adapter would know of it. */
final class TestClient {
  /** The middle of every spread. */
  static final double EVEN = 0.5;

  final FrontEndSession session;
  final List<String> dialled = new ArrayList<>();
  final List<LoginAttempt> attempts = new ArrayList<>();
  final StringBuilder heard = new StringBuilder();
  final List<String> bound = new ArrayList<>();
  final List<String> boundAsWhom = new ArrayList<>();
  final List<String> responses = new ArrayList<>();
  private final SessionRig rig;
  @Nullable LoginAttempt attempt;
  SessionStep.@Nullable HandOver handOver;
  @Nullable String closed;
  SessionStep.@Nullable Reply<LookupResult> looksUp;
  SessionStep.@Nullable Reply<BindResult> binds;
  @Nullable LookupRequest asked;
  final List<String> hostsWarmed = new ArrayList<>();
  @Nullable LoginAttempt warm;
  int usedWarm;
  int left;
  int hangUps;
  boolean startsTls;
  private boolean woken;

  TestClient(SessionRig rig, boolean implicitTls) {
    this.rig = rig;
    ClientFacts facts =
        new ClientFacts("s1", "127.0.0.1", 40000, "127.0.0.1", 143, implicitTls, "", true, 9);
    session = new FrontEndSession(rig.frontEnd(), facts, rig.clock.now());
    if (!implicitTls) {
      see(session.onOpen(CertificateIdentity.NOBODY, rig.clock.now()));
    }
  }

  void say(String lines) {
    see(session.onClientBytes(lines.getBytes(US_ASCII), rig.clock.now()));
  }

  void logIn() {
    say("bob secret\n");
  }

  void lookedUp(LookupResult result) {
    see(Objects.requireNonNull(looksUp).answered(result, rig.clock.now()));
  }

  void found(String mailHost) {
    lookedUp(FakeDirectory.userAt(mailHost));
  }

  /** The directory says so from its memory. */
  void remembered(LookupResult result) {
    lookedUp(result.as(LookupResult.Freshness.CACHED, Duration.ofSeconds(9)));
  }

  void boundAs(BindResult result) {
    see(Objects.requireNonNull(binds).answered(result, rig.clock.now()));
  }

  void greeted() {
    see(session.onProgress(present(), AttemptStage.OPENING, rig.clock.now()));
  }

  /** That store came so far. */
  void reaches(LoginAttempt at, AttemptStage stage) {
    see(session.onProgress(at, stage, rig.clock.now()));
  }

  /** That store, which was warmed, waits for the login. */
  void isReady(LoginAttempt at) {
    see(session.onReady(at, rig.clock.now(), EVEN));
  }

  /** The attempt that is warmed. */
  LoginAttempt warmed() {
    return Objects.requireNonNull(warm, "nothing is warmed");
  }

  /** The store dialled last has what precedes a login behind it, and is sent the name. */
  void named() {
    session.onProgress(present(), AttemptStage.NAMED, rig.clock.now());
  }

  /** The store dialled last asks the client. */
  void asks(String base64) {
    byte[] octets = base64.getBytes(US_ASCII);
    see(session.onChallenge(present(), octets, rig.clock.now(), EVEN));
  }

  /** The store dialled last says that. */
  void answers(StoreAnswer answer) {
    answers(present(), answer);
  }

  void answers(LoginAttempt to, StoreAnswer answer) {
    see(session.onStoreAnswer(to, answer, rig.clock.now(), EVEN));
  }

  void ends(AttemptOutcome outcome) {
    answers(StoreAnswer.failed(outcome, outcome.name()));
  }

  void accepts() {
    answers(new StoreAnswer(AttemptOutcome.ACCEPTED, null, List.of(), "welcome", "accepted"));
  }

  /** The store dialled last refers by the OK form. */
  void refers(StoreHost target) {
    refers(target.name(), 0, true);
  }

  void refers(String target, int port, boolean loggedIn) {
    answers(
        new StoreAnswer(
            AttemptOutcome.REFERRED,
            new Referral(target, port, "alice", loggedIn),
            List.of(),
            loggedIn ? "welcome" : "",
            "referred"));
  }

  void tick() {
    see(session.onTick(rig.clock.now(), EVEN));
  }

  /** Lets time pass to the session's own deadline, and ticks. */
  void passToDeadline() {
    rig.clock.passUntil(session.deadlineNanos());
    tick();
  }

  void pass(Duration time) {
    rig.clock.pass(time);
    tick();
  }

  /** Wakes the session if the group has news for it. */
  boolean wakeIfNews() {
    boolean news = woken;
    woken = false;
    if (news) {
      see(session.onWake(rig.clock.now()));
    }
    return news;
  }

  void goesAway() {
    see(session.onClientClosed("gone", rig.clock.now()));
  }

  /** The proxy ends the session. */
  void end(Farewell why) {
    see(session.end(why, rig.clock.now()));
  }

  SessionState state() {
    return session.state();
  }

  String heard() {
    return heard.toString();
  }

  LoginAttempt present() {
    return Objects.requireNonNull(attempt, "nothing is under way");
  }

  /** Whom the attempt under way would log in. */
  StoreLogin storeLogin() {
    return ((ScriptedProtocol.Store) present().dialogue()).login();
  }

  void see(List<SessionStep> steps) {
    for (SessionStep step : steps) {
      if (step instanceof SessionStep.Write write) {
        heard.append(new String(write.octets(), US_ASCII));
      } else if (step instanceof SessionStep.LookUp lookUp) {
        looksUp = lookUp.reply();
        asked = lookUp.request();
      } else if (step instanceof SessionStep.Bind bind) {
        binds = bind.reply();
        bound.add(new String(bind.password().copy(), US_ASCII));
        boundAsWhom.add(bind.user().entryDn() + ' ' + bound.get(bound.size() - 1));
      } else if (step instanceof SessionStep.Warm beside) {
        warm = beside.attempt();
        hostsWarmed.add(beside.attempt().host().name());
      } else if (step == SessionStep.Simple.LEAVE_WARM) {
        warm = null;
        left++;
      } else if (step instanceof SessionStep.Dial dial) {
        usedWarm += dial.attempt().equals(warm) ? 1 : 0;
        warm = dial.attempt().equals(warm) ? null : warm;
        attempt = dial.attempt();
        attempts.add(dial.attempt());
        dialled.add(dial.attempt().host().name());
      } else if (step instanceof SessionStep.Respond respond) {
        responses.add(new String(respond.base64(), US_ASCII));
      } else if (step == SessionStep.Simple.HANG_UP) {
        hangUps++;
        attempt = null;
      } else if (step instanceof SessionStep.Await await) {
        await.registration().accept(() -> woken = true);
      } else if (step instanceof SessionStep.HandOver joined) {
        heard.append(new String(joined.toClient(), US_ASCII));
        handOver = joined;
        attempt = null;
      } else if (step == SessionStep.Simple.START_TLS) {
        startsTls = true;
      } else if (step instanceof SessionStep.Close close) {
        closed = close.reason();
      }
    }
  }
}
