package org.openmmp.lmtp.transaction;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.LmtpConfig;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.lmtp.store.StoreCapacity;
import org.openmmp.lmtp.store.StoreConversation;
import org.openmmp.lmtp.store.StoreIntroduction;
import org.openmmp.lmtp.store.StoreKey;
import org.openmmp.lmtp.store.StorePlace;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.AttemptStage;
import org.openmmp.repgroup.Caller;
import org.openmmp.repgroup.Choice;
import org.openmmp.repgroup.Reason;
import org.openmmp.repgroup.ReferralTrust.Kind;
import org.openmmp.repgroup.ReferralTrust.Verdict;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.Referral;
import org.openmmp.routing.StoreSearch;

/**
 * The delivery of one message to its recipients in one group: one {@link StoreAttempt} after
 * another, each with all recipients that have no last word yet (rules B5.2 to B5.7).
 */
final class GroupDelivery implements AttemptEnding {
  /** How a new connection ends if its store is full. */
  private static final Set<AttemptOutcome> TURNS_AWAY =
      EnumSet.of(
          AttemptOutcome.REFUSED_GREETING,
          AttemptOutcome.UNREACHABLE,
          AttemptOutcome.TEMPORARY_FAILURE);

  private final Relay relay;
  private final Envelope envelope;
  private final StoreSearch search;
  private final @Nullable StoreHost mailHost;
  private final DeliveryClock clock;
  private final DeliveryRecipients recipients;
  private final Bulkheads.Berth berth;
  private final StoreCapacity.Claim claim;

  private final PassedStores passed;
  private final ConnectionWait connection;

  /** When one that has not begun is turned away in any case. */
  private final long heldUntilNanos;

  private @Nullable StoreHost first;
  private @Nullable StoreAttempt attempt;
  private int attempts;
  private @Nullable Choice wait;

  private boolean bodyWanted;
  private boolean chunked;
  private boolean bareNewline;
  private @Nullable Long messageOctets;
  private String why = "";

  /**
   * A delivery without recipients.
   *
   * @param berth what it counts as among the deliveries of its group
   * @param claim what it counts as among those who want connections to stores
   * @param mailHost the one host that may be asked where there is no failover; null: the group's
   *     first
   */
  GroupDelivery(
      Relay relay,
      Envelope envelope,
      ReplicationGroup group,
      @Nullable StoreHost mailHost,
      Bulkheads.Berth berth,
      StoreCapacity.Claim claim,
      long nowNanos) {
    this.relay = relay;
    this.envelope = envelope;
    this.mailHost = mailHost;
    this.first = mailHost;
    this.berth = berth;
    this.claim = claim;
    this.passed = new PassedStores(relay.capacity(), claim);
    this.connection = new ConnectionWait(relay.capacity(), claim);
    this.heldUntilNanos = nowNanos + relay.settings().config().timeouts().search().toNanos();
    this.search =
        new StoreSearch(
            relay.selector(),
            relay.routing(),
            envelope.routing(),
            RelaySettings.SERVICE,
            relay.settings().clientKind(),
            Caller.UNKNOWN,
            group);
    this.recipients = new DeliveryRecipients(relay, group);
    this.clock = new DeliveryClock(relay.settings().config().timeouts(), nowNanos);
  }

  /** One more recipient; its store is asked at once. */
  void add(Recipient recipient, Turn turn) {
    if (!recipients.add(recipient)) {
      return;
    }
    if (attempt != null) {
      attempt.transaction().add(recipient, turn);
    } else if (!berth.hasBegun()) {
      begin(turn);
    } else if (wait == null && !connection.underWay()) {
      advance(turn);
    }
  }

  /** Goes to the stores unless too many wait there (rule B5.17). */
  private void begin(Turn turn) {
    long now = turn.nowNanos();
    if (berth.begins(share(), now)) {
      advance(turn);
    } else if (mayPassBy(now)) {
      passed.neverAskSilent();
      berth.passesBy(now);
      advance(turn);
    } else if (berth.surplus(share(), now) || now - heldUntilNanos >= 0) {
      turnAway(turn);
    }
  }

