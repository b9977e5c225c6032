package org.openmmp.lmtp.transaction;

import org.openmmp.guard.Farewell;
import org.openmmp.lmtp.protocol.LmtpReply;

/** What clients are told about their commands. */
final class ClientReplies {
  static final LmtpReply OK = LmtpReply.of(250, "2.0.0", "OK");
  static final LmtpReply SENDER_OK = LmtpReply.of(250, "2.1.0", "Sender OK");
  static final LmtpReply BYE = LmtpReply.of(221, "2.0.0", "Goodbye");
  static final LmtpReply NOT_VERIFIED =
      LmtpReply.of(252, "2.5.0", "Cannot verify; send it and see");
  static final LmtpReply BEGIN_TLS = LmtpReply.of(220, "2.0.0", "Begin TLS now");
  static final LmtpReply UNKNOWN = LmtpReply.of(500, "5.5.2", "Unknown command");
  static final LmtpReply NOT_LMTP = LmtpReply.of(500, "5.5.1", "This is LMTP: say LHLO");
  static final LmtpReply NOT_OFFERED = LmtpReply.of(502, "5.5.1", "Command not offered");
  static final LmtpReply NO_NAME = LmtpReply.of(501, "5.5.4", "LHLO and your host name, please");
  static final LmtpReply NO_ARGUMENT = LmtpReply.of(501, "5.5.4", "No argument is allowed there");
  static final LmtpReply OUT_OF_ORDER = LmtpReply.of(503, "5.5.1", "Bad sequence of commands");
  static final LmtpReply NO_RECIPIENTS = LmtpReply.of(503, "5.5.1", "No valid recipients");
  static final LmtpReply TOO_MANY_RECIPIENTS =
      LmtpReply.of(452, "4.5.3", "Too many recipients for one message");
  static final LmtpReply NEEDS_SMTPUTF8 =
      LmtpReply.of(553, "5.6.7", "This address needs SMTPUTF8, which MAIL did not ask for");
  static final LmtpReply NOT_TRUSTED =
      LmtpReply.of(550, "5.7.0", "XCLIENT is not taken from this client");
  static final LmtpReply LINE_TOO_LONG = LmtpReply.of(500, "5.5.2", "Line too long");
  static final LmtpReply MESSAGE_TOO_LONG = LmtpReply.of(552, "5.3.4", "The message is too big");

  /** The policy refuses those (rule B5.8). */
  static final LmtpReply BARE_NEWLINE =
      LmtpReply.of(554, "5.6.0", "The message has a CR or LF that is no line end");

  static final LmtpReply NO_SPACE =
      LmtpReply.of(452, "4.3.1", "No space for the message at present; try again later");
  static final LmtpReply TOO_MANY_ERRORS = LmtpReply.of(421, "4.7.0", "Too many bad commands");
  static final LmtpReply NOT_HTTP = LmtpReply.of(421, "4.7.0", "This is an LMTP server");
  static final LmtpReply INJECTION =
      LmtpReply.of(421, "4.7.0", "Nothing may come behind STARTTLS before TLS");

  private ClientReplies() {}

  /** The last words to a client whose session the relay ends. */
  static LmtpReply farewell(Farewell why) {
    return switch (why) {
      case IDLE -> LmtpReply.of(421, "4.4.2", "Nothing came for too long, closing");
      case PROTOCOL_ABUSE -> NOT_HTTP;
      case TOO_MANY_FAILURES -> TOO_MANY_ERRORS;
      case OVER_LIMIT -> LmtpReply.of(421, "4.7.0", "Too many connections, please try again later");
      case BLOCKED ->
          LmtpReply.of(421, "4.7.0", "The administrator has blocked your network for now");
      case NOT_LISTED -> LmtpReply.of(554, "5.7.1", "No service for clients of this network");
      case KICKED -> LmtpReply.of(421, "4.3.2", "An administrator ended this session");
      case DRAINED ->
          LmtpReply.of(421, "4.3.2", "The store goes out of service, please come again");
      case STORE_SILENT ->
          LmtpReply.of(421, "4.4.2", "The store does not answer, please come again");
      case STORE_LOST -> LmtpReply.of(421, "4.3.2", "The store has failed, please come again");
      case SHUTTING_DOWN -> LmtpReply.of(421, "4.3.2", "Shutting down, please come again");
      case INJECTION -> INJECTION;
      case INTERNAL_ERROR ->
          LmtpReply.of(421, "4.3.0", "Something went wrong here, please try again later");
    };
  }
}
