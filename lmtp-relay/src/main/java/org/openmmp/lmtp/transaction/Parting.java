package org.openmmp.lmtp.transaction;

import org.openmmp.lmtp.store.StoreConversation;

/** How a store is left at the end of an attempt (rule B5.10). */
enum Parting {
  /** The connection may serve again once RSET is answered, and nothing but that (rule B5.14). */
  RESET_AND_KEEP,
  /** The connection ends, politely. */
  QUIT,
  /** The connection ends without a word: within a message, any word would be part of it. */
  CUT;

  /**
   * The parting after an attempt.
   *
   * @param stage how far it came
   * @param refused whether the store refused it, so that it waits for a command
   * @param broken whether the connection is of no use any more
   */
  static Parting of(StoreConversation store, DeliveryStage stage, boolean refused, boolean broken) {
    boolean between = stage == DeliveryStage.MAIL || stage == DeliveryStage.RCPT || refused;
    boolean through = stage == DeliveryStage.FINAL_REPLIES && store.settled();
    if (broken) {
      return CUT;
    }
    if (store.mayServeAgain() && (between || through)) {
      return RESET_AND_KEEP;
    }
    return between || through || stage == DeliveryStage.GREETING ? QUIT : CUT;
  }
}