  /** Whether the deliveries that wait do so at one host, and another may take this one. */
  private boolean mayPassBy(long nowNanos) {
    List<StorePlace> places = search.group().hosts().stream().map(this::placeOf).toList();
    return passed.divide(places, nowNanos) && relay.settings().clientKind().failsOver();
  }

  private void turnAway(Turn turn) {
    relay.listener().groupStuck(search.group().name());
    end(Answers.STUCK, "too many deliveries wait for the stores of this group", turn);
  }

  /** The client's message begins, in chunks or behind DATA. */
  void sendBody(boolean inChunks, Turn turn) {
    bodyWanted = true;
    chunked = inChunks;
    if (attempt != null) {
      attempt.transaction().sendBody(chunked, turn);
    }
  }

  /** Whether every recipient has its last word. */
  boolean finished() {
    return recipients.finished();
  }

  /** The message has a CR or LF that is no line end (rule B5.16). */
  void onBareNewline(Turn turn) {
    bareNewline = true;
    if (attempt != null) {
      attempt.transaction().onBareNewline(turn);
    }
  }

  /** The client's message is complete. */
  void onMessageComplete(long octets, Turn turn) {
    messageOctets = octets;
    clock.onMessageComplete(turn);
    if (attempt != null) {
      attempt.transaction().messageIs(octets, turn);
    }
  }

  /**
   * Ends the delivery: who has no last word gets this one, or hears that the connection was lost if
   * the message is out already.
   */
  void end(LmtpReply reply, String reason, Turn turn) {
    boolean sent = abandonAttempt(turn);
    if (recipients.finished()) {
      search.abandon(turn.nowNanos());
    } else {
      conclude(sent ? Answers.LOST : reply, "", reason, turn);
    }
  }

  /**
   * Ends the delivery because the client goes no further: nobody is told anything, unless the
   * message is out already.
   */
  void giveUp(String reason, Turn turn) {
    if (abandonAttempt(turn)) {
      conclude(Answers.LOST, "", reason, turn);
    } else {
      search.abandon(turn.nowNanos());
      waitNoMore();
      why = recipients.finished() ? why : reason;
    }
    berth.leave();
  }

  /** A turn is over: whether stores owe it something has to be known for other deliveries. */
  void settle(Turn turn) {
    boolean waits = wait != null || connection.underWay();
    boolean under = attempt != null || waits;
    if (recipients.finished() && !under) {
      berth.leave();
    } else {
      berth.owes(waits || (attempt != null && attempt.timed()), turn.nowNanos());
    }
  }

  /** Whether the message may have been delivered there. */
  private boolean abandonAttempt(Turn turn) {
    StoreAttempt ended = attempt;
    attempt = null;
    if (ended != null) {
      ended.abandon(turn);
      relay.capacity().leave(claim);
      clock.timeline().stop(turn.nowNanos());
    }
    return ended != null && ended.stage().mayHaveDelivered();
  }

  /** The attempt that is under way; null if there is none. */
  @Nullable StoreAttempt attempt() {
    return attempt;
  }

  /** Something changed that was awaited, by whomever. */
  void onWake(Object what, Turn turn) {
    if (what.equals(wait)) {
      goOn(turn);
    } else if (what == claim.party()) {
      onNewsOfConnections(turn);
    }
  }

  private void onNewsOfConnections(Turn turn) {
    StoreAttempt under = attempt;
    if (connection.mayGoOn(turn.nowNanos())) {
      goOnWithConnection(turn);
    } else if (under != null && claim.givesWay() && !bodyWanted && !under.opening()) {
      StorePlace place = under.store().place();
      leaveForAnother(under, turn);
      awaitConnection(place, turn);
    }
  }

  /** Asks anew who is master: it may be another by now. */
  private void goOnWithConnection(Turn turn) {
    connection.end();
    advance(turn);
    if (attempt == null && !connection.underWay()) {
      relay.capacity().leave(claim);
    }
  }

  private void goOn(Turn turn) {
    if (wait != null) {
      wait = null;
      advance(turn);
    }
  }

