package org.openmmp.lmtp.transaction;

import java.util.Locale;
import org.openmmp.lmtp.protocol.LmtpReply;

/** Why the relay ends a session that its client would go on with. */
public enum RelayFarewell {
  /** Nothing came for too long. */
  IDLE(LmtpReply.of(421, "4.4.2", "Nothing came for too long, closing")),
  /** The process ends. */
  SHUTTING_DOWN(LmtpReply.of(421, "4.3.2", "Shutting down, please come again")),
  /** There are too many clients. */
  OVER_LIMIT(LmtpReply.of(421, "4.7.0", "Too many connections, please try again later")),
  /** An administrator keeps clients of that network out. */
  BLOCKED(LmtpReply.of(421, "4.7.0", "The administrator has blocked your network for now")),
  /** Clients of that network may not come in. */
  NOT_LISTED(LmtpReply.of(554, "5.7.1", "No service for clients of this network")),
  /** It speaks another protocol. */
  PROTOCOL_ABUSE(LmtpReply.of(421, "4.7.0", "This is an LMTP server")),
  /** A mistake in the program. */
  INTERNAL_ERROR(LmtpReply.of(421, "4.3.0", "Something went wrong here, please try again later"));

  @SuppressWarnings("Immutable") // a record of an immutable list
  private final LmtpReply reply;

  RelayFarewell(LmtpReply reply) {
    this.reply = reply;
  }

  /** The last words, in octets. */
  public byte[] octets() {
    return reply.octets();
  }

  /** Its word in the log. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
