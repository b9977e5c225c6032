package org.openmmp.proxy.session;

import java.util.Arrays;
import java.util.List;

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

  /** What is sent next tells the store who the client is: from here on it judges this login. */
  record Named() implements StoreStep {}

  /** The store asks the client, in base64, and waits for {@link StoreDialogue#respond}. */
  @SuppressWarnings("ArrayRecordComponent") // a message in passing, never compared
  record Challenge(byte[] base64) implements StoreStep {}

  /** The last step: the dialogue is over. */
  record Answered(StoreAnswer answer) implements StoreStep {}

  /** Takes back what was to be sent or asked, and overwrites it. */
  static void withdraw(List<StoreStep> steps) {
    for (StoreStep step : steps) {
      if (step instanceof Send send) {
        Arrays.fill(send.octets(), (byte) 0);
      }
    }
    steps.removeIf(step -> step instanceof Send || step instanceof Challenge);
  }
}
