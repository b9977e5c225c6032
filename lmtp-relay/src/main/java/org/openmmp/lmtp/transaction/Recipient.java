package org.openmmp.lmtp.transaction;

import org.jspecify.annotations.Nullable;
import org.openmmp.directory.LookupRequest;
import org.openmmp.directory.LookupResult;
import org.openmmp.lmtp.protocol.EnvelopeCommand;
import org.openmmp.lmtp.protocol.LmtpReply;

/**
 * One RCPT of a transaction: asked about, accepted or refused, and if accepted answered once more
 * after the message.
 */
final class Recipient {
  private final int key;
  private final EnvelopeCommand original;
  private final ReplyQueue.Slot rcptSlot;
  private EnvelopeCommand command;
  private @Nullable LmtpReply rcptReply;
  private @Nullable LmtpReply finalReply;
  private ReplyQueue.@Nullable Slot finalSlot;
  private String group = "";
  private String host = "";
  private String why = "";
  private String login = "";
  private @Nullable LookupRequest asked;
  private @Nullable LookupResult found;
  private @Nullable LmtpReply doubted;
  private boolean doubtedOnce;

  /**
   * One that nobody was asked about yet.
   *
   * @param key no other recipient of the session has it
   */
  Recipient(int key, EnvelopeCommand command, ReplyQueue.Slot rcptSlot) {
    this.key = key;
    this.original = command;
    this.command = command;
    this.rcptSlot = rcptSlot;
  }

  /** What it is known by in steps. */
  int key() {
    return key;
  }

  /** As the client gave it. */
  EnvelopeCommand original() {
    return original;
  }

  /** Whose the last word on it was; empty for this relay's own. */
  String host() {
    return host;
  }

  /** What a store is told. */
  EnvelopeCommand command() {
    return command;
  }

  /** That is asked of the directory. */
  void ask(LookupRequest request) {
    asked = request;
  }

  /** The directory said that. */
  void found(LookupResult result) {
    found = result;
  }

  /**
   * It would be refused by what the directory's answer led to: what to ask once more before, for
   * that answer was remembered (rule B1.10). Null if there is nothing to ask.
   *
   * @param refusal a store's; null if it is the directory's
   * @param at that store's name
   */
  @Nullable LookupRequest doubt(@Nullable LmtpReply refusal, String at) {
    LookupRequest first = asked;
    LookupResult answer = found;
    if (first == null || answer == null || !answer.isRemembered() || !open() || doubtedOnce) {
      return null;
    }
    doubtedOnce = true;
    doubted = refusal;
    host = at;
    return first.doubting(false);
  }

  /**
   * The directory answered the doubt: the store's refusal if it stands. Null if the recipient has
   * to be routed by the new answer.
   */
  @Nullable LmtpReply confirmedRefusal(LookupResult again) {
    LmtpReply refusal = doubted;
    LookupResult before = found;
    doubted = null;
    return refusal != null && before != null && again.leadsWhere(before) ? refusal : null;
  }

  /** Whether an answer of the directory concerns it still. */
  boolean awaitsLookup() {
    return rcptReply == null || (open() && doubted != null);
  }

  /** Whether the directory was asked after whatever moved it here could have been remembered. */
  boolean certain() {
    return found != null && (!found.isRemembered() || doubtedOnce);
  }

  /** It goes to that group, under that address. */
  void route(String toGroup, EnvelopeCommand as) {
    group = toGroup;
    command = as;
  }

  /** The directory knows it by that name. */
  void noteLogin(String name) {
    login = name;
  }

  /** The name that the directory knows it by; empty until that answered. */
  String login() {
    return login;
  }

  /** Why it goes where it goes, or nowhere. */
  void noteWhy(String reason) {
    why = reason;
  }

  /**
   * The reply to RCPT; the first counts, for a replacement store is not heard by the client. Nor is
   * its permanent "no" to one whom the first store took (rule B5.4).
   */
  void answerRcpt(LmtpReply reply, String atHost) {
    host = atHost;
    if (rcptReply == null) {
      rcptReply = reply;
      rcptSlot.fill(reply.withStatus());
    } else if (!reply.isPositive()) {
      finish(accepted() && reply.isPermanent() ? Answers.NOT_IN_STEP : reply, atHost);
    }
  }

  /** Whether RCPT has its reply. */
  boolean answered() {
    return rcptReply != null;
  }

  /** Whether the client was told that it will be delivered to. */
  boolean accepted() {
    return rcptReply != null && rcptReply.isPositive();
  }

  /** Whether a store took the message for it. */
  boolean delivered() {
    return finalReply != null && finalReply.isPositive();
  }

  /** Whether a store still has to say something about it. */
  boolean open() {
    return rcptReply == null || (accepted() && finalReply == null);
  }

  /** The client waits for the last reply there. */
  void expectFinal(ReplyQueue.Slot slot) {
    finalSlot = slot;
    if (finalReply != null) {
      slot.fill(finalReply.withStatus());
    }
  }

  /** The last reply; the first counts. */
  void finish(LmtpReply reply, String atHost) {
    if (finalReply != null) {
      return;
    }
    host = atHost;
    finalReply = reply;
    if (finalSlot != null) {
      finalSlot.fill(reply.withStatus());
    }
  }

  /** Answers whatever is open with that reply. */
  void conclude(LmtpReply reply, String atHost) {
    if (rcptReply == null) {
      answerRcpt(reply, atHost);
    } else if (accepted()) {
      finish(reply, atHost);
    }
  }

  /**
   * What became of it: the last reply, or that to RCPT.
   *
   * @param messageBegun whether the client began to send the message
   */
  RecipientReport report(boolean messageBegun) {
    LmtpReply last = finalReply == null ? rcptReply : finalReply;
    if (last == null) {
      return new RecipientReport(
          original.address().text(), group, host, RecipientReport.Outcome.ABANDONED, 0, "", why);
    }
    RecipientReport.Outcome outcome =
        open()
            ? messageBegun ? RecipientReport.Outcome.ABANDONED : RecipientReport.Outcome.VERIFIED
            : RecipientReport.Outcome.of(last);
    return new RecipientReport(
        original.address().text(), group, host, outcome, last.code(), last.toString(), why);
  }
}
