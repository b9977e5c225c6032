package org.openmmp.proxy.session;

import java.util.Objects;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.LookupResult;
import org.openmmp.proxy.client.LoginFailure;
import org.openmmp.proxy.client.SessionStep;
import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.identity.Credentials;
import org.openmmp.proxy.store.LoginAttempt;
import org.openmmp.proxy.store.StoreAnswer;
import org.openmmp.proxy.store.StoreLogin;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.AttemptStage;
import org.openmmp.repgroup.Choice;
import org.openmmp.repgroup.ClientKind;
import org.openmmp.repgroup.GroupMatch;
import org.openmmp.repgroup.HedgeResult;
import org.openmmp.repgroup.ReferralTrust.Kind;
import org.openmmp.repgroup.ReferralTrust.Verdict;
import org.openmmp.repgroup.Stay;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.Referral;
import org.openmmp.routing.Routing;
import org.openmmp.routing.StoreAccess;
import org.openmmp.routing.StoreSearch;
import org.openmmp.routing.Timeline;
import org.openmmp.wire.Mechanism;

/**
 * The attempts of one login: at one store after another, referrals followed, until one lets the
 * user in or none is left that could (rules B2.2, B3.5, B3.10).
 *
 * <p>A store's word carries the attempt that it is said to, so that what comes too late is known
 * for it and changes nothing.
 */
final class LoginAttempts {
  private static final String BOUND = ", after its challenge had reached the client";

  private final LoginSession session;
  private final FrontEnd frontEnd;
  private final Timeline<SessionState> timeline;
  private final SessionGuard guard;
  private final Routing routing;
  private final Credentials credentials;
  private final ClientFacts seen;
  private final long deadlineNanos;
  private final ObjLongConsumer<LoginRefusal> failed;
  private final ObjLongConsumer<StoreAnswer> accepted;

  /** Of what is under way. */
  private long untilNanos;

  private @Nullable LookupResult user;
  private String name = "";
  private @Nullable StoreSearch search;
  private @Nullable LoginAttempt attempt;
  private int count;
  private int lackingMechanism;
  private String lack = "";
  private int challenges;
  private boolean staying;
  private boolean named;
  private boolean readOnly;
  private String why = "";

  /** Of the store under way, while it does not greet. */
  private long lookNanos;

  /** The one that is begun beside it, held before its login (rule B2.31). */
  private @Nullable LoginAttempt warm;

  private String warmName = "";
  private AttemptStage warmStage = AttemptStage.CONNECTING;
  private boolean ready;
  private @Nullable HedgeResult hedge;
  private @Nullable StoreAnswer firstRefusal;
  private String lastHost = "";
  private @Nullable LoginAttempt lastAttempt;

  /**
   * None was made yet.
   *
   * @param credentials as the site understands them
   * @param seen the client as stores shall hear of it
   * @param failed hears that no store lets the user in
   * @param accepted hears that one did; {@link #handOver} is next
   */
  LoginAttempts(
      LoginSession session,
      Credentials credentials,
      ClientFacts seen,
      long deadlineNanos,
      ObjLongConsumer<LoginRefusal> failed,
      ObjLongConsumer<StoreAnswer> accepted) {
    this.session = session;
    this.frontEnd = session.frontEnd();
    this.timeline = session.timeline();
    this.guard = session.guard();
    this.routing = frontEnd.routing().get();
    this.credentials = credentials;
    this.seen = seen;
    this.deadlineNanos = deadlineNanos;
    this.failed = failed;
    this.accepted = accepted;
  }