  /** When {@link #onTick} is due, or that other time if it is earlier; null: neither. */
  @Nullable Long earliest(@Nullable Long other) {
    if (recipients.finished() && attempt == null) {
      return other;
    }
    Long judged = judgedNext();
    Long next = earliestForConnection(clock.earliest(other, search, wait, attempt));
    return judged == null ? next : DeliveryClock.earlier(next, judged);
  }

  private @Nullable Long earliestForConnection(@Nullable Long other) {
    StoreAttempt under = attempt;
    Long silent =
        under == null || !under.opening() ? null : relay.capacity().judgedNext(under.store().key());
    Long next = connection.earliest(other);
    return silent == null ? next : DeliveryClock.earlier(next, silent);
  }

  /** A new connection may be silent for too long, or a wait for one be over. */
  private void tickForConnection(Turn turn) {
    StoreCapacity capacity = relay.capacity();
    long now = turn.nowNanos();
    StoreAttempt under = attempt;
    if (connection.underWay()) {
      StorePlace late = connection.failed(now);
      if (connection.mayGoOn(now)) {
        goOnWithConnection(turn);
      } else if (late != null) {
        conclude(Answers.FULL, "", late.host() + " gave no connection in time", turn);
      }
    } else if (under != null && under.opening()) {
      StoreKey key = under.store().key();
      Long due = capacity.judgedNext(key);
      if (due != null && now - due >= 0 && capacity.isKeptWaiting(key, now)) {
        turnedAway(under, "says nothing to a new connection", turn);
      }
    }
  }

  /** Whether a store is full, and has not failed: then one of its connections is waited for. */
  private boolean turnedAway(StoreAttempt ended, String how, Turn turn) {
    StorePlace place = ended.store().place();
    OptionalInt left = relay.capacity().turnedAway(place, ended.begunNanos(), turn.nowNanos());
    if (left.isEmpty()) {
      return false;
    }
    relay.listener().storeFull(search.group().name(), place.host().name(), left.getAsInt());
    if (attempt == ended) {
      attempt = null;
      ended.breakOff(turn);
      clock.timeline().stop(turn.nowNanos());
    }
    why = place.host() + " is full: " + how;
    relay.capacity().leave(claim);
    awaitConnection(place, turn);
    return true;
  }

  /**
   * Waits for a connection to a store whose connections are all in use; the walk is over, so that
   * it holds no place there and nobody waits for its answer.
   */
  private void awaitConnection(StorePlace place, Turn turn) {
    search.abandon(turn.nowNanos());
    if (!connection.begin(place, longestWait(), turn)) {
      conclude(Answers.FULL, "", place.host() + " gives no more connections", turn);
    }
  }

  /** Who was promised a delivery has as long as for the search of a store. */
  private Duration longestWait() {
    LmtpConfig config = relay.settings().config();
    return recipients.promised() ? config.timeouts().search() : config.pool().longestWait();
  }

  private void waitNoMore() {
    wait = null;
    connection.end();
    relay.capacity().leave(claim);
  }

  /** A deadline may have passed. */
  void onTick(Turn turn) {
    tickForConnection(turn);
    Long judged = judgedNext();
    if (judged != null && turn.nowNanos() - judged >= 0) {
      if (!berth.hasBegun()) {
        begin(turn);
      } else if (berth.surplus(share(), turn.nowNanos())) {
        turnAway(turn);
        return;
      }
    }
    switch (clock.due(search, wait, attempt, turn.nowNanos())) {
      case SEARCH -> searchTooLong(turn);
      case GIVE_UP -> end(Answers.NO_STORE, "no store took the message in time", turn);
      case WAIT -> goOn(turn);
      case LEAVE -> leaveToProbe(turn);
      case STORE -> {
        StoreAttempt silent = current();
        String said = silent.store() + " was silent at " + silent.stage().words();
        silent.onLost(AttemptOutcome.UNREACHABLE, said, turn);
      }
      case NOTHING -> {
        return;
      }
    }
  }

  /**
   * When it is to be judged among those of its group; null: it is not, for somebody was promised.
   */
  private @Nullable Long judgedNext() {
    return recipients.promised() ? null : berth.judgedNext();
  }

