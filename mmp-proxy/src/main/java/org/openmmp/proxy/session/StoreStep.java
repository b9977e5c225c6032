package org.openmmp.proxy.session;

/** What a store's dialogue wants done next. */
public sealed interface StoreStep {
  /**
   * Write to the store; the adapter overwrites the array once it is written, for it may hold a
   * secret.
   */
  @SuppressWarnings("ArrayRecordComponent") // a message in passing, never compared
  record Send(byte[] octets) implements StoreStep {}

  /** Begin TLS now; nothing waits behind the store's go-ahead, the dialogue saw to that (T2). */
  record StartTls() implements StoreStep {}

  /** The greeting was a good one: the time limit of the login begins. */
  record Greeted() implements StoreStep {}

  /** The store asks the client, in base64, and waits for {@link StoreDialogue#respond}. */
  @SuppressWarnings("ArrayRecordComponent") // a message in passing, never compared
  record Challenge(byte[] base64) implements StoreStep {}

  /** The last step: the dialogue is over. */
  record Answered(StoreAnswer answer) implements StoreStep {}
}