  /**
   * Begins where the mailbox is, or begins anew where it has moved to.
   *
   * @param found whose mailbox it is
   * @param identity the user's
   */
  void begin(LookupResult found, String identity, long nowNanos) {
    user = found;
    name = identity;
    GroupMatch match = routing.table().groupOf(found.mailHost());
    if (match.kind() != GroupMatch.Kind.FOUND) {
      fail(new LoginRefusal(LoginFailure.USER_UNAVAILABLE, match.reason()), nowNanos);
      return;
    }
    boolean certificate = credentials.mechanism().proof() == Mechanism.Proof.CERTIFICATE;
    if (certificate && routing.accessTo(match.found()).adminName().isEmpty()) {
      String reason =
          "the group " + match.found().name() + " has no imapadmin to log a certificate's owner in";
      fail(new LoginRefusal(LoginFailure.MECHANISM_UNAVAILABLE, reason), nowNanos);
      return;
    }
    StoreSearch begun =
        new StoreSearch(
            frontEnd.selector(),
            frontEnd.routing(),
            routing,
            frontEnd.protocol().service(),
            ClientKind.WRITER,
            guard.caller(),
            match.found());
    search = begun;
    begun.begin(session.first(), deadlineNanos, nowNanos);
    advance(nowNanos);
  }

  /** How many hosts were tried. */
  int count() {
    return count;
  }

  /** The host that was tried last; empty if none was. */
  String host() {
    return lastHost;
  }

  /** What was said to it, or is to be. */
  StoreLogin lastLogin() {
    LoginAttempt at = Objects.requireNonNull(lastAttempt, "no host was tried");
    return loginAt(at.host(), at.access());
  }

  /** The group that is searched now; empty if there is none. */
  String group() {
    return search == null ? "" : search.group().name();
  }

  /** Referrals that were followed. */
  int hops() {
    return search == null ? 0 : search.hops();
  }

  /** Whether the user stays on a replica that referred to no living master. */
  boolean readOnly() {
    return readOnly;
  }

  /** Why the present attempt goes to its host; empty if there is none. */
  String why() {
    return attempt == null ? "" : why;
  }

  /** What became of the last second connection; null if there was none. */
  @Nullable HedgeResult hedge() {
    return hedge;
  }

  /** When what is under way takes too long. */
  long untilNanos() {
    return untilNanos;
  }

  /** When to look after a store that does not greet. */
  long lookNanos() {
    return untilNanos - lookNanos >= 0 ? lookNanos : untilNanos;
  }

  /** The host that let the user in is the client's from now on. */
  Stay handOver(long nowNanos) {
    leaveWarm(HedgeResult.UNUSED);
    attempt = null;
    return search().handOver(nowNanos);
  }

  /** Nobody waits for it any more. */
  void abandon(long nowNanos) {
    if (search != null) {
      search.abandon(nowNanos);
    }
  }

  /** Leaves the stores under way. */
  void hangUp() {
    leaveWarm(HedgeResult.UNUSED);
    leaveAttempt();
  }

  private void leaveAttempt() {
    if (attempt != null) {
      session.steps().add(SessionStep.Simple.HANG_UP);
      attempt = null;
    }
  }

  private void leaveWarm(HedgeResult result) {
    if (warm != null) {
      session.steps().add(SessionStep.Simple.LEAVE_WARM);
      warm = null;
      hedge = result;
      search().hedgeEnded(result);
    }
  }

  /** Goes on to the next host, to a wait, or to the end of the search. */
  void advance(long nowNanos) {
    leaveAttempt();
    StoreSearch under = search();
    Choice choice = under.next(nowNanos);
    if (lackingMechanism > 0 && lackingMechanism == count && !choice.kind().attempt()) {
      // To wait is of no use: no host that can be reached takes the credentials in this form.
      under.abandon(nowNanos);
      fail(new LoginRefusal(LoginFailure.MECHANISM_UNAVAILABLE, lack), nowNanos);
      return;
    }
    if (!choice.kind().attempt()) {
      leaveWarm(HedgeResult.UNUSED);
    }
    switch (choice.kind()) {
      case ATTEMPT, ATTEMPT_READ_ONLY -> dial(choice, nowNanos);
      case WAIT -> {
        timeline.enter(SessionState.WAITING, nowNanos);
        untilNanos = choice.untilNanos();
        session.steps().add(new SessionStep.Await(wake -> under.awaitChange(choice, wake)));
      }
      case FAIL_NO_STORE ->
          failInFirstWords(LoginFailure.NO_STORE_ANSWERED, choice.reason().text(), nowNanos);
      case FAIL_NO_MASTER ->
          failInFirstWords(LoginFailure.NO_MASTER, choice.reason().text(), nowNanos);
    }
  }