  private int share() {
    return relay.settings().config().bounds().groupShare();
  }

  /** Nobody waits for a store of a group without a master: a probe asks it, all its time long. */
  private void leaveToProbe(Turn turn) {
    StoreAttempt silent = current();
    String said = silent.store() + " was left at " + silent.stage().words() + ", without a master";
    leaveForAnother(silent, turn);
    search.leave(said, turn.nowNanos(), turn.random());
    advance(turn);
  }

  private void searchTooLong(Turn turn) {
    if (attempt == null) {
      goOn(turn); // and the walk says why
    } else {
      end(Answers.NO_STORE, "no store took recipients in time", turn);
    }
  }

  /** What happened, for the log. */
  DeliveryReport report() {
    return clock.report(search.group().name(), attempts, search.hops(), why);
  }

  @Override
  public void referred(Referral referral, Turn turn) {
    StoreAttempt from = current();
    StorePlace place = from.store().place();
    Verdict verdict = followsReferrals() ? search.judge(place.host(), referral) : null;
    if (verdict == null || verdict.kind() == Kind.NOT_A_REFERRAL) {
      from.obey(from.store().goOn(), turn);
      return;
    }
    if (verdict.kind().leavesGroup()) {
      recipients.open().forEach(recipient -> DeliveryRecipients.forget(recipient, turn));
    }
    leaveForAnother(from, turn);
    switch (verdict.kind()) {
      case IN_GROUP -> follow(place, referral, verdict, turn);
      case VISITED, PASSED_OVER -> {
        search.referred(null, false, verdict.reason(), turn.nowNanos(), turn.random());
        advance(turn);
      }
      case NOT_A_REFERRAL, OTHER_GROUP, TRUSTED, UNTRUSTED, TOO_MANY_HOPS, PORT_NOT_FOLLOWED ->
          hostFailed(place.host(), AttemptOutcome.TEMPORARY_FAILURE, verdict.reason(), turn);
    }
  }

  private boolean followsReferrals() {
    return relay.settings().clientKind().followsReferrals();
  }

  private void follow(StorePlace from, Referral referral, Verdict verdict, Turn turn) {
    if (!search.underWay()) {
      first = verdict.host();
    }
    search.referred(verdict, false, verdict.reason(), turn.nowNanos(), turn.random());
    search.follow(from.access().tls(), referral, verdict, turn.nowNanos());
    advance(turn);
  }

  @Override
  public void recipientAnswered(Recipient recipient, LmtpReply reply, Turn turn) {
    StoreAttempt at = current();
    StorePlace place = at.store().place();
    Referral referral = StoreIntroduction.referralOfRecipient(reply);
    if (referral != null) {
      Verdict verdict = search.judge(place.host(), referral);
      if (followsReferrals() && verdict.kind() == Kind.IN_GROUP) {
        leaveForAnother(at, turn);
        follow(place, referral, verdict, turn);
        return;
      }
      if (verdict.kind().leavesGroup()) {
        DeliveryRecipients.forget(recipient, turn);
      }
    }
    LmtpReply told = referral == null ? reply : Answers.REFERRED_AWAY;
    settled(reply.isPositive(), reply, turn);
    if (recipient.answered() || !recipients.doubted(recipient, told, place.host(), turn)) {
      settle(recipient, told, place.host(), turn);
    }
  }

  /** The directory still says that the recipient is where a store refused it. */
  void refusalConfirmed(Recipient recipient, LmtpReply refusal, Turn turn) {
    StoreHost host = new StoreHost(recipient.host());
    if (recipient.accepted()) {
      recipients.finish(recipient, refusal, host, turn);
    } else {
      settle(recipient, refusal, host, turn);
    }
  }

  private void settle(Recipient recipient, LmtpReply reply, StoreHost host, Turn turn) {
    boolean hostFailed = recipients.answer(recipient, reply, host, turn);
    StoreAttempt at = attempt;
    if (hostFailed
        && at != null
        && at.store().place().host().equals(host)
        && at.stage().compareTo(DeliveryStage.DATA) < 0) {
      leaveForAnother(at, turn);
      hostFailed(host, AttemptOutcome.MAILBOXES_LOST, host + " has lost mailboxes: " + reply, turn);
    }
  }

