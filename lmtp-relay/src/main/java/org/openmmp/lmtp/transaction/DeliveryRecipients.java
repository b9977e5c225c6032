package org.openmmp.lmtp.transaction;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openmmp.lmtp.protocol.LmtpReply;

/** The recipients of one delivery, in the order in which they came. */
final class DeliveryRecipients {
  private final List<Recipient> all = new ArrayList<>();
  private @Nullable LmtpReply verdict;

  /** One more; whether it is to be asked about, for there may be a verdict on all already. */
  boolean add(Recipient recipient) {
    all.add(recipient);
    if (verdict != null) {
      recipient.answerRcpt(verdict, "");
    }
    return verdict == null;
  }

  /** It is not delivered to here any more. */
  void remove(Recipient recipient) {
    all.remove(recipient);
  }

  /** Those without a last word. */
  List<Recipient> open() {
    return all.stream().filter(Recipient::open).toList();
  }

  /** Whether every one has its last word. */
  boolean finished() {
    return all.stream().noneMatch(Recipient::open);
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
}
