package org.openmmp.lmtp.transaction;

/** How a simulated host treats a transaction. */
enum Fate {
  /** It does what it should. */
  SERVES,
  REFUSES_CONNECTIONS,
  NEVER_ACCEPTS,
  NEVER_GREETS,
  GREETS_WITH_421,
  GREETS_WITH_GARBAGE,
  REFUSES_LHLO,
  REFUSES_MAIL_FOR_NOW,
  REFUSES_MAIL_FOR_GOOD,
  LEAVES_AT_MAIL,
  DIES_AT_MAIL,
  NEVER_ANSWERS_MAIL,
  DIES_AT_RCPT,
  REFUSES_DATA_FOR_NOW,
  REFUSES_DATA_FOR_GOOD,
  DIES_AT_DATA,
  NEVER_ANSWERS_DATA,
  DIES_IN_BODY,
  STALLS_IN_BODY,
  DIES_AFTER_DOT,
  NEVER_ANSWERS_DOT,
  DIES_AFTER_ONE_REPLY;

  /** Whether a host with this fate comes to say something about recipients. */
  boolean answersRcpt() {
    return this == SERVES || compareTo(REFUSES_DATA_FOR_NOW) >= 0;
  }

  /** Whether a host with this fate may have delivered to some though not all heard of it. */
  boolean losesReplies() {
    return this == DIES_AFTER_DOT || this == NEVER_ANSWERS_DOT || this == DIES_AFTER_ONE_REPLY;
  }
}
