package org.openmmp.lmtp.transaction;

import org.openmmp.directory.LookupResult;
import org.openmmp.lmtp.protocol.LmtpReply;

/** The replies that recipients get from this relay and not from a store. */
final class Answers {
  /** All hosts of the group were tried (rule B5.7). */
  static final LmtpReply NO_STORE =
      LmtpReply.of(451, "4.4.1", "No store of this mailbox answers; please try again later");

  /** Hosts answered, and none is master. */
  static final LmtpReply NO_MASTER =
      LmtpReply.of(451, "4.3.2", "The stores of this mailbox have no master; try again later");

  /** The connection was lost behind the end of the message: perhaps it was delivered. */
  static final LmtpReply LOST =
      LmtpReply.of(451, "4.4.2", "The connection to the store was lost; please try again later");

  /** No connection could be made for lack of something on this machine. */
  static final LmtpReply NO_RESOURCE =
      LmtpReply.of(451, "4.3.0", "This relay is short of resources; please try again later");

  /** A store refers to a host that is not of the group. */
  static final LmtpReply REFERRED_AWAY =
      LmtpReply.of(451, "4.3.5", "The mailbox is being moved; please try again later");

  /** No host of the group speaks SMTPUTF8, which the message needs (RFC 6531 section 3.5). */
  static final LmtpReply NO_SMTPUTF8 =
      LmtpReply.of(550, "5.6.7", "The store of this mailbox does not take UTF-8 addresses");

  /** The entry, or where it leads, cannot be used at present (rules B1.9, B2.1). */
  static final LmtpReply UNAVAILABLE =
      LmtpReply.of(451, "4.3.0", "This mailbox cannot be found at present; try again later");

  private Answers() {}

  /** What a recipient gets whom the directory does not give (rules B1.4, B5.2). */
  static LmtpReply of(LookupResult.Kind kind) {
    return switch (kind) {
      case FOUND -> throw new IllegalArgumentException("the store answers for who was found");
      case NO_SUCH_USER, DELETED -> LmtpReply.of(550, "5.1.1", "No such mailbox here");
      case DISABLED -> LmtpReply.of(550, "5.2.1", "This mailbox is disabled");
      case INACTIVE -> LmtpReply.of(451, "4.2.1", "This mailbox is not active at present");
      case NOT_ALLOWED, NO_MAIL_HOST, AMBIGUOUS, BAD_ENTRY -> UNAVAILABLE;
      case DIRECTORY_DOWN ->
          LmtpReply.of(451, "4.4.3", "The directory does not answer; please try again later");
    };
  }
}
