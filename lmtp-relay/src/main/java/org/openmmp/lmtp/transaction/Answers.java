package org.openmmp.lmtp.transaction;

import java.util.Set;
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

  /** The same while a host that speaks it may only be away. */
  static final LmtpReply NO_SMTPUTF8_NOW =
      LmtpReply.of(
          451, "4.6.7", "No store of this mailbox takes UTF-8 addresses now; try again later");

  /** The message is longer than the store takes (RFC 1870 section 6.1). */
  static final LmtpReply TOO_LONG =
      LmtpReply.of(552, "5.3.4", "The message is too big for the store of this mailbox");

  /** The same while another host of the group, which takes it, may only be away. */
  static final LmtpReply TOO_LONG_NOW =
      LmtpReply.of(
          451, "4.3.4", "The message is too big for the store that serves now; try again later");

  /** It would have to go as data, within which a store might find an end (rule B5.16). */
  static final LmtpReply BARE_NEWLINE =
      LmtpReply.of(
          554,
          "5.6.0",
          "The message has a CR or LF that is no line end, and its store no CHUNKING");

  /** The process ends before the store has said its last word. */
  static final LmtpReply SHUTTING_DOWN =
      LmtpReply.of(451, "4.3.2", "This relay shuts down; please try again later");

  /** The first host took the recipient and died; the next one's "no" may be its own fault. */
  static final LmtpReply NOT_IN_STEP =
      LmtpReply.of(451, "4.3.0", "The stores of this mailbox are not of one mind; try again later");

  /** The directory knows the mailbox, its store had it, and now says that there is none. */
  static final LmtpReply MISSING =
      LmtpReply.of(451, "4.2.0", "This mailbox is missing at its store; please try again later");

  /** Nobody has the mailbox, which may be only not there yet (rule B2.27). */
  static final LmtpReply IN_RECOVERY =
      LmtpReply.of(451, "4.2.0", "Mailboxes are being restored here; please try again later");

  /** As many deliveries as may wait for a group's stores are waiting already (rule B5.17). */
  static final LmtpReply STUCK =
      LmtpReply.of(451, "4.3.2", "The stores of this mailbox are slow to answer; try again later");

  /** The store gives this relay no more connections now (rule B5.18). */
  static final LmtpReply FULL =
      LmtpReply.of(451, "4.3.2", "The store of this mailbox is busy; please try again later");

  /** What a store says to this relay, and not of the message (rule B5.4). */
  private static final Set<Integer> OF_THE_SESSION =
      Set.of(500, 502, 503, 504, 521, 530, 532, 534, 535, 538);

  /** The entry, or where it leads, cannot be used at present (rules B1.9, B2.1). */
  static final LmtpReply UNAVAILABLE =
      LmtpReply.of(451, "4.3.0", "This mailbox cannot be found at present; try again later");

  /** Those that tell of a trouble that an administrator may be asked about. */
  private static final Set<LmtpReply> FOR_NOW =
      Set.of(
          NO_STORE,
          NO_MASTER,
          LOST,
          NO_RESOURCE,
          REFERRED_AWAY,
          NO_SMTPUTF8_NOW,
          TOO_LONG_NOW,
          SHUTTING_DOWN,
          NOT_IN_STEP,
          MISSING,
          IN_RECOVERY,
          STUCK,
          FULL,
          UNAVAILABLE,
          of(LookupResult.Kind.INACTIVE),
          of(LookupResult.Kind.DIRECTORY_DOWN));

  private Answers() {}

  /** The same, which leads to its line in the log if it is such a one. */
  static LmtpReply withReference(LmtpReply reply, String reference) {
    return reply.isTemporary() && FOR_NOW.contains(reply)
        ? LmtpReply.of(reply.code(), reply.status(), reply.text() + reference)
        : reply;
  }

  /**
   * A store's reply to MAIL or what follows, as far as it is about the recipient or the message: a
   * refusal of this relay's session, for want of a login or of TLS perhaps, is temporary.
   */
  static LmtpReply ofStore(LmtpReply reply) {
    boolean sequence = reply.isPermanent() && reply.status().equals("5.5.1");
    return OF_THE_SESSION.contains(reply.code()) || sequence
        ? LmtpReply.of(451, "4.3.5", "The store does not serve this relay: " + reply)
        : reply;
  }

  /** Whether a recipient is refused for good by that. */
  static boolean isFinal(LookupResult.Kind kind) {
    return switch (kind) {
      case NO_SUCH_USER, DELETED, DISABLED -> true;
      case FOUND, INACTIVE, NOT_ALLOWED, NO_MAIL_HOST, AMBIGUOUS, BAD_ENTRY, DIRECTORY_DOWN ->
          false;
    };
  }

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
