package org.openmmp.proxy.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.Directory.BindResult;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.LookupResult.Kind;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.Caller;
import org.openmmp.repgroup.GroupMatch;
import org.openmmp.repgroup.Stay;
import org.openmmp.routing.Routing;

/**
 * One login from the client's credentials to its end: look the user up, perhaps check the password,
 * find the group, and search it for a store that accepts.
 *
 * <p>Events come in order and each gives one {@link LoginStep}. Exactly one thing is under way at a
 * time: the look-up, the bind, an attempt, or a wait. {@link #abandon} may come at any time and
 * releases what the search holds.
 */
final class LoginFlow {
  private static final int MOST_NAME_OCTETS = 255;

  /** Of a token, or of the first message of an exchange. */
  private static final int MOST_TOKEN_OCTETS = 12_288;

  private final FrontEnd frontEnd;
  private final Routing routing;
  private final Credentials credentials;
  private final ClientFacts client;
  private final Caller caller;
  private final long deadlineNanos;

  private @Nullable LookupResult user;
  private @Nullable StoreSearch search;
  private LoginStep.@Nullable Fail refusal;
  private boolean doubted;
  private boolean askedAgain;
  private boolean doubtedWho;

  LoginFlow(
      FrontEnd frontEnd,
      Credentials credentials,
      ClientFacts client,
      Caller caller,
      long nowNanos) {
    this.frontEnd = frontEnd;
    this.routing = frontEnd.routing().get();
    this.credentials = credentials;
    this.client = client;
    this.caller = caller;
    this.deadlineNanos = nowNanos + frontEnd.login().deadline().toNanos();
  }

  /** Why nobody need be asked: no name and no secret is that long (rule B3.15); null if not so. */
  LoginStep.@Nullable Fail unfit() {
    int mostSecret =
        credentials.mechanism().proof() == Mechanism.Proof.PASSWORD
            ? frontEnd.login().maxPasswordOctets()
            : MOST_TOKEN_OCTETS;
    if (tooLong(credentials.authcid()) || tooLong(credentials.authzid())) {
      return unfit("the name has more than " + MOST_NAME_OCTETS + " octets");
    }
    return credentials.secret().length() > mostSecret
        ? unfit("the secret has more than " + mostSecret + " octets")
        : null;
  }

  private static LoginStep.Fail unfit(String reason) {
    return new LoginStep.Fail(LoginFailure.BAD_CREDENTIALS, null, reason);
  }

  private static boolean tooLong(String name) {
    return name.length() > MOST_NAME_OCTETS || name.getBytes(UTF_8).length > MOST_NAME_OCTETS;
  }

  /** What to ask the directory first: whose mailbox it shall be. */
  LookupRequest request() {
    LookupRequest request = requestFor(credentials.loginName());
    return credentials.mechanism() == Mechanism.EXTERNAL
        ? request.by(client.certificate())
        : request;
  }

  private LookupRequest requestFor(String loginName) {
    return new LookupRequest(
        loginName,
        frontEnd.defaultDomain(),
        frontEnd.protocol().service().name(),
        client.tls(),
        client.clientIp(),
        client.serverIp());
  }

  /** The directory answered: of the user, and perhaps then of who authenticates. */
  LoginStep onLookup(LookupResult result, long nowNanos) {
    if (user != null && !askedAgain) {
      return onWhoAuthenticates(result);
    }
    askedAgain = false;
    LookupResult before = user;
    LoginStep.Fail refused = refusal;
    refusal = null;
    if (refused != null && before != null) {
      if (result.kind() == Kind.DIRECTORY_DOWN || result.leadsWhere(before)) {
        return refused;
      }
      if (credentials.mechanism().proof() == Mechanism.Proof.EXCHANGE) {
        String moved = "the mailbox has moved, and what the client said was for its former store";
        return fail(LoginFailure.NO_STORE_ANSWERED, moved);
      }
    }
    user = result;
    return unlessDoubtful(judge(result, nowNanos));
  }

  /**
   * A refusal is told only if the directory's answer that led to it is no old one (rule B1.10);
   * what a store or a bind refused by such an answer stands if the new one is the same.
   */
  private LoginStep unlessDoubtful(LoginStep step) {
    LookupResult found = user;
    if (found == null
        || !found.isRemembered()
        || doubted
        || !(step instanceof LoginStep.Fail fail)
        || !(fail.failure() == LoginFailure.BAD_CREDENTIALS
            || fail.failure() == LoginFailure.REFUSED_BY_STORE)) {
      return step;
    }
    doubted = true;
    askedAgain = true;
    refusal = found.kind() == Kind.FOUND ? fail : null;
    return new LoginStep.LookUp(request().doubting(caller.proven()));
  }

