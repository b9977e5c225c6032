package org.openmmp.proxy.session;

import java.util.Locale;

/**
 * Why a session cannot go on at another store (rule B9.3). The list is fixed: it is counted by
 * these names, and none of them tells what is in a mailbox.
 */
public enum Stranded {
  // Seen while the session was followed.
  /** It does something that is not understood, or its octets are of another kind (COMPRESS). */
  NOT_FOLLOWED,
  /** A command is under way that cannot be asked again. */
  COMMAND_OPEN,
  /** A response has begun and has not ended. */
  RESPONSE_OPEN,
  /** The client has asked for the end. */
  LEAVING,
  /** It has used NOTIFY. */
  NOTIFY,
  /** A search result is kept for it in the store (RFC 5182). */
  SAVED_SEARCH,
  /** The store keeps a search up to date for it (RFC 5267). */
  CONTEXT,
  /** It has used a command, or switched on an extension, of which nobody here knows. */
  UNKNOWN_COMMAND,
  /** Whether the store takes it for a client with CONDSTORE is not clear. */
  DIALECT_UNCLEAR,
  /** What is selected, or what of it the client was told, is not clear. */
  SELECTION_UNCLEAR,
  /** Which UIDs the client knows is not known: it has them from before (QRESYNC), or lost some. */
  UIDS_UNKNOWN,
  /** The store did not tell how new the mailbox was that was selected. */
  MODSEQ_UNKNOWN,
  /** More has gone from the mailbox since it was selected than is remembered. */
  TOO_MANY_CHANGES,
  /** The name of the mailbox is too long to be kept. */
  NAME_TOO_LONG,
  /** It has been moved and has not yet been told what was expunged meanwhile. */
  EXPUNGES_WAIT,

  // The verdict upon what the new store says.
  /** The new store lacks something that the client was offered, or that the proof needs. */
  CAPABILITIES,
  /** The new store refused a command, such as the selection of the mailbox. */
  REFUSED,
  /** It is another mailbox: UIDVALIDITY or MAILBOXID is another. */
  MAILBOX,
  /** The new store knows less than the client was told. */
  BEHIND,
  /** What is there and what has gone do not make up what was there. */
  COUNT,
  /** What the client was told to be gone is there again. */
  EXPUNGED_IS_BACK,
  /** A UID means other mail than the client was told. */
  OTHER_MAIL,
  /** Which of the newest messages the client was told of is not certain. */
  AMBIGUOUS,
  /** The mailbox was writable and is not, or the other way round. */
  ACCESS,
  /** The mailbox did not stand still for as long as it takes to look at it. */
  UNSETTLED,
  /** The new store said something that is not understood. */
  NOT_UNDERSTOOD,
  /** There is more to be read or told than a move may take. */
  TOO_LARGE,
  /** The new store went away. */
  STORE_LOST,
  /** While expunges waited, the client sent a command with sequence numbers. */
  NUMBERS_IN_USE,

  // What comes before or around the dialogue with the new store.
  /** The new store did not let the administrator in for that user. */
  LOGIN_REFUSED,
  /** The user may not log in any more. */
  ACCOUNT,
  /** No other store of the group answers. */
  NO_STORE,
  /** The new store did not answer in time. */
  TOO_SLOW,
  /** Its turn came too late: too many others were to be moved first. */
  WAITED_TOO_LONG,
  /** Its stores have ended it several times within a minute: it is theirs to end. */
  ENDED_TOO_OFTEN;

  /** Its name in the log and in metrics. */
  public String cause() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
