package org.openmmp.proxy.session;

import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.TlsPolicy;
import org.openmmp.directory.Directory.BindResult;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.AttemptWalk;
import org.openmmp.repgroup.Choice;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.GroupMatch;
import org.openmmp.repgroup.ReferralTrust;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.wire.Secret;

/**
 * One login from the client's credentials to a store's word: look the user up, find the group, walk
 * its hosts, follow referrals, and end with a hand-over or a failure.
 *
 * <p>Events come in order and each gives one {@link LoginStep}. Exactly one thing is under way at a
 * time: the look-up, the bind, an attempt, or a wait. {@link #abandon} may come at any time and
 * releases what the walk holds.
 */
final class LoginFlow {
  private final FrontEnd frontEnd;
  private final Routing routing;
  private final Credentials credentials;
  private final ClientFacts client;
  private final long deadlineNanos;

  private @Nullable LookupResult user;
  private @Nullable AttemptWalk walk;
  private @Nullable ReplicationGroup group;
  private @Nullable Attempt attempt;
  private boolean strangers;
  private TlsPolicy floor = TlsPolicy.OFF;
  private @Nullable StoreHost referredHost;
  private int referredPort;
  private String storeName = "";
  private String lastHost = "";
  private boolean readOnly;
  private final Set<StoreHost> visited = new HashSet<>();
  private int hopsOfRound;
  private int hops;
  private int attempts;

  LoginFlow(FrontEnd frontEnd, Credentials credentials, ClientFacts client, long nowNanos) {
    this.frontEnd = frontEnd;
    this.routing = frontEnd.routing().get();
    this.credentials = credentials;
    this.client = client;
    this.deadlineNanos = nowNanos + frontEnd.loginDeadline().toNanos();
  }

  /** The first step. */
  LoginStep start() {
    return new LoginStep.LookUp(
        new LookupRequest(
            credentials.loginName(),
            frontEnd.defaultDomain(),
            frontEnd.protocol().service().name(),
            client.tls(),
            client.clientIp(),
            client.serverIp()));
  }

  /** The directory answered. */
  LoginStep onLookup(LookupResult result, long nowNanos) {
    user = result;
    return switch (result.kind()) {
      case FOUND -> shouldBind(result) ? new LoginStep.Bind(result) : enterGroup(result, nowNanos);
      case NO_SUCH_USER, DISABLED, NOT_ALLOWED ->
          fail(LoginFailure.BAD_CREDENTIALS, result.reason());
      case INACTIVE, NO_MAIL_HOST, AMBIGUOUS, BAD_ENTRY ->
          fail(LoginFailure.USER_UNAVAILABLE, result.reason());
      case DIRECTORY_DOWN -> fail(LoginFailure.DIRECTORY_DOWN, result.reason());
    };
  }

  /** The directory checked the password. */
  LoginStep onBind(BindResult result, long nowNanos) {
    return switch (result) {
      case ACCEPTED -> enterGroup(user(), nowNanos);
      case REJECTED -> fail(LoginFailure.BAD_CREDENTIALS, "the directory refused the password");
      case DIRECTORY_DOWN ->
          fail(LoginFailure.DIRECTORY_DOWN, "no directory server could check the password");
    };
  }

  /** The host under way greeted. */
  void onGreeted(long nowNanos) {
    walk().greeted(nowNanos);
  }

  /** The host under way answered, or failed in a way that {@code answer} tells. */
  LoginStep onStoreAnswer(StoreAnswer answer, long nowNanos, double random) {
    Attempt ended = attempt();
    attempt = null;
    AttemptOutcome outcome = answer.outcome();
    if (outcome == AttemptOutcome.REFERRED && answer.referral() != null) {
      return onReferral(ended, answer, answer.referral(), nowNanos, random);
    }
    walk().report(outcome, null, false, answer.reason(), nowNanos, random);
    return switch (outcome) {
      case ACCEPTED -> new LoginStep.HandOver(answer);
      case AUTH_REJECTED ->
          new LoginStep.Fail(LoginFailure.BAD_CREDENTIALS, answer, answer.reason());
      case ABANDONED -> fail(LoginFailure.NO_STORE_ANSWERED, answer.reason());
      case REFERRED,
          UNREACHABLE,
          TLS_FAILED,
          REFUSED_GREETING,
          TEMPORARY_FAILURE,
          PROTOCOL_VIOLATION ->
          advance(nowNanos);
    };
  }