  private LoginStep judge(LookupResult result, long nowNanos) {
    return switch (result.kind()) {
      case FOUND -> onFound(result, nowNanos);
      case NO_SUCH_USER, DISABLED, DELETED, NOT_ALLOWED ->
          fail(LoginFailure.BAD_CREDENTIALS, result.reason());
      case INACTIVE, NO_MAIL_HOST, AMBIGUOUS, BAD_ENTRY ->
          fail(LoginFailure.USER_UNAVAILABLE, result.reason());
      case DIRECTORY_DOWN -> fail(LoginFailure.DIRECTORY_DOWN, result.reason());
    };
  }

  /** The directory checked the password. */
  LoginStep onBind(BindResult result, long nowNanos) {
    return switch (result) {
      case ACCEPTED ->
          enterGroup(Objects.requireNonNull(user, "no look-up was answered"), nowNanos);
      case REJECTED ->
          unlessDoubtful(fail(LoginFailure.BAD_CREDENTIALS, "the directory refused the password"));
      case DIRECTORY_DOWN ->
          fail(LoginFailure.DIRECTORY_DOWN, "no directory server could check the password");
    };
  }

  /** The host under way came so far. */
  void onProgress(LoginAttempt by, StoreProgress reached, long nowNanos) {
    search().onProgress(by, reached, nowNanos);
  }

  /** The session that begins at the store which accepted. */
  Stay handOver(long nowNanos) {
    return search().handOver(nowNanos);
  }

  /** The host under way asks the client; null if it may. */
  @Nullable LoginStep onChallenge(long nowNanos, double random) {
    return search().onChallenge(nowNanos, random);
  }

  /** The host under way answered, or failed in a way that {@code answer} tells. */
  LoginStep onStoreAnswer(StoreAnswer answer, long nowNanos, double random) {
    return unlessDoubtful(search().onStoreAnswer(answer, nowNanos, random));
  }

  /** What the search waited for may have come, or the time that it waits until. */
  LoginStep onWake(long nowNanos) {
    return search().advance(nowNanos);
  }

  /**
   * What is under way takes too long: the directory, whose time is the login deadline, or a store.
   *
   * @param waitedFor what a store did not say in time
   */
  LoginStep onTimeout(String waitedFor, long nowNanos, double random) {
    LoginStep.Fail unconfirmed = refusal;
    if (unconfirmed != null) {
      refusal = null;
      return unconfirmed;
    }
    StoreSearch unfinished = search;
    if (unfinished == null) {
      return fail(
          LoginFailure.DIRECTORY_DOWN, "the directory did not answer within the login deadline");
    }
    if (nowNanos - deadlineNanos < 0) {
      StoreAnswer silence =
          StoreAnswer.failed(AttemptOutcome.UNREACHABLE, "no " + waitedFor + " in time");
      return unfinished.onStoreAnswer(silence, nowNanos, random);
    }
    unfinished.abandon(nowNanos);
    return new LoginStep.Fail(
        LoginFailure.NO_STORE_ANSWERED,
        unfinished.firstRefusal(),
        "the login deadline passed without " + waitedFor + " of " + unfinished.lastHost());
  }

