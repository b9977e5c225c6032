package org.openmmp.transport;

/**
 * How a splice ended.
 *
 * @param reason what came first
 * @param octetsToStore that the client sent, left-over bytes included
 * @param octetsToClient that the store sent, likewise
 */
public record SpliceEnd(Reason reason, long octetsToStore, long octetsToClient) {
  /** Why a splice ended. */
  public enum Reason {
    /** The client closed its side first. */
    CLIENT_CLOSED,
    /** The store closed its side first. */
    STORE_CLOSED,
    /** The client's connection broke. */
    CLIENT_RESET,
    /** The store's connection broke. */
    STORE_RESET,
    /** The client's machine, or the way there, gave no sign of life. */
    CLIENT_VANISHED,
    /** The store's machine, or the way there, gave no sign of life. */
    STORE_VANISHED,
    /** Neither side sent anything for too long. */
    IDLE,
    /** We ended it. */
    ENDED;

    /** Whether it was the store's end. */
    boolean byStore() {
      return this == STORE_CLOSED || this == STORE_RESET || this == STORE_VANISHED;
    }
  }
}
