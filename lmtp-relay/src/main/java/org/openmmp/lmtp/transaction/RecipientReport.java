package org.openmmp.lmtp.transaction;

import org.openmmp.lmtp.protocol.LmtpReply;

/**
 * What became of one recipient.
 *
 * @param recipient as the client sent it; octets of its choice, to be made safe before printing
 * @param group the group it was routed to; empty for none
 * @param host the host whose word it is; empty for this relay's own
 * @param outcome what it comes to
 * @param code the reply's code; 0 if it got none
 * @param reply the whole reply; a peer's words
 * @param why where it was sent on or refused from: the directory's reason, or the group table's
 */
public record RecipientReport(
    String recipient,
    String group,
    String host,
    Outcome outcome,
    int code,
    String reply,
    String why) {
  /** What a recipient's replies come to. */
  public enum Outcome {
    /** Its store has the message. */
    DELIVERED,
    /** The client was told to come again. */
    DEFERRED,
    /** It was refused for good. */
    REFUSED,
    /** It was accepted, and the client sent no message: MTAs verify addresses so. */
    VERIFIED,
    /** The client went away before its reply, or within its message. */
    ABANDONED;

    /** What a last reply means. */
    static Outcome of(LmtpReply last) {
      return last.isPositive() ? DELIVERED : last.isTemporary() ? DEFERRED : REFUSED;
    }
  }
}