  /** Releases what the login holds; may be called again, and after the end. */
  void abandon(long nowNanos) {
    if (search != null) {
      search.abandon(nowNanos);
    }
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  Credentials credentials() {
    return credentials;
  }

  /** The user's identity, as far as it is known. */
  String login() {
    return user == null || user.login().isEmpty() ? credentials.loginName() : user.login();
  }

  /**
   * How the login ended.
   *
   * @param failure null if it was accepted
   * @param why see {@link LoginReport}
   */
  LoginReport report(
      String sessionId,
      @Nullable LoginFailure failure,
      String why,
      Map<SessionState, Long> spentNanos) {
    StoreSearch done = search;
    return new LoginReport(
        sessionId,
        client,
        frontEnd.protocol().service(),
        login(),
        credentials.forAnother() ? credentials.authcid() : "",
        failure,
        done == null ? "" : done.group().name(),
        done == null ? "" : done.lastHost(),
        why,
        done == null ? 0 : done.attempts(),
        done == null ? 0 : done.hops(),
        done != null && done.readOnly(),
        spentNanos);
  }

  private LoginStep onFound(LookupResult found, long nowNanos) {
    boolean preAuthenticates = preAuthenticates(found);
    return switch (credentials.mechanism().proof()) {
      case PASSWORD -> {
        if (!preAuthenticates) {
          yield enterGroup(found, nowNanos);
        }
        yield credentials.forAnother()
            ? new LoginStep.LookUp(requestFor(credentials.authcid()))
            : new LoginStep.Bind(found);
      }
      case TOKEN -> enterGroup(found, nowNanos);
      case CERTIFICATE ->
          credentials.authzid().isEmpty() || identityOf(credentials.authzid()).equals(found.login())
              ? enterGroup(found, nowNanos)
              : fail(
                  LoginFailure.BAD_CREDENTIALS,
                  "the client wants to be another than its certificate's owner");
      case EXCHANGE -> {
        if (preAuthenticates) {
          yield cannotExchange("whose password the directory has to see first");
        }
        // The name is part of the proof, so that no other can be replayed (RFC 5802 section 3).
        yield found.storeName().equals(credentials.loginName())
            ? enterGroup(found, nowNanos)
            : cannotExchange("whose name at the store is not the one that was typed");
      }
    };
  }

  /**
   * Whether the directory checks the password: in the domain of either name, for else an
   * authorization identity would be a way around the check.
   */
  private boolean preAuthenticates(LookupResult found) {
    return frontEnd.directory().preAuthenticates(found.login())
        || (credentials.forAnother()
            && frontEnd.directory().preAuthenticates(identityOf(credentials.authcid())));
  }

  private String identityOf(String typed) {
    return frontEnd.directory().identityOf(typed, frontEnd.defaultDomain());
  }

  /** Whose password it is; an administrator need have no mailbox, but has to have an entry here. */
  private LoginStep onWhoAuthenticates(LookupResult who) {
    LoginStep step = judgeWhoAuthenticates(who);
    boolean refused =
        step instanceof LoginStep.Fail fail && fail.failure() == LoginFailure.BAD_CREDENTIALS;
    if (!refused || !who.isRemembered() || doubtedWho) {
      return step;
    }
    doubtedWho = true;
    return new LoginStep.LookUp(requestFor(credentials.authcid()).doubting(caller.proven()));
  }

  private LoginStep judgeWhoAuthenticates(LookupResult who) {
    return switch (who.kind()) {
      case FOUND, NO_MAIL_HOST -> new LoginStep.Bind(who);
      case NO_SUCH_USER, DISABLED, DELETED, NOT_ALLOWED ->
          fail(
              LoginFailure.BAD_CREDENTIALS,
              "the directory has to check the password of who authenticates: " + who.reason());
      case INACTIVE, AMBIGUOUS, BAD_ENTRY -> fail(LoginFailure.USER_UNAVAILABLE, who.reason());
      case DIRECTORY_DOWN -> fail(LoginFailure.DIRECTORY_DOWN, who.reason());
    };
  }

  private LoginStep cannotExchange(String ofWhom) {
    String mechanism = credentials.mechanism().saslName();
    return fail(LoginFailure.MECHANISM_UNAVAILABLE, mechanism + " cannot serve a user " + ofWhom);
  }

  private LoginStep enterGroup(LookupResult found, long nowNanos) {
    GroupMatch match = routing.table().groupOf(found.mailHost());
    if (match.kind() != GroupMatch.Kind.FOUND) {
      return fail(LoginFailure.USER_UNAVAILABLE, match.reason());
    }
    boolean certificate = credentials.mechanism().proof() == Mechanism.Proof.CERTIFICATE;
    if (certificate && routing.accessTo(match.found()).adminName().isEmpty()) {
      return fail(
          LoginFailure.MECHANISM_UNAVAILABLE,
          "the group "
              + match.found().name()
              + " has no imapadmin to log a certificate's owner in");
    }
    StoreSearch begun =
        new StoreSearch(
            frontEnd,
            routing,
            new LoginIdentity(
                credentials, found, client, caller, frontEnd.login().masterUserSeparator()),
            match.found(),
            deadlineNanos,
            nowNanos);
    search = begun;
    return begun.advance(nowNanos);
  }

  private static LoginStep fail(LoginFailure failure, String reason) {
    return new LoginStep.Fail(failure, null, reason);
  }

  private StoreSearch search() {
    return Objects.requireNonNull(search, "no group was entered");
  }
}
