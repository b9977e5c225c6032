package org.openmmp.storesim.imap;

import org.openmmp.storesim.mailbox.StoredMessage;

/** A condition that SEARCH asks for (RFC 3501 section 6.4.4). */
@FunctionalInterface
interface SearchKey {
  /** Whether the message is one of those searched for. */
  boolean matches(Subject subject);

  /**
   * A message that is looked at.
   *
   * @param number its number in the session
   * @param largest the largest number of the session
   * @param largestUid the largest UID of the session
   */
  record Subject(int number, StoredMessage message, int largest, long largestUid) {}
}
