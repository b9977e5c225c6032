package org.openmmp.routing;

/**
 * What a dialogue with a store wants done next, or tells: what all protocols have in common up to
 * the login or the delivery. Each has further ones of its own.
 */
public interface StoreStep {
  /**
   * Write to the store; the adapter of a login overwrites the array once it is written, for it may
   * hold a secret.
   */
  @SuppressWarnings("ArrayRecordComponent") // a message in passing, never compared
  record Send(byte[] octets) implements StoreStep {}

  /** The steps that carry nothing. */
  enum Simple implements StoreStep {
    /** Begin TLS now; nothing waits behind the store's go-ahead, the dialogue saw to that (T2). */
    START_TLS,
    /** The greeting was a good one: the time limit of the login or the delivery begins. */
    GREETED,
    /**
     * All that comes before the login or the transaction was said and answered; a login that is to
     * hold does so here.
     */
    READY,
    /** What is sent next tells the store who the client is: from here on it judges this client. */
    NAMED
  }
}
