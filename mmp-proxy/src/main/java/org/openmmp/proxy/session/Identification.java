package org.openmmp.proxy.session;

import java.time.Duration;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.Directory;
import org.openmmp.directory.Directory.BindResult;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.client.SessionStep;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.wire.Mechanism;

/**
 * Finds out whose mailbox one login is for: asks the directory for the user, has it check the
 * password where it is to, and asks once more before a refusal is told that may come of an old
 * answer (rules B1.8, B1.10).
 *
 * <p>A question is a step that carries its reply; one that comes too late changes nothing.
 */
final class Identification {
  private final LoginSession session;
  private final FrontEnd frontEnd;
  private final Credentials credentials;
  private final ClientFacts seen;
  private final long deadlineNanos;
  private final BooleanSupplier over;
  private final ObjLongConsumer<LookupResult> found;
  private final ObjLongConsumer<LoginRefusal> refused;
  private @Nullable LookupResult user;
  private @Nullable LoginRefusal doubted;
  private boolean askedAgain;
  private boolean askedAgainWho;

  /**
   * For one login.
   *
   * @param credentials as the site understands them
   * @param seen the client as the directory shall hear of it
   * @param over whether the login has ended
   * @param found hears of the user, whose password is right as far as the directory can tell
   * @param refused hears that the login is refused
   */
  Identification(
      LoginSession session,
      Credentials credentials,
      ClientFacts seen,
      long deadlineNanos,
      BooleanSupplier over,
      ObjLongConsumer<LookupResult> found,
      ObjLongConsumer<LoginRefusal> refused) {
    this.session = session;
    this.frontEnd = session.frontEnd();
    this.credentials = credentials;
    this.seen = seen;
    this.deadlineNanos = deadlineNanos;
    this.over = over;
    this.found = found;
    this.refused = refused;
  }

  void begin(long nowNanos) {
    LoginRefusal unfit = LoginRules.unfit(credentials, frontEnd.login().maxPasswordOctets());
    if (unfit == null) {
      LookupRequest request = session.goesOn() ? request().doubting(true) : request();
      lookUp(request, this::onUser, nowNanos);
    } else {
      refused.accept(unfit, nowNanos);
    }
  }

  /**
   * The user's entry.
   *
   * @throws NullPointerException if no look-up was answered
   */
  LookupResult user() {
    return Objects.requireNonNull(user, "no look-up was answered");
  }

  /** The user's identity, as far as it is known. */
  String login() {
    return user == null || user.login().isEmpty() ? credentials.loginName() : user.login();
  }

  /** The distinguished name of the user's entry; empty while none was found. */
  String entry() {
    return user == null ? "" : user.entryDn();
  }

  /** The one spelling of all the names that lead to the same user. */
  static String identityOf(String typed, FrontEnd frontEnd) {
    return frontEnd.directory().identityOf(typed, frontEnd.defaultDomain());
  }

  /**
   * Asks the directory again if this refusal may come of an old answer of it: what a store or a
   * bind refused by such an answer stands if the new one is the same. Once for a login.
   *
   * @return whether it does; then the refusal is not told yet
   */
  boolean doubts(LoginRefusal refusal, long nowNanos) {
    LookupResult known = user;
    if (known == null
        || !known.isRemembered()
        || askedAgain
        || !LoginRules.mayComeOfOldAnswer(refusal)) {
      return false;
    }
    askedAgain = true;
    doubted = known.kind() == LookupResult.Kind.FOUND ? refusal : null;
    lookUp(request().doubting(session.guard().caller().proven()), this::onUserAgain, nowNanos);
    return true;
  }

  /** What is told if the directory does not answer in time: what was doubted stands then. */
  LoginRefusal late() {
    return doubted != null
        ? doubted
        : new LoginRefusal(
            LoginFailure.DIRECTORY_DOWN, "the directory did not answer within the login deadline");
  }

  private LookupRequest request() {
    LookupRequest request = requestFor(credentials.loginName());
    return credentials.mechanism() == Mechanism.EXTERNAL ? request.by(seen.certificate()) : request;
  }

  private LookupRequest requestFor(String loginName) {
    return new LookupRequest(
        loginName,
        frontEnd.defaultDomain(),
        frontEnd.protocol().service().name(),
        seen.tls(),
        seen.clientIp(),
        seen.serverIp());
  }