  /** What the walk waited for may have come. */
  LoginStep onWake(long nowNanos) {
    return advance(nowNanos);
  }

  /** The login deadline passed. */
  LoginStep onDeadline(long nowNanos) {
    abandon(nowNanos);
    return fail(LoginFailure.NO_STORE_ANSWERED, "no store answered within the login deadline");
  }

  /** Releases what the login holds; may be called again, and after the end. */
  void abandon(long nowNanos) {
    attempt = null;
    if (walk != null) {
      walk.abandon(nowNanos);
    }
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  int hops() {
    return hops;
  }

  int attempts() {
    return attempts;
  }

  boolean readOnly() {
    return readOnly;
  }

  Credentials credentials() {
    return credentials;
  }

  /** The user's identity, as far as it is known. */
  String login() {
    return user == null || user.login().isEmpty() ? credentials.loginName() : user.login();
  }

  /** The host that was dialled last, or an empty text before any was. */
  String lastHost() {
    return lastHost;
  }

  /** The group that the login is at, or an empty text before there is one. */
  String groupName() {
    return group == null ? "" : group.name();
  }

  private boolean shouldBind(LookupResult result) {
    return !credentials.mechanism().token()
        && !credentials.secret().isEmpty()
        && frontEnd.directory().preAuthenticates(result);
  }

  private LoginStep enterGroup(LookupResult found, long nowNanos) {
    GroupMatch match = routing.table().groupOf(found.mailHost());
    if (match.kind() != GroupMatch.Kind.FOUND) {
      return fail(LoginFailure.USER_UNAVAILABLE, match.reason());
    }
    group = match.found();
    walk =
        frontEnd
            .selector()
            .walk(
                match.found(),
                frontEnd.protocol().service(),
                ClientKind.WRITER,
                deadlineNanos,
                nowNanos);
    return advance(nowNanos);
  }

  private LoginStep advance(long nowNanos) {
    Choice choice = walk().next(nowNanos);
    return switch (choice.kind()) {
      case ATTEMPT -> dial(choice, false);
      case ATTEMPT_READ_ONLY -> dial(choice, true);
      case WAIT -> awaitChange(choice);
      case FAIL_NO_STORE -> fail(LoginFailure.NO_STORE_ANSWERED, choice.reason().text());
      case FAIL_NO_MASTER -> fail(LoginFailure.NO_MASTER, choice.reason().text());
    };
  }

  private LoginStep awaitChange(Choice choice) {
    AttemptWalk waiting = walk();
    // What comes after a wait is a new round, in which a host may be asked and referred to again.
    visited.clear();
    hopsOfRound = 0;
    return new LoginStep.Await(choice.untilNanos(), wake -> waiting.awaitChange(choice, wake));
  }

  private LoginStep dial(Choice choice, boolean staying) {
    StoreHost host = choice.target();
    StoreAccess access = routing.accessTo(group()).noWeakerThan(floor);
    if (host.equals(referredHost) && referredPort != 0) {
      access = access.atPort(referredPort);
    }
    boolean asAdmin =
        credentials.mechanism() == Mechanism.EXTERNAL && !access.adminName().isEmpty();
    StoreLogin login =
        new StoreLogin(
            host,
            credentials,
            storeName.isEmpty() ? user().storeName() : storeName,
            access.tls(),
            asAdmin ? access.adminName() : "",
            asAdmin ? access.adminPassword() : Secret.none(),
            client,
            access.clientId() == StoreAccess.ClientId.COMMAND);
    attempts++;
    readOnly = staying;
    lastHost = host.name();
    attempt =
        new Attempt(
            host,
            group(),
            access,
            strangers,
            choice.reason().text(),
            frontEnd.protocol().withStore(login));
    return new LoginStep.Dial(attempt);
  }

  private LoginStep onReferral(
      Attempt from, StoreAnswer answer, Referral referral, long nowNanos, double random) {
    if (readOnly && referral.loggedIn()) {
      walk().report(AttemptOutcome.ACCEPTED, null, true, answer.reason(), nowNanos, random);
      return new LoginStep.HandOver(answer);
    }
    visited.add(from.host());
    ReferralTrust.Verdict verdict =
        routing
            .trust()
            .judge(
                routing.table(),
                from.group(),
                new ReferralTrust.Claim(
                    from.host(), visited, referral.host(), referral.port(), hopsOfRound),
                target -> routing.accessTo(target).port());
    String said = answer.reason() + ", " + verdict.reason();
    return switch (verdict.kind()) {
      case IN_GROUP, OTHER_GROUP, TRUSTED -> {
        follow(from, referral, verdict);
        StoreHost target = verdict.host();
        walk().report(AttemptOutcome.REFERRED, target, referral.loggedIn(), said, nowNanos, random);
        yield verdict.kind() == ReferralTrust.Kind.IN_GROUP
            ? advance(nowNanos)
            : enterOtherGroup(verdict, nowNanos);
      }
      case NOT_A_REFERRAL -> {
        AttemptOutcome outcome =
            referral.loggedIn() ? AttemptOutcome.ACCEPTED : AttemptOutcome.TEMPORARY_FAILURE;
        walk().report(outcome, null, false, said, nowNanos, random);
        yield referral.loggedIn() ? new LoginStep.HandOver(answer) : advance(nowNanos);
      }
      case VISITED -> {
        walk().report(AttemptOutcome.REFERRED, null, referral.loggedIn(), said, nowNanos, random);
        yield advance(nowNanos);
      }
      case UNTRUSTED, PORT_NOT_FOLLOWED, TOO_MANY_HOPS -> {
        walk().report(AttemptOutcome.REFERRED, null, false, said, nowNanos, random);
        walk().abandon(nowNanos);
        yield fail(
            verdict.kind() == ReferralTrust.Kind.TOO_MANY_HOPS
                ? LoginFailure.NO_MASTER
                : LoginFailure.NO_TRUSTED_STORE,
            said);
      }
    };
  }

  private void follow(Attempt from, Referral referral, ReferralTrust.Verdict verdict) {
    hops++;
    hopsOfRound++;
    if (from.access().tls().required()) {
      floor = from.access().tls();
    }
    referredHost = verdict.host();
    referredPort = verdict.port();
    if (routing.referralsUser() && !referral.user().isEmpty()) {
      storeName = referral.user();
    }
  }

  /** The mailbox lives in another group than the directory says (rule B3.6). */
  private LoginStep enterOtherGroup(ReferralTrust.Verdict verdict, long nowNanos) {
    frontEnd.directory().forget(login());
    strangers = verdict.kind() == ReferralTrust.Kind.TRUSTED;
    ReplicationGroup other = Objects.requireNonNull(verdict.group(), "a followed verdict has one");
    group = other;
    walk =
        frontEnd
            .selector()
            .walkFrom(
                other,
                frontEnd.protocol().service(),
                ClientKind.WRITER,
                Objects.requireNonNull(verdict.host(), "a followed verdict has one"),
                deadlineNanos,
                nowNanos);
    return advance(nowNanos);
  }

  private static LoginStep fail(LoginFailure failure, String reason) {
    return new LoginStep.Fail(failure, null, reason);
  }

  private LookupResult user() {
    return Objects.requireNonNull(user, "no look-up was answered");
  }

  private AttemptWalk walk() {
    return Objects.requireNonNull(walk, "no group was entered");
  }

  private ReplicationGroup group() {
    return Objects.requireNonNull(group, "no group was entered");
  }

  private Attempt attempt() {
    return Objects.requireNonNull(attempt, "no attempt is under way");
  }
}
