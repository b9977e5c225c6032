package org.openmmp.lmtp.transaction;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.LookupRequest;
import org.openmmp.lmtp.protocol.LmtpReply;
import org.openmmp.repgroup.ReplicationGroup;
import org.openmmp.repgroup.StoreHost;

/**
 * The recipients of one delivery, in the order in which they came, and what a store's word on one
 * of them is worth (rules B5.11, B5.20).
 */
final class DeliveryRecipients {
  private final Relay relay;
  private final ReplicationGroup group;
  private final List<Recipient> all = new ArrayList<>();

  /** Before it nobody is open, or will be again. */
  private int firstOpen;

  private @Nullable LmtpReply verdict;

  DeliveryRecipients(Relay relay, ReplicationGroup group) {
    this.relay = relay;
    this.group = group;
  }

  /** One more; whether it is to be asked about, for there may be a verdict on all already. */
  boolean add(Recipient recipient) {
    all.add(recipient);
    if (verdict != null) {
      recipient.answerRcpt(verdict, "");
    }
    return verdict == null;
  }

  /** Those without a last word. */
  List<Recipient> open() {
    return all.stream().filter(Recipient::open).toList();
  }

  /** Whether the client was told of somebody that the message will be delivered to him. */
  boolean promised() {
    for (Recipient each : all) {
      if (each.accepted()) {
        return true;
      }
    }
    return false;
  }

  /** Whether every one has its last word. */
  boolean finished() {
    while (firstOpen < all.size() && !all.get(firstOpen).open()) {
      firstOpen++;
    }
    return firstOpen == all.size();
  }

  /**
   * Everybody without a last word gets this one, and so does who comes later.
   *
   * @param host whose word it is; empty for this relay's own
   */
  void conclude(LmtpReply reply, String host) {
    verdict = reply;
    all.forEach(each -> each.conclude(reply, host));
  }

  /**
   * A store refused a recipient for good. Its mailbox may have moved since the directory was asked:
   * if that is possible, the directory is asked again and the recipient leaves this delivery.
   */
  boolean doubted(Recipient recipient, LmtpReply reply, StoreHost host, Turn turn) {
    LookupRequest again = reply.isPermanent() ? recipient.doubt(reply, host.name()) : null;
    if (again != null) {
      all.remove(recipient);
      turn.want(new RelayStep.LookUp(recipient.key(), again));
    }
    return again != null;
  }

  /** What the directory said of the recipient is old: its store has referred it elsewhere. */
  static void forget(Recipient recipient, Turn turn) {
    turn.want(new RelayStep.Forget(recipient.login()));
  }

  /** A store answered RCPT; whether that host has failed, for it has lost mailboxes. */
  boolean answer(Recipient recipient, LmtpReply reply, StoreHost host, Turn turn) {
    KnownMailboxes.Judgement judgement = judged(recipient, reply, host, turn);
    boolean believed = judgement == KnownMailboxes.Judgement.BELIEVED;
    recipient.answerRcpt(
        believed ? duringRecovery(recipient, reply) : Answers.MISSING, host.name());
    return judgement == KnownMailboxes.Judgement.HOST_FAILED;
  }

  /** A store gave its last word on the recipient, and the directory has nothing to say to it. */
  void finish(Recipient recipient, LmtpReply reply, StoreHost host, Turn turn) {
    if (reply.isPositive()) {
      relay.known().took(group, host, recipient.command().address().mailbox());
    }
    boolean believed = judged(recipient, reply, host, turn) == KnownMailboxes.Judgement.BELIEVED;
    recipient.finish(believed ? duringRecovery(recipient, reply) : Answers.MISSING, host.name());
  }

  /** A store that is being restored may only not have the mailbox yet (rule B2.27). */
  private LmtpReply duringRecovery(Recipient recipient, LmtpReply reply) {
    return inRecovery(recipient, reply) ? Answers.IN_RECOVERY : reply;
  }

  private boolean inRecovery(Recipient recipient, LmtpReply reply) {
    return KnownMailboxes.saysNoMailbox(reply)
        && !relay
            .routing()
            .get()
            .recovery()
            .of(group.name(), recipient.original().address().mailbox())
            .isEmpty();
  }

  private KnownMailboxes.Judgement judged(
      Recipient recipient, LmtpReply reply, StoreHost host, Turn turn) {
    if (inRecovery(recipient, reply)) {
      return KnownMailboxes.Judgement.BELIEVED; // and no host has lost what it never had
    }
    String mailbox = recipient.command().address().mailbox();
    KnownMailboxes.Judgement judgement =
        relay.known().answered(group, host, mailbox, reply, recipient.certain(), turn.nowNanos());
    if (judgement != KnownMailboxes.Judgement.BELIEVED) {
      boolean failed = judgement == KnownMailboxes.Judgement.HOST_FAILED;
      relay.listener().mailboxMissing(group.name(), host.name(), mailbox, failed);
      if (failed) {
        // That is more than this delivery's trouble.
        relay
            .selector()
            .mailboxesLost(group, RelaySettings.SERVICE, host, turn.nowNanos(), turn.random());
      }
    }
    return judgement;
  }
}