  @Override
  public void recipientFinished(Recipient recipient, LmtpReply reply, Turn turn) {
    StoreHost host = current().store().place().host();
    boolean referred = StoreIntroduction.referralOfRecipient(reply) != null;
    LmtpReply last = referred ? Answers.REFERRED_AWAY : reply;
    if (!recipients.doubted(recipient, last, host, turn)) {
      recipients.finish(recipient, last, host, turn);
    }
  }

  @Override
  public void completed(Turn turn) {
    leave(turn);
    search.abandon(turn.nowNanos());
  }

  @Override
  public void refused(LmtpReply reply, Turn turn) {
    StoreAttempt ended = leave(turn);
    String host = ended.store().place().host().name();
    settled(false, reply, turn);
    if (ended.stage().compareTo(DeliveryStage.DATA) < 0) {
      recipients.open().forEach(each -> each.answerRcpt(reply, host));
    }
    conclude(reply, host, host + " refused with " + reply, turn);
  }

  @Override
  public void failed(AttemptOutcome outcome, String reason, Turn turn) {
    StoreAttempt ended = leave(turn);
    StorePlace place = ended.store().place();
    boolean closed = ended.opening() && TURNS_AWAY.contains(outcome);
    if (recipients.finished()) {
      search.abandon(turn.nowNanos());
    } else if (closed && turnedAway(ended, reason, turn)) {
      return;
    } else if (ended.mayBeStale()) {
      search.reached(AttemptStage.CONNECTING, turn.nowNanos());
      dial(place, turn);
    } else {
      why = reason;
      hostFailed(place.host(), outcome, reason, turn);
    }
  }

  @Override
  public void lost(String reason, Turn turn) {
    leave(turn);
    conclude(Answers.LOST, "", reason, turn);
  }

  private StoreAttempt leave(Turn turn) {
    StoreAttempt ended = current();
    attempt = null;
    ended.leave(turn);
    relay.capacity().leave(claim);
    clock.timeline().stop(turn.nowNanos());
    return ended;
  }

  /** The host under way has said its word on a recipient: it is the one, and the walk ends. */
  private void settled(boolean accepted, LmtpReply reply, Turn turn) {
    if (!search.underWay()) {
      return;
    }
    AttemptOutcome outcome = accepted ? AttemptOutcome.ACCEPTED : AttemptOutcome.AUTH_REJECTED;
    search.report(outcome, reply.toString(), turn.nowNanos(), turn.random());
    search.abandon(turn.nowNanos());
  }

  private void hostFailed(StoreHost host, AttemptOutcome outcome, String reason, Turn turn) {
    if (search.underWay()) {
      search.report(outcome, reason, turn.nowNanos(), turn.random());
    } else {
      passed.failed(host, outcome);
    }
    if (outcome.next() == AttemptOutcome.Next.STOP) {
      conclude(Answers.NO_RESOURCE, "", reason, turn);
    } else {
      advance(turn);
    }
  }

  /**
   * Goes on to the next host, to a wait, or to the end. A walk ends with the first word of a store
   * on a recipient, so that other deliveries know of the master before a message is through; if
   * that host fails later, another walk begins here, which hears of the failure when it comes to
   * that host.
   */
  private void advance(Turn turn) {
    if (!search.underWay()) {
      long limit = relay.settings().config().timeouts().search().toNanos();
      boolean promised = recipients.promised();
      search.begin(first, promised, turn.nowNanos() + limit, turn.nowNanos());
      first = mailHost;
    }
    Choice choice = search.next(turn.nowNanos());
    StorePlace place = placeOf(choice);
    AttemptOutcome before = place == null ? null : passed.without(place, turn.nowNanos());
    while (before != null) {
      search.keptConnection(turn.nowNanos()); // it hears nothing new of the host
      search.report(before, "not asked with this message", turn.nowNanos(), turn.random());
      choice = search.next(turn.nowNanos());
      place = placeOf(choice);
      before = place == null ? null : passed.without(place, turn.nowNanos());
    }
    if (place != null) {
      why = choice.reason().text();
      tryAt(place, turn);
    } else if (nobodyElse(choice) && passed.endsWithoutSilent()) {
      turnAway(turn);
    } else if (nobodyElse(choice) && passed.turnsToSilent()) {
      long until = search.deadlineNanos();
      search.abandon(turn.nowNanos());
      search.begin(first, recipients.promised(), until, turn.nowNanos());
      advance(turn);
    } else {
      waitOrEnd(choice, turn);
    }
  }

