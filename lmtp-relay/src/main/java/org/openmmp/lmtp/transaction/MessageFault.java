package org.openmmp.lmtp.transaction;

import org.openmmp.lmtp.protocol.LmtpReply;

/** Why a message is not taken though its recipients were. */
enum MessageFault {
  /** It is longer than what is taken. */
  TOO_LONG(LmtpReply.of(552, "5.3.4", "The message is too big")),
  /** It has a CR or LF that is no line end, and the policy refuses those (rule B5.8). */
  BARE_NEWLINE(LmtpReply.of(554, "5.6.0", "The message has a CR or LF that is no line end")),
  /** It cannot be kept. */
  NO_SPACE(LmtpReply.of(452, "4.3.1", "No space for the message at present; try again later"));

  @SuppressWarnings("Immutable") // a record of an immutable list
  private final LmtpReply reply;

  MessageFault(LmtpReply reply) {
    this.reply = reply;
  }

  /** What every recipient without a last word gets. */
  LmtpReply reply() {
    return reply;
  }
}
