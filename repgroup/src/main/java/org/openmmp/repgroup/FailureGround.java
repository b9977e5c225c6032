package org.openmmp.repgroup;

/** The part of a host that has failed, which decides what outweighs the failure (rule B2.18). */
enum FailureGround {
  /** Nobody gets as far as a name; outweighed by an attempt that does. */
  OPENING,
  /** This machine has no way to it (rule B2.25); outweighed likewise. */
  NETWORK,
  /** It answers no logins (rule B2.17); outweighed by a proven login that it lets in. */
  ANSWERS,
  /** It does not know the group's mailboxes (rule B5.20); outweighed likewise. */
  MAILBOXES,
  /** It throws out those it let in (rule B2.20); outweighed by a session that lasts. */
  SESSIONS
}