  private void lookUp(
      LookupRequest request, ObjLongConsumer<LookupResult> onAnswer, long nowNanos) {
    session.timeline().enter(SessionState.LOOKING_UP, nowNanos);
    Duration patience = Duration.ofNanos(Math.max(0, deadlineNanos - nowNanos));
    session
        .steps()
        .add(
            new SessionStep.LookUp(
                request.within(patience), replyIn(SessionState.LOOKING_UP, onAnswer)));
  }

  private <T> SessionStep.Reply<T> replyIn(SessionState asking, ObjLongConsumer<T> onAnswer) {
    return (answer, nowNanos) -> {
      if (!over.getAsBoolean() && session.timeline().state() == asking) {
        onAnswer.accept(answer, nowNanos);
      }
      return session.due(nowNanos);
    };
  }

  private void onUser(LookupResult answer, long nowNanos) {
    user = answer;
    LoginRefusal refusal = LoginRules.ofUser(answer);
    if (refusal != null) {
      fail(refusal, nowNanos);
      return;
    }
    if (session.guard().blocksEntry(answer.entryDn(), nowNanos)) {
      String why = "an administrator has blocked the user of the entry " + answer.entryDn();
      refused.accept(new LoginRefusal(LoginFailure.BLOCKED, why), nowNanos);
      return;
    }
    boolean preAuthenticates = preAuthenticates(answer);
    String authzid = credentials.authzid();
    String wanted = authzid.isEmpty() ? "" : identityOf(authzid, frontEnd);
    refusal = LoginRules.ofMechanism(credentials, answer, preAuthenticates, wanted);
    if (refusal != null) {
      fail(refusal, nowNanos);
    } else if (!preAuthenticates || credentials.mechanism().proof() != Mechanism.Proof.PASSWORD) {
      found.accept(answer, nowNanos);
    } else if (credentials.forAnother()) {
      lookUp(requestFor(credentials.authcid()), this::onWhoAuthenticates, nowNanos);
    } else {
      bind(answer, nowNanos);
    }
  }

  /**
   * Whether the directory checks the password: in the domain of either name, for else an
   * authorization identity would be a way around the check.
   */
  private boolean preAuthenticates(LookupResult answer) {
    Directory directory = frontEnd.directory();
    return directory.preAuthenticates(answer.login())
        || (credentials.forAnother()
            && directory.preAuthenticates(identityOf(credentials.authcid(), frontEnd)));
  }

  private void onWhoAuthenticates(LookupResult who, long nowNanos) {
    LoginRefusal refusal = LoginRules.ofWhoAuthenticates(who);
    if (refusal == null) {
      bind(who, nowNanos);
    } else if (LoginRules.mayComeOfOldAnswer(refusal) && who.isRemembered() && !askedAgainWho) {
      askedAgainWho = true;
      lookUp(
          requestFor(credentials.authcid()).doubting(session.guard().caller().proven()),
          this::onWhoAuthenticates,
          nowNanos);
    } else {
      refused.accept(refusal, nowNanos);
    }
  }

  /** Has the directory check the password (rule B1.8). */
  private void bind(LookupResult whose, long nowNanos) {
    session.timeline().enter(SessionState.BINDING, nowNanos);
    session
        .steps()
        .add(
            new SessionStep.Bind(
                whose, credentials.secret(), replyIn(SessionState.BINDING, this::onBind)));
  }

  private void onBind(BindResult result, long nowNanos) {
    switch (result) {
      case ACCEPTED -> found.accept(user(), nowNanos);
      case REJECTED -> fail(LoginRules.wrong("the directory refused the password"), nowNanos);
      case DIRECTORY_DOWN ->
          refused.accept(
              new LoginRefusal(
                  LoginFailure.DIRECTORY_DOWN, "no directory server could check the password"),
              nowNanos);
    }
  }

  private void onUserAgain(LookupResult answer, long nowNanos) {
    LoginRefusal refusal = doubted;
    doubted = null;
    LoginRefusal told =
        refusal == null ? null : LoginRules.confirmed(refusal, credentials, user(), answer);
    if (told == null) {
      onUser(answer, nowNanos);
    } else {
      refused.accept(told, nowNanos);
    }
  }

  private void fail(LoginRefusal refusal, long nowNanos) {
    if (!doubts(refusal, nowNanos)) {
      refused.accept(refusal, nowNanos);
    }
  }
}
