package org.openmmp.lmtp.transaction;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.LmtpConfig;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.lmtp.protocol.EnvelopeCommand;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.lmtp.store.StoreCapacity;
import org.openmmp.lmtp.store.StoreKey;

/**
 * One mail transaction of a client: its recipients in order, and one {@link GroupDelivery} for each
 * group that they lead to (rules B5.2, B5.3).
 */
final class Transaction {
  private final Relay relay;
  private final Envelope envelope;
  private final RecipientPlan plan;
  private final long begunNanos;
  private final StoreCapacity.Party party;
  private final List<Recipient> recipients = new ArrayList<>();
  private final Map<RecipientPlan.Destination, GroupDelivery> deliveries = new LinkedHashMap<>();
  private int firstOpen;
  private int oddRecipients;
  private boolean messageBegun;

  Transaction(Relay relay, RelayClient client, EnvelopeCommand mail, long nowNanos) {
    this.relay = relay;
    this.envelope = new Envelope(mail, client, relay.routing().get());
    this.plan = new RecipientPlan(relay.settings(), envelope);
    this.begunNanos = nowNanos;
    this.party = relay.capacity().party(relay.idle());
  }

  EnvelopeCommand mail() {
    return envelope.mail();
  }

  int recipients() {
    return recipients.size();
  }

  /** One more recipient whose address is none; how many there were. */
  int countOddRecipient() {
    return ++oddRecipients;
  }

  /** Deliveries that still have to come to their end. */
  int openDeliveries() {
    int open = 0;
    for (GroupDelivery each : deliveries.values()) {
      open += each.finished() ? 0 : 1;
    }
    return open;
  }

  Collection<GroupDelivery> deliveries() {
    return deliveries.values();
  }

  /** One more recipient, of that key, which follows the last one's; its reply goes there. */
  void rcpt(int key, EnvelopeCommand command, ReplyQueue.Slot slot, Turn turn) {
    Recipient recipient = new Recipient(key, command, slot);
    recipients.add(recipient);
    LookupRequest request = plan.request(command);
    recipient.ask(request);
    turn.want(new RelayStep.LookUp(key, request));
  }

  /** The directory answered; without effect on a recipient of another transaction. */
  void onLookup(int key, LookupResult found, Turn turn) {
    // Keys follow one another.
    int index = recipients.isEmpty() ? -1 : key - recipients.get(0).key();
    if (index >= 0 && index < recipients.size() && recipients.get(index).awaitsLookup()) {
      onLookup(recipients.get(index), found, turn);
    }
  }

  private void onLookup(Recipient recipient, LookupResult found, Turn turn) {
    LmtpReply confirmed = recipient.confirmedRefusal(found);
    if (confirmed != null) {
      refusalConfirmed(recipient, confirmed, found, turn);
      return;
    }
    recipient.found(found);
    LookupRequest again = Answers.isFinal(found.kind()) ? recipient.doubt(null, "") : null;
    if (again != null) {
      turn.want(new RelayStep.LookUp(recipient.key(), again));
      return;
    }
    RecipientPlan.Route route = plan.route(recipient.original(), found);
    recipient.noteWhy(route.why());
    recipient.noteLogin(found.login());
    RecipientPlan.Destination destination = route.destination();
    if (recipient.accepted()) {
      // The message went where the mailbox is no more; the MTA brings it again.
      LmtpReply refusal = route.refusal();
      recipient.finish(refusal == null ? Answers.REFERRED_AWAY : refusal, "");
      return;
    }
    if (destination == null) {
      recipient.answerRcpt(Objects.requireNonNull(route.refusal()), "");
      return;
    }
    recipient.route(destination.group().name(), route.command());
    GroupDelivery delivery = deliveries.get(destination);
    if (delivery == null) {
      delivery =
          new GroupDelivery(
              relay,
              envelope,
              destination.group(),
              destination.mailHost(),
              relay.bulkheads().enter(destination.bulkhead(), turn.nowNanos()),
              party.claim(),
              turn.nowNanos());
      deliveries.put(destination, delivery);
    }
    delivery.add(recipient, turn);
  }

  private void refusalConfirmed(
      Recipient recipient, LmtpReply refusal, LookupResult found, Turn turn) {
    var destination = plan.route(recipient.original(), found).destination();
    GroupDelivery delivery = destination == null ? null : deliveries.get(destination);
    if (delivery == null) {
      recipient.conclude(refusal, recipient.host());
    } else {
      delivery.refusalConfirmed(recipient, refusal, turn);
    }
  }

  /** Whether there is a recipient that the client was promised for. */
  boolean hasAccepted() {
    return recipients.stream().anyMatch(Recipient::accepted);
  }

  /** The client's message begins, in chunks or behind DATA. */
  void beginMessage(boolean chunked, Turn turn) {
    messageBegun = true;
    // What may hold a bare CR or LF goes on in chunks wherever it can (rule B5.16).
    boolean inChunks =
        chunked || relay.settings().config().bareNewlines() == LmtpConfig.BareNewlines.PASS;
    List.copyOf(deliveries.values()).forEach(each -> each.sendBody(inChunks, turn));
  }

  /** The message has a CR or LF that is no line end, and may have. */
  void onBareNewline(Turn turn) {
    deliveries.values().forEach(each -> each.onBareNewline(turn));
  }

  /** The client's message is complete: it waits for one reply for each accepted recipient. */
  void completeMessage(long octets, ReplyQueue replies, Turn turn) {
    for (Recipient recipient : recipients) {
      if (recipient.accepted()) {
        recipient.expectFinal(replies.open());
      }
    }
    deliveries.values().forEach(each -> each.onMessageComplete(octets, turn));
  }

  /** Nothing more is delivered: who has no last word gets this one. */
  void end(LmtpReply reply, String reason, Turn turn) {
    deliveries.values().forEach(each -> each.end(reply, reason, turn));
    recipients.forEach(each -> each.conclude(reply, ""));
  }

  /** Who waits for the reply to RCPT gets this one. */
  void refuseWaiting(LmtpReply reply) {
    recipients.stream()
        .filter(each -> !each.answered())
        .forEach(each -> each.answerRcpt(reply, ""));
  }

  /** The client goes no further: nobody is told anything more. */
  void giveUp(String reason, Turn turn) {
    deliveries.values().forEach(each -> each.giveUp(reason, turn));
  }

  /** Whether somebody got the message. */
  boolean hasDelivered() {
    return recipients.stream().anyMatch(Recipient::delivered);
  }

  /** Whether every accepted recipient has its last word. */
  boolean finished() {
    while (firstOpen < recipients.size() && !recipients.get(firstOpen).open()) {
      firstOpen++;
    }
    return firstOpen == recipients.size();
  }

  /** The attempt that is under way at that store; null if it is none of this transaction. */
  @Nullable StoreAttempt attemptAt(StoreKey store) {
    for (GroupDelivery delivery : deliveries.values()) {
      StoreAttempt attempt = delivery.attempt();
      if (attempt != null && attempt.store().key().equals(store)) {
        return attempt;
      }
    }
    return null;
  }

  /** What happened. */
  TransactionReport report(String queueId, long octets, boolean complete, long nowNanos) {
    return new TransactionReport(
        envelope.client(),
        queueId,
        envelope.mail().address().text(),
        octets,
        complete,
        nowNanos - begunNanos,
        deliveries.values().stream().map(GroupDelivery::report).toList(),
        recipients.stream().map(each -> each.report(messageBegun)).toList());
  }
}
