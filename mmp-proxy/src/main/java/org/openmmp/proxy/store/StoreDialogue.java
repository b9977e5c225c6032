package org.openmmp.proxy.store;

import java.util.List;
import org.openmmp.routing.StoreStep;

/**
 * One protocol's dialogue with one store from its greeting to its answer to the login: bytes and
 * events in, steps out. Bounded in lines, untagged responses and octets (rule B6.1).
 */
public interface StoreDialogue {
  /** The store asks the client, in base64, and waits for {@link StoreDialogue#respond}. */
  @SuppressWarnings("ArrayRecordComponent") // a message in passing, never compared
  record Challenge(byte[] base64) implements StoreStep {}

  /** The last step: the dialogue is over. */
  record Answered(StoreAnswer answer) implements StoreStep {}

  /**
   * Stops where the login would begin, and tells {@link StoreStep.Simple#READY}, until {@link
   * #logIn}: no name, no credential and no word of who the client is leaves before (rule B2.31).
   * Told before the first octets come.
   */
  void hold();

  /** Goes on from there, at once or as soon as the store has come so far. */
  List<StoreStep> logIn();

  /** Bytes from the store, in order, cut anywhere. */
  List<StoreStep> onBytes(byte[] octets);

  /** TLS stands after {@link StoreStep.Simple#START_TLS}. */
  List<StoreStep> onTls();

  /** The client's response, in base64, to a {@link Challenge}; overwritten once sent. */
  List<StoreStep> respond(byte[] base64);

  /**
   * After an accepted login: what the store sent behind its answer, for the client; at most once.
   */
  byte[] leftOver();

  /** The bytes that take leave of the store, such as {@code LOGOUT}; empty before the greeting. */
  byte[] leave();
}
