package org.openmmp.lmtp.transaction;

import org.jspecify.annotations.Nullable;
import org.openmmp.directory.LookupRequest;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.Choice;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.Referral;

/**
 * The delivery of one message to its recipients in one group: one {@link StoreAttempt} after
 * another, each with all recipients that have no last word yet (rules B5.2 to B5.7).
 */
final class GroupDelivery implements AttemptEnding {
  private final Relay relay;
  private final HostSearch search;
  private final DeliveryClock clock;
  private final Attempts attempts;
  private final DeliveryRecipients recipients = new DeliveryRecipients();
  private @Nullable StoreAttempt attempt;
  private @Nullable Choice wait;
  private boolean bodyWanted;
  private boolean chunked;
  private boolean bareNewline;
  private @Nullable Long messageOctets;
  private String why = "";

  /** A delivery without recipients. */
  GroupDelivery(Relay relay, Envelope envelope, HostSearch search, long nowNanos) {
    this.relay = relay;
    this.search = search;
    this.clock = new DeliveryClock(relay.settings().config().timeouts(), nowNanos);
    this.attempts = new Attempts(relay, envelope, clock.timeline(), this);
  }

  /** One more recipient; its store is asked at once. */
  void add(Recipient recipient, Turn turn) {
    if (!recipients.add(recipient)) {
      return;
    }
    if (attempt != null) {
      attempt.transaction().add(recipient, turn);
    } else if (wait == null) {
      obey(search.advance(turn), turn);
    }
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
      search.abandon(turn);
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
      search.abandon(turn);
      wait = null;
      why = recipients.finished() ? why : reason;
    }
  }

  /** Whether the message may have been delivered there. */
  private boolean abandonAttempt(Turn turn) {
    StoreAttempt ended = attempt;
    attempt = null;
    if (ended != null) {
      ended.abandon(turn);
      clock.timeline().stop(turn.nowNanos());
    }
    return ended != null && ended.stage().mayHaveDelivered();
  }

  /** The attempt that is under way; null if there is none. */
  @Nullable StoreAttempt attempt() {
    return attempt;
  }

  /** Something changed that the choice waits for, whosever it is. */
  void onWake(Choice choice, Turn turn) {
    if (choice.equals(wait)) {
      goOn(turn);
    }
  }

  private void goOn(Turn turn) {
    if (wait != null) {
      wait = null;
      obey(search.advance(turn), turn);
    }
  }

  /** Considers when {@link #onTick} is due. */
  void considerDeadlines(NextDeadline next) {
    if (!recipients.finished() || attempt != null) {
      clock.consider(search, wait, attempt, next);
    }
  }

  /** A deadline may have passed. */
  void onTick(Turn turn) {
    switch (clock.due(search, wait, attempt, turn.nowNanos())) {
      case SEARCH -> searchTooLong(turn);
      case GIVE_UP -> end(Answers.NO_STORE, "no store took the message in time", turn);
      case WAIT -> goOn(turn);
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

  private void searchTooLong(Turn turn) {
    if (attempt == null) {
      goOn(turn); // and the walk says why
    } else {
      end(Answers.NO_STORE, "no store took recipients in time", turn);
    }
  }

  /** What happened, for the log. */
  DeliveryReport report() {
    return clock.report(search.group().name(), attempts.count(), search.hops(), why);
  }

  @Override
  public void greeted(Turn turn) {
    search.greeted(turn);
  }

  @Override
  public void connected(Turn turn) {
    search.connected(current().store().place(), turn);
  }

  @Override
  public void reused(Turn turn) {
    search.keptConnection(turn);
  }

  @Override
  public void named(Turn turn) {
    search.named(turn);
  }

  @Override
  public void opened(StoreConversation store, Turn turn) {
    relay.heard().heard(store.place().host(), store.extensions(), turn.nowNanos());
  }

  @Override
  public LmtpReply withoutSmtpUtf8(Turn turn) {
    return relay.heard().withoutSmtpUtf8(search.group(), turn.nowNanos());
  }

  @Override
  public LmtpReply tooLong(long octets, Turn turn) {
    return relay.heard().tooLong(search.group(), octets, turn.nowNanos());
  }

  @Override
  public void referred(Referral referral, Turn turn) {
    StoreAttempt from = current();
    HostSearch.Next next = search.referredByGreeting(from.store().place(), referral, turn);
    if (search.ledAway()) {
      recipients.open().forEach(recipient -> forget(recipient, turn));
    }
    if (next == null) {
      from.obey(from.store().goOn(), turn);
    } else {
      replace(from, next, turn);
    }
  }

  @Override
  public void recipientAnswered(Recipient recipient, LmtpReply reply, Turn turn) {
    StoreAttempt at = current();
    StorePlace place = at.store().place();
    Referral referral = StoreIntroduction.referralOfRecipient(reply);
    HostSearch.Next next = referral == null ? null : search.referredAtRcpt(place, referral, turn);
    if (next != null) {
      replace(at, next, turn);
      return;
    }
    if (referral != null && search.ledAway()) {
      forget(recipient, turn);
    }
    LmtpReply told = referral == null ? reply : Answers.REFERRED_AWAY;
    search.answered(reply.isPositive(), reply.toString(), turn);
    // The mailbox that a store does not have may have moved since the directory was asked.
    LookupRequest again =
        told.isPermanent() && !recipient.answered()
            ? recipient.doubt(told, place.host().name())
            : null;
    if (again == null) {
      settle(recipient, told, place.host(), turn);
    } else {
      recipients.remove(recipient);
      turn.want(new RelayStep.LookUp(recipient, again));
    }
  }

  /** The directory still says that the recipient is where a store refused it. */
  void refusalConfirmed(Recipient recipient, LmtpReply refusal, Turn turn) {
    StoreHost host = new StoreHost(recipient.host());
    if (recipient.accepted()) {
      finish(recipient, refusal, host, turn);
    } else {
      settle(recipient, refusal, host, turn);
    }
  }

  private void settle(Recipient recipient, LmtpReply reply, StoreHost host, Turn turn) {
    KnownMailboxes.Judgement judgement = judged(recipient, reply, host, turn);
    boolean believed = judgement == KnownMailboxes.Judgement.BELIEVED;
    recipient.answerRcpt(believed ? reply : Answers.MISSING, host.name());
    StoreAttempt at = attempt;
    if (judgement == KnownMailboxes.Judgement.HOST_FAILED
        && at != null
        && at.store().place().host().equals(host)
        && at.stage().compareTo(DeliveryStage.DATA) < 0) {
      String said = host + " has lost mailboxes: " + reply;
      replace(at, search.failed(host, AttemptOutcome.MAILBOXES_LOST, said, turn), turn);
    }
  }

  private static void forget(Recipient recipient, Turn turn) {
    turn.want(new RelayStep.Forget(recipient.login()));
  }

  @Override
  public void recipientFinished(Recipient recipient, LmtpReply reply, Turn turn) {
    StoreHost host = current().store().place().host();
    boolean referred = StoreIntroduction.referralOfRecipient(reply) != null;
    LmtpReply last = referred ? Answers.REFERRED_AWAY : reply;
    if (last.isPositive()) {
      relay.known().took(search.group(), host, recipient.command().recipient().mailbox());
    }
    LookupRequest again = last.isPermanent() ? recipient.doubt(last, host.name()) : null;
    if (again == null) {
      finish(recipient, last, host, turn);
    } else {
      recipients.remove(recipient);
      turn.want(new RelayStep.LookUp(recipient, again));
    }
  }

  private void finish(Recipient recipient, LmtpReply reply, StoreHost host, Turn turn) {
    boolean believed = judged(recipient, reply, host, turn) == KnownMailboxes.Judgement.BELIEVED;
    recipient.finish(believed ? reply : Answers.MISSING, host.name());
  }

  /** Whether a store's word on a recipient can be true (rule B5.20). */
  private KnownMailboxes.Judgement judged(
      Recipient recipient, LmtpReply reply, StoreHost host, Turn turn) {
    String mailbox = recipient.command().recipient().mailbox();
    KnownMailboxes.Judgement judgement =
        relay
            .known()
            .answered(search.group(), host, mailbox, reply, recipient.certain(), turn.nowNanos());
    if (judgement != KnownMailboxes.Judgement.BELIEVED) {
      boolean failed = judgement == KnownMailboxes.Judgement.HOST_FAILED;
      relay.listener().mailboxMissing(search.group().name(), host.name(), mailbox, failed);
      if (failed) {
        search.mailboxesLost(host, turn);
      }
    }
    return judgement;
  }

  @Override
  public void completed(Turn turn) {
    leave(turn);
    search.abandon(turn);
  }

  @Override
  public void refused(LmtpReply reply, Turn turn) {
    StoreAttempt ended = leave(turn);
    String host = ended.store().place().host().name();
    search.answered(false, reply.toString(), turn);
    if (ended.stage().compareTo(DeliveryStage.DATA) < 0) {
      recipients.open().forEach(each -> each.answerRcpt(reply, host));
    }
    conclude(reply, host, host + " refused with " + reply, turn);
  }

  @Override
  public void failed(AttemptOutcome outcome, String reason, Turn turn) {
    StoreAttempt ended = leave(turn);
    StorePlace place = ended.store().place();
    if (recipients.finished()) {
      search.abandon(turn);
    } else if (ended.mayBeStale()) {
      search.newConnection();
      begin(attempts.again(place, turn), turn);
    } else {
      why = reason;
      obey(search.failed(place.host(), outcome, reason, turn), turn);
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
    clock.timeline().stop(turn.nowNanos());
    return ended;
  }

  private void obey(HostSearch.Next next, Turn turn) {
    if (next.place() != null) {
      why = next.reason();
      begin(attempts.at(next.place(), turn), turn);
    } else if (next.await() != null) {
      Choice choice = next.await();
      wait = choice;
      turn.want(new RelayStep.Await(choice, wake -> search.awaitChange(choice, wake)));
    } else if (next.failure() != null) {
      conclude(next.failure(), "", next.reason(), turn);
    }
  }

  private void begin(StoreAttempt begun, Turn turn) {
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

  private void replace(StoreAttempt ended, HostSearch.Next next, Turn turn) {
    attempt = null;
    ended.abandon(turn);
    clock.timeline().stop(turn.nowNanos());
    obey(next, turn);
  }

  private void conclude(LmtpReply reply, String host, String reason, Turn turn) {
    search.abandon(turn);
    wait = null;
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