  private void dial(Choice choice, long nowNanos) {
    StoreHost host = choice.target();
    StoreAccess access = search().accessTo(host);
    count++;
    lastHost = host.name();
    staying = choice.kind() == Choice.Kind.ATTEMPT_READ_ONLY;
    if (!session.goesOn() && !guard.hasRoomFor(name)) {
      failOverSessions(nowNanos);
      return;
    }
    why = choice.reason().text();
    LoginAttempt next = warm;
    if (next == null || !isAsChosen(next, host, access)) {
      leaveWarm(HedgeResult.UNUSED);
      next = attemptAt(host, access, why);
    }
    attempt = next;
    lastAttempt = next;
    named = false;
    timeline.enter(SessionState.CONNECTING, nowNanos);
    untilNanos = nowNanos + access.connectTimeout().plus(access.greetingTimeout()).toNanos();
    lookNanos = search().lookNanos(access, nowNanos);
    session.steps().add(new SessionStep.Dial(next));
    if (next.equals(warm)) {
      warm = null;
      hedge = HedgeResult.USED;
      search().goesOnWarm(warmStage, nowNanos);
      if (warmStage == AttemptStage.OPENING) {
        awaitOpening(next, nowNanos);
      }
    }
  }

  private LoginAttempt attemptAt(StoreHost host, StoreAccess access, String reason) {
    return new LoginAttempt(
        host,
        search().group(),
        access,
        search().amongStrangers(),
        reason,
        seen,
        frontEnd.protocol().withStore(loginAt(host, access)));
  }

  private StoreLogin loginAt(StoreHost host, StoreAccess access) {
    return StoreLogin.at(
        host, access, credentials, nameAt(host), frontEnd.login().masterUserSeparator(), seen);
  }

  private String nameAt(StoreHost host) {
    return search().storeName(host, Objects.requireNonNull(user, "nobody was found").storeName());
  }

  private void awaitOpening(LoginAttempt by, long nowNanos) {
    timeline.enter(SessionState.LOGGING_IN, nowNanos);
    untilNanos = nowNanos + by.access().greetingTimeout().toNanos();
  }

  // ---- a store that is late

  /**
   * Whether what was warmed is what the search has chosen, in the protection and by the name that a
   * referral may have changed meanwhile.
   */
  private boolean isAsChosen(LoginAttempt warmed, StoreHost host, StoreAccess access) {
    return warmed.host().equals(host)
        && warmed.group().equals(search().group())
        && warmed.access().equals(access)
        && warmed.stranger() == search().amongStrangers()
        && warmName.equals(nameAt(host));
  }

  /** The store of that attempt, which was warmed, would be logged in to now. */
  void onReady(LoginAttempt by, long nowNanos, double random) {
    if (by.equals(warm)) {
      ready = true;
      lookAfter(nowNanos, random);
    }
  }

  /** A store does not greet: it is too late for it, or time to look after another one. */
  void onNoGreeting(long nowNanos, double random) {
    if (untilNanos - nowNanos <= 0 || deadlineNanos - nowNanos <= 0) {
      onTimeout("greeting", nowNanos, random);
    } else {
      lookAfter(nowNanos, random);
    }
  }

  private void lookAfter(long nowNanos, double random) {
    LoginAttempt late = Objects.requireNonNull(attempt, "no attempt is under way");
    StoreSearch under = search();
    if (under.mayLeave(ready, late.access(), nowNanos)) {
      under.leave("no greeting yet, left for another host", nowNanos, random);
      advance(nowNanos);
      return;
    }
    StoreHost next = warm == null ? under.hedge(nowNanos) : null;
    if (next != null) {
      LoginAttempt begun = attemptAt(next, under.accessTo(next), "");
      begun.dialogue().hold();
      warm = begun;
      warmName = nameAt(next);
      warmStage = AttemptStage.CONNECTING;
      ready = false;
      session.steps().add(new SessionStep.Warm(begun));
    }
    lookNanos = under.lookNanos(late.access(), nowNanos);
  }