  private void waitOrEnd(Choice choice, Turn turn) {
    switch (choice.kind()) {
      case ATTEMPT, ATTEMPT_READ_ONLY -> throw new IllegalStateException("there is a place");
      case WAIT -> {
        wait = choice;
        turn.want(new RelayStep.Await(choice, wake -> search.awaitChange(choice, wake)));
      }
      case FAIL_NO_STORE -> conclude(Answers.NO_STORE, "", choice.reason().text(), turn);
      case FAIL_NO_MASTER -> conclude(Answers.NO_MASTER, "", choice.reason().text(), turn);
    }
  }

  /** Whether no other host takes the message, as far as is known now. */
  private static boolean nobodyElse(Choice choice) {
    return choice.kind() != Choice.Kind.WAIT
        || choice.reason().kind() == Reason.Kind.NO_MASTER_PAUSE;
  }

  private @Nullable StorePlace placeOf(Choice choice) {
    return choice.kind().attempt() ? placeOf(choice.target()) : null;
  }

  private StorePlace placeOf(StoreHost host) {
    ReplicationGroup group = search.group();
    return new StorePlace(host, group, search.accessTo(host), envelope.introducedTo(group));
  }

  private void tryAt(StorePlace place, Turn turn) {
    attempts++;
    StoreCapacity capacity = relay.capacity();
    StoreConversation kept =
        capacity.mayUseKept(claim, place, turn.nowNanos())
            ? relay.idle().take(place, turn.nowNanos())
            : null;
    if (kept == null) {
      dial(place, turn);
    } else {
      capacity.took(claim, kept.key());
      begin(kept, true, turn);
    }
  }

  private void dial(StorePlace place, Turn turn) {
    StoreCapacity capacity = relay.capacity();
    boolean rationed = capacity.isRationed(place);
    StoreKey key = capacity.dial(claim, place, turn.nowNanos());
    if (key == null) {
      attempts--;
      why = place.host() + " has no connection free";
      awaitConnection(place, turn);
      return;
    }
    if (rationed) {
      // Nobody waits for its greeting: it may be one too many.
      search.keptConnection(turn.nowNanos());
      search.reached(AttemptStage.CONNECTING, turn.nowNanos());
    }
    begin(new StoreConversation(key, relay.settings().introduction()), false, turn);
  }

  private void begin(StoreConversation store, boolean reused, Turn turn) {
    clock.timeline().enter(DeliveryStage.CONNECTING, turn.nowNanos());
    StoreAttempt begun =
        new StoreAttempt(
            relay, search, store, reused, envelope.mail(), clock.timeline(), berth, this);
    attempt = begun;
    recipients.open().forEach(each -> begun.transaction().add(each, turn));
    if (messageOctets != null) {
      begun.transaction().messageIs(messageOctets, turn);
    }
    if (bareNewline) {
      begun.transaction().onBareNewline(turn);
    }
    if (bodyWanted) {
      begun.transaction().sendBody(chunked, turn);
    }
    begun.begin(turn);
  }

  private void leaveForAnother(StoreAttempt ended, Turn turn) {
    attempt = null;
    ended.abandon(turn);
    relay.capacity().leave(claim);
    clock.timeline().stop(turn.nowNanos());
  }

  private void conclude(LmtpReply reply, String host, String reason, Turn turn) {
    search.abandon(turn.nowNanos());
    waitNoMore();
    why = reason;
    recipients.conclude(reply, host);
  }

  private StoreAttempt current() {
    StoreAttempt under = attempt;
    if (under == null) {
      throw new IllegalStateException("no attempt is under way");
    }
    return under;
  }
}
