package org.openmmp.proxy.session;

import java.util.List;

/**
 * One protocol's dialogue with one store from its greeting to its answer to the login: bytes and
 * events in, steps out. Bounded in lines, untagged responses and octets (rule B6.1).
 */
public interface StoreDialogue {
  /** Bytes from the store, in order, cut anywhere. */
  List<StoreStep> onBytes(byte[] octets);

  /** TLS stands after {@link StoreStep.StartTls}. */
  List<StoreStep> onTls();

  /** The client's response, in base64, to a {@link StoreStep.Challenge}; overwritten once sent. */
  List<StoreStep> respond(byte[] base64);

  /**
   * After an accepted login: what the store sent behind its answer, for the client; at most once.
   */
  byte[] leftOver();

  /** The bytes that take leave of the store, such as {@code LOGOUT}; empty before the greeting. */
  byte[] leave();
}