  /** What was warmed did not come about, which is no evidence of any host. */
  private void onWarmEnded(long nowNanos, double random) {
    leaveWarm(HedgeResult.FAILED);
    if (timeline.state() == SessionState.CONNECTING && attempt != null) {
      lookAfter(nowNanos, random);
    }
  }

  // ---- what a store says

  /** The store of that attempt came so far. */
  void onProgress(LoginAttempt by, AttemptStage reached, long nowNanos) {
    if (by.equals(warm)) {
      warmStage = reached;
      return;
    }
    SessionState expected =
        reached == AttemptStage.NAMED ? SessionState.LOGGING_IN : SessionState.CONNECTING;
    if (!by.equals(attempt) || timeline.state() != expected) {
      return;
    }
    search().reached(reached, nowNanos);
    switch (reached) {
      case GREETING, ANNOUNCED -> untilNanos = nowNanos + by.access().greetingTimeout().toNanos();
      case OPENING -> {
        leaveWarm(HedgeResult.UNUSED);
        awaitOpening(by, nowNanos);
      }
      case NAMED -> {
        named = true;
        untilNanos = nowNanos + by.access().answerTimeout().toNanos();
      }
      case CONNECTING -> {}
    }
  }

  /** The store of that attempt asks the client, to whose answer the login is bound then. */
  void onChallenge(LoginAttempt by, byte[] base64, long nowNanos, double random) {
    if (!by.equals(attempt)) {
      return;
    }
    if (++challenges > LoginRules.MOST_CHALLENGES) {
      String endless = "the store's challenges come to no end";
      onStoreAnswer(
          by, StoreAnswer.failed(AttemptOutcome.PROTOCOL_VIOLATION, endless), nowNanos, random);
      return;
    }
    search().waitsForClient(nowNanos);
    guard.asked();
    timeline.enter(SessionState.CHALLENGED, nowNanos);
    session.challenged(base64);
  }

  /** The client responds to the store's challenge. */
  void responds(long nowNanos) {
    LoginAttempt asking = Objects.requireNonNull(attempt, "no store asked");
    timeline.enter(SessionState.LOGGING_IN, nowNanos);
    untilNanos = nowNanos + asking.access().answerTimeout().toNanos();
  }

  /** For so long since that attempt began nobody here had time for what its store said. */
  void wasLate(LoginAttempt by, long nanos) {
    if (by.equals(attempt)) {
      search().wasLate(nanos);
    }
  }

  /** The store of that attempt answered, or failed in a way that the answer tells. */
  void onStoreAnswer(LoginAttempt by, StoreAnswer answer, long nowNanos, double random) {
    if (by.equals(warm)) {
      onWarmEnded(nowNanos, random);
      return;
    }
    if (!by.equals(attempt)) {
      return;
    }
    Referral referral = answer.referral();
    if (referral != null) {
      onReferral(by, answer, referral, nowNanos, random);
      return;
    }
    if (answer.lacksMechanism()) {
      lackingMechanism++;
      lack = answer.reason();
    }
    if (answer.refusesAdministrator()) {
      frontEnd
          .listener()
          .administratorRefused(frontEnd.protocol().service(), by, name, answer.reason());
    }
    AttemptOutcome outcome = search().asMeantForAll(answer.outcome());
    search().report(outcome, answer.reason(), nowNanos, random);
    if (outcome == AttemptOutcome.TEMPORARY_FAILURE && firstRefusal == null && answer.worded()) {
      firstRefusal = answer;
    }
    LoginRefusal refusal = LoginRules.ofStore(outcome, answer);
    if (refusal != null) {
      fail(refusal, nowNanos);
    } else if (outcome == AttemptOutcome.ACCEPTED) {
      letIn(answer, nowNanos);
    } else {
      advanceUnlessBound(answer.reason(), nowNanos);
    }
  }

  private void onReferral(
      LoginAttempt from, StoreAnswer answer, Referral referral, long nowNanos, double random) {
    boolean loggedIn = referral.loggedIn();
    if (staying && loggedIn) {
      search().acceptedReadOnly(answer.reason(), nowNanos, random);
      readOnly = true;
      letIn(answer, nowNanos);
      return;
    }
    Verdict verdict = search().judge(from.host(), referral);
    String said = answer.reason() + ", " + verdict.reason();
    if (verdict.kind().leavesGroup()) {
      frontEnd.directory().forget(name); // B2.24: what it says of the mailbox is old
    }
    switch (verdict.kind()) {
      case IN_GROUP, OTHER_GROUP, TRUSTED -> {
        search().referred(verdict, loggedIn, said, nowNanos, random);
        if (challenges == 0) {
          search().follow(from.access().tls(), referral, verdict, nowNanos);
          advance(nowNanos);
        } else {
          // What the client answered is bound to the referring host; its next login begins there.
          search().leaveReferral(nowNanos);
          fail(new LoginRefusal(LoginFailure.NO_MASTER, said + BOUND), nowNanos);
        }
      }
      case NOT_A_REFERRAL -> {
        AttemptOutcome outcome =
            loggedIn ? AttemptOutcome.ACCEPTED : AttemptOutcome.TEMPORARY_FAILURE;
        search().report(outcome, said, nowNanos, random);
        if (loggedIn) {
          letIn(answer, nowNanos);
        } else {
          advanceUnlessBound(said, nowNanos);
        }
      }
      case VISITED, PASSED_OVER -> {
        search().referred(null, loggedIn, said, nowNanos, random);
        advanceUnlessBound(said, nowNanos);
      }
      case UNTRUSTED, PORT_NOT_FOLLOWED, TOO_MANY_HOPS -> {
        search().referred(null, false, said, nowNanos, random);
        search().abandon(nowNanos);
        boolean hops = verdict.kind() == Kind.TOO_MANY_HOPS;
        fail(
            new LoginRefusal(hops ? LoginFailure.NO_MASTER : LoginFailure.NO_TRUSTED_STORE, said),
            nowNanos);
      }
    }
  }

  private void advanceUnlessBound(String said, long nowNanos) {
    if (challenges == 0) {
      advance(nowNanos);
    } else {
      search().abandon(nowNanos);
      failInFirstWords(LoginFailure.NO_STORE_ANSWERED, said + BOUND, nowNanos);
    }
  }

  /**
   * A store takes too long.
   *
   * @param waitedFor what it did not say in time
   */
  void onTimeout(String waitedFor, long nowNanos, double random) {
    LoginAttempt silent = Objects.requireNonNull(attempt, "no attempt is under way");
    if (nowNanos - deadlineNanos < 0) {
      boolean opening = timeline.state() == SessionState.LOGGING_IN && !named;
      String reason = "no " + (opening ? "answer before the login" : waitedFor) + " in time";
      onStoreAnswer(
          silent, StoreAnswer.failed(AttemptOutcome.UNREACHABLE, reason), nowNanos, random);
    } else {
      search().abandon(nowNanos);
      failInFirstWords(
          LoginFailure.NO_STORE_ANSWERED,
          "the login deadline passed without " + waitedFor + " of " + lastHost,
          nowNanos);
    }
  }

  // ---- how they end

  private void letIn(StoreAnswer answer, long nowNanos) {
    if (session.goesOn() || guard.takesSession(name)) {
      accepted.accept(answer, nowNanos);
    } else {
      failOverSessions(nowNanos);
    }
  }

  private void failOverSessions(long nowNanos) {
    search().abandon(nowNanos);
    fail(new LoginRefusal(LoginFailure.OVER_LIMIT, "too many sessions of this user"), nowNanos);
  }

  /** No store let the user in: he hears what the first one said that refused him (rule B3.10). */
  private void failInFirstWords(LoginFailure failure, String reason, long nowNanos) {
    fail(new LoginRefusal(failure, firstRefusal, reason), nowNanos);
  }

  private void fail(LoginRefusal refusal, long nowNanos) {
    hangUp();
    failed.accept(refusal, nowNanos);
  }

  private StoreSearch search() {
    return Objects.requireNonNull(search, "no group was entered");
  }
}
